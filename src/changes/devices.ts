/** What a change does under the given back ends, which differ in it. */
import { worstFirst } from './changes.ts';
import { type Change, change, linkName, listed } from './words.ts';

/** How an existing device takes over its new files under one back end. */
export interface DeviceEffect {
  readonly backend: string;
  readonly device: string;
  readonly how: 'live' | 'recreate' | 'reboot';
}

export interface BackendsAsked {
  /** Empty: unknown. */
  readonly backends: readonly string[];
  readonly effects: readonly DeviceEffect[];
  /** Whether the intent selects netplan's renderer, and that changes. */
  readonly followsRenderer?: boolean;
}

/**
 * Changes of an intent under some back ends: without those that concern other back ends, and with
 * what activation does to devices.
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

/** Another system takes over the network. @param was by name, as `is`; empty: none has it */
export function ofSystem(was: string, is: string): Change[] {
  if (was === '' || is === '' || was === is) return [];
  const message = `The network of the host moves from ${was} to ${is}, which must be installed and enabled.`;
  return [change('may-lock-out', 'host', message)];
}

/** One sentence for each device that is not changed live; it names the back ends if they differ. */
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

/** For each device the worst of its effects. */
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
