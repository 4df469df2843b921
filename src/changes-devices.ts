/** What a change does under the back ends that are asked about, which do not all take it alike. */
import { worstFirst } from './changes.ts';
import { type Change, change, linkName, listed } from './changes-words.ts';

/** How a device that exists gets what its files now say, under one back end. */
export interface DeviceEffect {
  readonly backend: string;
  readonly device: string;
  readonly how: 'live' | 'recreate' | 'reboot';
}

/**
 * Changes of an intent as they are under some back ends: what concerns others is left out, and what
 * activation does to devices is added.
 * @param backends none: nothing is known of them
 */
export function changesUnder(
  changes: readonly Change[],
  backends: readonly string[],
  effects: readonly DeviceEffect[],
): Change[] {
  const hasNetplan = backends.length === 0 || backends.some((id) => id.startsWith('netplan'));
  const holding = changes.filter(({ only }) => only === undefined || hasNetplan);
  return worstFirst([...holding, ...ofEffects(effects, backends)]);
}

/** One sentence for each device that is not changed live; it names back ends that differ in it. */
export function ofEffects(effects: readonly DeviceEffect[], backends: readonly string[]): Change[] {
  const groups = new Map<string, { device: string; how: Hard; of: Set<string> }>();
  for (const { backend, device, how } of hardest(effects)) {
    if (how === 'live') continue;
    const group = groups.get(`${how} ${device}`) ?? { device, how, of: new Set() };
    groups.set(`${how} ${device}`, group);
    group.of.add(backend);
  }
  return [...groups.values()].map(({ device, how, of }) => {
    const where = backends.every((id) => of.has(id)) ? '' : `With ${listed([...of])}: `;
    return change('drops-connections', device, `${where}${HOW[how](linkName(device))}`);
  });
}

type Hard = 'recreate' | 'reboot';

const HARDNESS = ['live', 'recreate', 'reboot'] as const;

/** Of each device the hardest of its effects. */
function hardest(effects: readonly DeviceEffect[]): DeviceEffect[] {
  const found = new Map<string, DeviceEffect>();
  for (const effect of effects) {
    const key = `${effect.backend} ${effect.device}`;
    const known = found.get(key)?.how ?? 'live';
    if (HARDNESS.indexOf(effect.how) >= HARDNESS.indexOf(known)) found.set(key, effect);
  }
  return [...found.values()];
}

const HOW = {
  recreate: (link: string): string =>
    `${link} is deleted and created again by the activation: connections over it drop.`,
  reboot: (link: string): string => `${link} changes only at a reboot.`,
} as const;
