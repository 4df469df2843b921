/** What a host with guests goes through: there and back, with guests that hang, with a power cut; and cures taken out. */
import type { Domain } from '../../drive/domains.ts';
import { BRIDGE, ORIGINAL } from '../change/kinds.ts';
import { GATEWAY } from '../change/lan.ts';

export const GUEST_ADDRESS = '198.51.100.198';
export const RUNS: Domain = {
  name: 'vm1',
  mac: '52:54:00:51:00:a1',
  address: `${GUEST_ADDRESS}/24`,
  gateway: GATEWAY,
};
export const SLEEPS: Domain = { ...RUNS, name: 'vm2', mac: '52:54:00:51:00:a2' };
export const THERE = `${ORIGINAL.intent}guests:
${[RUNS, SLEEPS].map(({ name, mac }) => `  ${name}: {parent: eth0, macaddress: "${mac}"}\n`).join('')}`;

/** What a domain is attached to. */
export const ON_BRIDGE = 'bridge br0';
const ON_NIC = 'direct eth0';

/** How a change ends. */
type End = 'confirmed' | 'timer' | 'power cut';

export interface Turn {
  readonly name: string;
  readonly intent: string;
  readonly end: End;
  /** What the domains are attached to afterwards. */
  readonly is: string;
  /** The guest does not react, and keeps this. */
  readonly keeps?: string;
  /** The guest's memory is in a managed save image, and it does not run. */
  readonly isSaved?: true;
}

const turn = (name: string, intent: string, end: End, is: string): Turn => ({
  ...{ name, intent, end, is },
});
const THERE_CONFIRMED = turn('to macvtap', THERE, 'confirmed', ON_NIC);

/** Each in one system, and all of a host's life with guests in every system. */
export const PLAYS = {
  'guests from a bridge and back': [
    turn('to macvtap, rolled back', THERE, 'timer', ON_BRIDGE),
    THERE_CONFIRMED,
    turn('to the bridge, rolled back', BRIDGE.intent, 'timer', ON_NIC),
    turn('to the bridge', BRIDGE.intent, 'confirmed', ON_BRIDGE),
  ],
  'a guest hangs, and keeps its port': [
    { ...THERE_CONFIRMED, keeps: ON_BRIDGE },
    turn('to the bridge', BRIDGE.intent, 'confirmed', ON_BRIDGE),
  ],
  'a guest hangs, and keeps its macvtap': [
    THERE_CONFIRMED,
    { ...turn('to the bridge', BRIDGE.intent, 'confirmed', ON_BRIDGE), keeps: ON_NIC },
  ],
  'a guest is saved': [{ ...THERE_CONFIRMED, isSaved: true }],
  'power cut with guests': [turn('to macvtap', THERE, 'power cut', ON_BRIDGE)],
} as const satisfies Readonly<Record<string, readonly Turn[]>>;
export type PlayName = keyof typeof PLAYS;

/** What is taken out of the change script, and what must be seen then. */
interface Cure {
  readonly name: string;
  readonly play: PlayName;
  readonly line: string;
  readonly fails: readonly RegExp[];
}

export const CURES: readonly Cure[] = [
  {
    name: 'guests follow the activation',
    play: 'guests from a bridge and back',
    line: '  guests_last after',
    fails: [/^to macvtap: vm1, live: bridge br0, must be direct eth0/],
  },
  {
    name: 'guests follow the rollback',
    play: 'guests from a bridge and back',
    line: '  guests_last before',
    fails: [/^to macvtap, rolled back: guest: .*no answer/],
  },
  {
    name: 'libvirt reads its restored definitions',
    play: 'guests from a bridge and back',
    line: '    read_definitions',
    fails: [/^to macvtap, rolled back: vm2, stored: direct eth0, must be bridge br0/],
  },
  {
    name: 'a macvtap that is not released is deleted',
    play: 'a guest hangs, and keeps its macvtap',
    line: '  [ "$1" = before ] || free_future_ports',
    fails: [/^to the bridge: /],
  },
];
