/**
 * `parameters` of a bond and of a bridge: the one place of the language where an option is added. The key is netplan's
 * word, which the intent has, too; each row has its type, and the names on other systems.
 * Schema, model, rules and back ends are made from these rows; a key that is in no table of versions
 * does not compile.
 */
import * as v from 'valibot';
import type { KeyfileKey, NetdevKey, ParameterWord } from '../../targets/since.ts';
import { about, flag, oneOf, optional, text, whole } from './words.ts';

/** Modes of a bond, as the kernel calls them (Documentation/networking/bonding). */
export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;

type BondMode = (typeof BOND_MODES)[number];

/** A whole number: of milliseconds, of seconds, or a count. */
interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit?: 'ms' | 's';
}

/** What a parameter takes: one of some words, a number, text, true or false, or addresses. */
type Takes = readonly string[] | Range | 'text' | 'flag' | 'addresses';

export interface Row {
  /** For the page of the key. */
  readonly about: string;
  readonly takes: Takes;
  /** What the kernel and ip-link(8) call it. */
  readonly kernel: string;
  /** The value by default, and why it is not the kernel's own default. */
  readonly default?: { readonly value: number | boolean; readonly why: string };
}

export interface BondRow extends Row {
  /** In section `[Bond]`; absent: systemd has it elsewhere. */
  readonly systemd?: NetdevKey<'Bond'>;
  /** NetworkManager has the kernel's names. */
  readonly kernel: KeyfileKey<'bond'>;
  /** Modes that know it; absent: all. */
  readonly modes?: readonly BondMode[];
}

export interface BridgeRow extends Row {
  /** In section `[Bridge]`. */
  readonly systemd: NetdevKey<'Bridge'>;
}

const MILLISECONDS = { min: 0, max: 86_400_000, unit: 'ms' } as const;
const PREFERRING = ['active-backup', 'balance-tlb', 'balance-alb'] as const;

export const BOND = {
  mode: {
    about: "A bond's mode; required for a bond.",
    takes: BOND_MODES,
    systemd: 'Mode',
    kernel: 'mode',
  },
  primary: {
    about: 'The member that is preferred.',
    takes: 'text',
    // systemd has it in the member's own file: systemd.network(5), [Network] PrimarySlave=.
    kernel: 'primary',
    modes: PREFERRING,
  },
  'primary-reselect-policy': {
    about: 'When the primary takes over again.',
    takes: ['always', 'better', 'failure'],
    systemd: 'PrimaryReselectPolicy',
    kernel: 'primary_reselect',
    modes: PREFERRING,
  },
  'mii-monitor-interval': {
    about:
      'How often the carrier of the members is checked; default: 100, or off with `arp-interval`. 0: never, and the bond does not notice an unplugged cable.',
    takes: MILLISECONDS,
    systemd: 'MIIMonitorSec',
    kernel: 'miimon',
    default: {
      value: 100,
      why: 'Members are checked for their carrier; by default the kernel never checks.',
    },
  },
  'up-delay': {
    about: 'How long after a carrier a member is used.',
    takes: MILLISECONDS,
    systemd: 'UpDelaySec',
    kernel: 'updelay',
  },
  'down-delay': {
    about: 'How long after a lost carrier a member is given up.',
    takes: MILLISECONDS,
    systemd: 'DownDelaySec',
    kernel: 'downdelay',
  },
  'lacp-rate': {
    about: 'How often LACP packets are wanted.',
    takes: ['slow', 'fast'],
    systemd: 'LACPTransmitRate',
    kernel: 'lacp_rate',
    modes: ['802.3ad'],
  },
  'min-links': {
    about: 'How many members must be up for the bond to have a carrier.',
    takes: { min: 0, max: 1024 },
    systemd: 'MinLinks',
    kernel: 'min_links',
    modes: ['802.3ad'],
  },
  'transmit-hash-policy': {
    about: 'How a member is chosen for a packet.',
    takes: ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4'],
    systemd: 'TransmitHashPolicy',
    kernel: 'xmit_hash_policy',
    modes: ['balance-xor', '802.3ad', 'balance-tlb', 'balance-alb'],
  },
  'ad-select': {
    about: 'Which aggregation of links is chosen.',
    takes: ['stable', 'bandwidth', 'count'],
    systemd: 'AdSelect',
    kernel: 'ad_select',
    modes: ['802.3ad'],
  },
  'arp-interval': {
    about: 'How often `arp-ip-targets` are queried, in place of the carrier.',
    takes: MILLISECONDS,
    systemd: 'ARPIntervalSec',
    kernel: 'arp_interval',
    modes: ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'],
  },
  'arp-ip-targets': {
    about: 'IPv4 addresses that must answer; 16 at most.',
    takes: 'addresses',
    systemd: 'ARPIPTargets',
    kernel: 'arp_ip_target',
  },
  'fail-over-mac-policy': {
    about: 'Whose MAC the bond has when the member changes.',
    takes: ['none', 'active', 'follow'],
    systemd: 'FailOverMACPolicy',
    kernel: 'fail_over_mac',
    modes: ['active-backup'],
  },
} as const satisfies Partial<Readonly<Record<ParameterWord, BondRow>>>;

