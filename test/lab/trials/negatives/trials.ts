/** Every fault, on every back end that it is for: the check must see it. */
import { renderingsOf } from '../../case.ts';
import type { Image } from '../../image/images.ts';
import type { Observed } from '../../judge/observed.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { askedOf, judge } from '../cases.ts';
import { OF_IFUPDOWN, OF_IPROUTE2 } from './commands.ts';
import type { Negative, Negatives } from './negative.ts';
import { OF_NETPLAN_NETWORKD, OF_NETPLAN_NETWORKMANAGER } from './netplan.ts';
import { OF_NETWORKD } from './networkd.ts';
import { OF_NETWORKMANAGER } from './networkmanager.ts';

const ALL: Readonly<Record<string, Negatives>> = {
  networkd: OF_NETWORKD,
  networkmanager: OF_NETWORKMANAGER,
  'netplan-networkd': OF_NETPLAN_NETWORKD,
  'netplan-networkmanager': OF_NETPLAN_NETWORKMANAGER,
  ifupdown: OF_IFUPDOWN,
  iproute2: OF_IPROUTE2,
};

const PART = 'negatives';

/**
 * On the oldest and the newest suite of those that are selected: what is looked at is the check.
 */
export function negativesOf(
  cases: readonly string[],
  all: readonly Image[],
  backends: readonly string[],
): Trial[] {
  const images = all.filter((_, index) => index === 0 || index === all.length - 1);
  return backends.flatMap((backend) =>
    [...(ALL[backend] ?? [])]
      .filter(([name]) => cases.includes(name))
      .flatMap(([name, faultsOf]) =>
        images.flatMap((image) => {
          const renderings = renderingsOf(name, backend, image);
          const [rendering] = renderings.all;
          // What the program refuses cannot have faults.
          if (!rendering) return [];
          return faultsOf(renderings.model).map((negative): Trial => {
            const { suite } = image;
            return {
              part: PART,
              words: [name, backend, suite, negative.name],
              repeat: [
                ...['--tier', '1', '--case', name, '--backend', backend, '--suite', suite],
                ...['--only', negative.name],
              ],
              run: async () => {
                const files = negative.mutate(rendering.files);
                const { failures, observed } = await judge(
                  renderings,
                  { ...rendering, files },
                  image,
                  { status: askedOf(name, backend, rendering) },
                );
                const verdict = judgeNegative(negative, failures);
                const blind = blindSpots(negative, observed);
                return {
                  failures: [...verdict.failures, ...blind],
                  notes: [...(verdict.notes ?? []), `status: ${observed.status?.running[0]}`],
                  evidence: observed.evidence,
                };
              },
            };
          });
        }),
      ),
  );
}

/**
 * What the program's own `status` does not see: in its files every fault, as they are not those that
 * it renders; in the running host every fault but one that only the daemon's log has.
 */
function blindSpots({ fails }: Negative, { status }: Observed): string[] {
  const isInLog = fails.every(({ source }) => source.startsWith('^warning: '));
  return [
    ...(status?.files.length === 0 ? ['status: no file differs'] : []),
    ...(status?.running.length === 0 && !isInLog ? ['status: the running host is right'] : []),
  ];
}

/** A fault is seen if the check failed, for the fault's own reason, and not for another. */
export function judgeNegative(
  { fails, spares = [] }: Pick<Negative, 'fails' | 'spares'>,
  seen: readonly string[],
): Verdict {
  const reasons = seen.filter((line) => fails.some((must) => must.test(line)));
  const failures = [
    ...(seen.length === 0 ? ['the check let it pass'] : []),
    ...fails
      .filter((must) => !seen.some((line) => must.test(line)))
      .map((must) => `not seen: ${must}`),
    ...seen
      .filter((line) => spares.some((not) => not.test(line)))
      .map((line) => `not its own: ${line}`),
    ...(seen.length > 0 && reasons.length === 0 ? seen.map((line) => `seen: ${line}`) : []),
  ];
  return { failures, notes: [`seen: ${reasons[0] ?? 'nothing of its own'}`] };
}
