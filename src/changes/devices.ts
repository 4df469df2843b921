/** What a change does under the back ends that are asked about, which do not all take it alike. */
import { worstFirst } from './changes.ts';
import { type Change, change, linkName, listed } from './words.ts';

/** How a device that exists gets what its files now say, under one back end. */
export interface DeviceEffect {
  readonly backend: string;
  readonly device: string;
  readonly how: 'live' | 'recreate' | 'reboot';
}

export interface BackendsAsked {
  /** None: nothing is known of them. */
  readonly backends: readonly string[];
  readonly effects: readonly DeviceEffect[];
  /** Whether netplan's renderer is the one that the intent says, and that changes. */
  readonly followsRenderer?: boolean;
}

/**
 * Changes of an intent as they are under some back ends: what concerns others is left out, and what
 * activation does to devices is added.
 */
export function changesUnder(
  changes: readonly Change[],
  { backends, effects, followsRenderer = false }: BackendsAsked,
): Change[] {
  const isOpen = backends.length === 0;
  const holds = {
    'netplan-networkd': isOpen || backends.includes('netplan-networkd'),
    renderer: isOpen || followsRenderer,
  };
  const holding = changes.filter(({ only }) => only === undefined || holds[only]);
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
    const isAll = backends.every((id) => of.has(id));
    const text = HOW[how](linkName(device));
    const message = isAll
      ? `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
      : `With ${listed([...of])}, ${text}`;
    return change('drops-connections', device, message);
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
    `the activation deletes ${link} and creates it again: connections over it drop.`,
  reboot: (link: string): string => `${link} changes only at a reboot.`,
} as const;