/** NetworkManager has netplan's words. ip-link(8) takes hundredths of a second (USER_HZ). */
export const BRIDGE = {
  stp: {
    about: "A bridge's spanning tree protocol; default: false, as a bridge of one NIC needs none.",
    takes: 'flag',
    systemd: 'STP',
    kernel: 'stp_state',
    default: {
      value: false,
      why: 'A bridge without loops needs none, and is ready at once.',
    },
  },
  'forward-delay': {
    about: 'How long a bridge with STP listens and learns.',
    takes: { min: 0, max: 30, unit: 's' },
    systemd: 'ForwardDelaySec',
    kernel: 'forward_delay',
  },
  'hello-time': {
    about: 'Interval between STP hello messages of the bridge.',
    takes: { min: 1, max: 10, unit: 's' },
    systemd: 'HelloTimeSec',
    kernel: 'hello_time',
  },
  'max-age': {
    about: 'Age at which the bridge discards an STP message.',
    takes: { min: 6, max: 40, unit: 's' },
    systemd: 'MaxAgeSec',
    kernel: 'max_age',
  },
  'ageing-time': {
    about: 'How long a MAC is remembered.',
    takes: { min: 0, max: 1_000_000, unit: 's' },
    systemd: 'AgeingTimeSec',
    kernel: 'ageing_time',
  },
  priority: {
    about: "The bridge's priority in STP.",
    takes: { min: 0, max: 65535 },
    systemd: 'Priority',
    kernel: 'priority',
  },
} as const satisfies Partial<Readonly<Record<ParameterWord & KeyfileKey<'bridge'>, BridgeRow>>>;

type ValueOf<T extends Takes> = T extends 'flag'
  ? boolean
  : T extends 'addresses'
    ? string[]
    : T extends Range
      ? number
      : string;

type Rows = Readonly<Record<string, Row>>;

/** The parameters of a table in an intent. */
export type Values<T extends Rows> = { readonly [W in keyof T]?: ValueOf<T[W]['takes']> };

/** What a number is in: `ms`, `s`, or nothing for a count. */
export const unitOf = ({ takes }: Row): Range['unit'] => (isRange(takes) ? takes.unit : undefined);

type Schemas<T extends Rows> = {
  [W in keyof T]: v.OptionalSchema<v.GenericSchema<ValueOf<T[W]['takes']>>, undefined>;
};

/** For the page of a key: what it is for, its unit, and the modes that know it. */
function describe(row: Row & { readonly modes?: readonly string[] }): string {
  const unit = { ms: ' Milliseconds.', s: ' Seconds.', none: '' }[unitOf(row) ?? 'none'];
  const list = (row.modes ?? []).map((mode) => `\`${mode}\``).join(', ');
  const modes = list === '' ? '' : ` Only in mode ${list}.`;
  return `${row.about}${unit}${modes}`;
}

function schemaOf(row: Row): v.GenericSchema {
  const { takes } = row;
  const description = describe(row);
  if (takes === 'text') return optional(() => text(description));
  if (takes === 'flag') return flag(description);
  if (takes === 'addresses') return optional(() => v.pipe(v.array(v.string()), about(description)));
  if (!isRange(takes)) return oneOf(takes, description);
  return optional(() => whole(takes.min, takes.max, description));
}

const isRange = (takes: Takes): takes is Range => typeof takes === 'object' && 'min' in takes;

/** The entries of the schema of `parameters`, one a row. */
export const schemasOf = <T extends Rows>(table: T): Schemas<T> =>
  Object.fromEntries(
    Object.entries(table).map(([word, row]) => [word, schemaOf(row)]),
  ) as Schemas<T>;
