/** How long: as it is given on a command line, and as it is shown. */

const UNITS = { h: 3600, m: 60, s: 1 } as const;

/**
 * `90`, `90s`, `2m`, `1h30m` → seconds.
 * @returns undefined unless it is a duration from ten seconds to a day
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,6}|(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,6}s)?)$/.test(text) || text === '') {
    return undefined;
  }
  const parts = [...text.matchAll(/(\d+)([hms]?)/g)];
  const seconds = parts
    .map(([, count, unit]) => Number(count) * (unit ? UNITS[unit as keyof typeof UNITS] : 1))
    .reduce((sum, one) => sum + one, 0);
  return seconds >= 10 && seconds <= 86_400 ? seconds : undefined;
}

/** `1:57`, `1:00:03`; never below zero. */
export function clock(seconds: number): string {
  const all = Math.max(0, Math.ceil(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}
