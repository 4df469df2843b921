/**
 * Faults that only a boot shows, each of which must be seen; and the same hosts without the
 * fault, where the LAN is not as obliging as the other trials'.
 */
import { backends } from '../../../../src/backends/registry.ts';
import { bootOnce, bootTwice } from '../../drive/boot.ts';
import { removeFile } from '../../drive/disk.ts';
import { type Driver, driversOf } from '../../drive/drivers.ts';
import { FLAVOURS, type Flavour } from '../../drive/flavours.ts';
import type { Machine } from '../../drive/machine.ts';
import { putFiles, type TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Trial } from '../../trial.ts';
import { SYSCTL, withLine, without, withoutLine } from '../negatives/negative.ts';
import { hostOf, PART, repeatOf } from './host.ts';

interface Fault {
  readonly name: string;
  readonly case: string;
  readonly backend: string;
  readonly suite: string;
  /** Which ifupdown it has; absent: the first. */
  readonly flavour?: Flavour;
  /** Only where the back end is named: what is made by commands takes long. */
  readonly isLong?: boolean;
  readonly isNamedLate?: boolean;
  readonly isCableOut?: boolean;
  readonly waitSeconds?: number;
  readonly delaySeconds?: number;
  /** The boot may take so long. */
  readonly limitSeconds?: number;
  mutate?(files: readonly TargetFile[]): TargetFile[];
  /** Done to the disk between two boots. */
  between?(machine: Machine): void;
  /** Each of these must match a failure; none of them: all must be well. */
  readonly fails: readonly RegExp[];
  /** All failures must match this one: what is right before the fault stays right. */
  readonly only?: RegExp;
}

const WAIT_FILES = /systemd-networkd-wait-online\.service\.d|network-online\.target\.d/;
const PARENT = '/etc/systemd/network/00-macvtap-eth0.network';
const WAIT_FOR_SHIM = '/etc/systemd/system/systemd-networkd-wait-online.service.d/10-netplan.conf';
const SHORT_WAIT = '/etc/systemd/system/systemd-networkd-wait-online.service.d/99-lab.conf';
const NETDEV = '/etc/systemd/network/00-macvtap-veth0.netdev';
const PROFILE = '/etc/NetworkManager/system-connections/macvtap-eth0.nmconnection';

/** A server that takes its time: what says that it is online too soon is found out. */
const SLOW = { case: 'dhcp', delaySeconds: 3 } as const;

/** ifupdown2's own service is in no order with anything. */
const IFUPDOWN2 = {
  case: 'original',
  backend: 'ifupdown',
  flavour: 'ifupdown2',
  suite: 'bookworm',
  isLong: true,
} as const;
const ORDER = '/etc/systemd/system/networking.service.d/90-macvtap.conf';

const FAULTS: readonly Fault[] = [
  {
    // First, as it takes longest: NetworkManager-wait-online gives up after a minute.
    name: "the parent's profile missing",
    case: 'original',
    backend: 'networkmanager',
    suite: 'bookworm',
    limitSeconds: 100,
    mutate: (files) => without(files, [PROFILE]),
    fails: [/^NetworkManager-wait-online\.service(?:: exit-code| took 6\d\.)/],
  },
  ...['netplan-networkd', 'networkd', 'networkmanager'].map(
    (backend): Fault => ({
      ...SLOW,
      name: 'a slow DHCP server',
      backend,
      suite: 'trixie',
      fails: [],
    }),
  ),
  {
    ...SLOW,
    name: 'a slow DHCP server, and no drop-ins for wait-online',
    backend: 'netplan-networkd',
    suite: 'trixie',
    mutate: (files) => {
      const paths = files.map(({ path }) => path).filter((path) => WAIT_FILES.test(path));
      return without(files, paths.length === 2 ? paths : ['both drop-ins']);
    },
    fails: [/^at network-online\.target: no answer from/],
    only: /network-online|wait-online/,
  },
  {
    name: 'the shim is there at one boot only',
    case: 'original',
    backend: 'networkd',
    suite: 'bookworm',
    between: (machine) => {
      removeFile(machine, NETDEV);
      removeFile(machine, WAIT_FOR_SHIM);
    },
    fails: [
      /^second boot: veth0: there is no such link/,
      /^second boot: at network-online\.target: no answer from/,
      /^after the reboot, links: /,
    ],
    only: /^(?:second boot|after the reboot)/,
  },
  {
    // Boot waits by the name of the shim: the service must not end well without it.
    name: 'the shim is there at one boot only, and boot waits for it',
    case: 'original',
    backend: 'networkd',
    suite: 'bookworm',
    between: (machine) => {
      removeFile(machine, NETDEV);
      const text = '[Service]\nTimeoutStartSec=15\n';
      putFiles(machine.root, [{ path: SHORT_WAIT, mode: 0o644, text }]);
    },
    fails: [/^second boot: systemd-networkd-wait-online\.service(?:: timeout| took 1\d\.)/],
    only: /^(?:second boot|after the reboot)/,
  },
  {
    name: 'an unknown key',
    case: 'original',
    backend: 'networkd',
    suite: 'trixie',
    mutate: (files) => withLine(files, PARENT, /^MACVLAN=/, 'MacVlanned=yes\nMACVLAN=veth0'),
    fails: [/^warning: systemd-networkd: .*00-macvtap-eth0\.network:\d+: Unknown key.*MacVlanned/],
    only: /Unknown key/,
  },
  {
    name: 'the `pre-up` that makes the shim missing',
    case: 'original',
    backend: 'ifupdown',
    suite: 'trixie',
    mutate: (files) =>
      withoutLine(files, '/etc/network/interfaces.d/60-macvtap', /^ +pre-up .*ip link add veth0 /),
    fails: [
      /^at network-online\.target: no answer from/,
      /^networking\.service: exit-code/,
      /^veth0: there is no such link/,
    ],
  },
  {
    ...IFUPDOWN2,
    name: 'no drop-in for its service',
    mutate: (files) => without(files, [ORDER]),
    fails: [/^at network-online\.target: no answer from/],
    only: /network-online/,
  },
  ...FLAVOURS.map(
    (flavour): Fault => ({
      ...IFUPDOWN2,
      case: 'dual-stack',
      flavour,
      name: 'the cables out at boot',
      isCableOut: true,
      // It waits ten seconds for its IPv6 address, and a program starts each second.
      waitSeconds: 20,
      fails: [],
    }),
  ),
  { ...IFUPDOWN2, name: 'NICs that udev names', isNamedLate: true, fails: [] },
  {
    ...IFUPDOWN2,
    name: 'NICs that udev names, and no drop-in for its service',
    isNamedLate: true,
    mutate: (files) => without(files, [ORDER]),
    fails: [/^veth0: there is no such link/],
  },
  {
    name: 'the sysctl file missing',
    case: 'original',
    backend: 'networkd',
    suite: 'bullseye',
    mutate: (files) => without(files, [SYSCTL]),
    fails: [/^the LAN's neighbour 198\.51\.100\.50: 52:54:/],
    only: /neighbour/,
  },
];

/**
 * @param images each fault is tried on its own suite, where that is among them
 * @param isSample without those that are tried only where their back end is named
 */
export function negativeTrials(
  cases: readonly string[],
  images: readonly Image[],
  backends: readonly string[],
  isSample: boolean,
): Trial[] {
  return FAULTS.filter((fault) => cases.includes(fault.case) && backends.includes(fault.backend))
    .filter(({ isLong = false }) => !(isLong && isSample))
    .flatMap((fault) => {
      const image = images.find(({ suite }) => suite === fault.suite);
      return image ? [trialOf(fault, image)] : [];
    });
}

function trialOf(fault: Fault, image: Image): Trial {
  const {
    name,
    backend,
    suite,
    flavour,
    isNamedLate = false,
    isCableOut = false,
    waitSeconds = 10,
    fails,
  } = fault;
  const words = [
    fault.case,
    backend,
    suite,
    ...(flavour ? [flavour] : []),
    name,
    ...(fails.length > 0 ? ['must fail'] : []),
  ];
  return {
    part: PART,
    words,
    repeat: [...repeatOf(fault.case, backend, suite), '--only', name],
    run: async () => {
      const host = hostOf(fault.case, backend, image, driverOf(fault, image));
      if ('refusal' in host) return { failures: [`the program refuses: ${host.refusal}`] };
      const { delaySeconds = 0, limitSeconds = 60, mutate = (same) => [...same] } = fault;
      const faulty = {
        ...host,
        ...{ delaySeconds, limitSeconds, isNamedLate, isCableOut, waitSeconds },
        files: mutate(host.files),
      };
      const { failures } = fault.between
        ? await bootTwice(faulty, fault.between)
        : await bootOnce(faulty);
      return judge(fault, failures);
    },
  };
}

function driverOf({ backend: backendId, flavour }: Fault, image: Image): Driver | undefined {
  const backend = backends.find(({ id }) => id === backendId);
  return backend && driversOf(backend, image).find((driver) => driver.flavour === flavour);
}

/** Whether a fault was seen, and it alone. */
export function judge(
  { fails, only }: Pick<Fault, 'fails' | 'only'>,
  seen: readonly string[],
): {
  failures: string[];
  notes: string[];
} {
  if (fails.length === 0) return { failures: [...seen], notes: [] };
  const reasons = seen.filter((line) => fails.some((must) => must.test(line)));
  const failures = [
    ...(seen.length === 0 ? ['the check let it pass'] : []),
    ...fails
      .filter((must) => !seen.some((line) => must.test(line)))
      .map((must) => `not seen: ${must}`),
    ...seen.filter((line) => only && !only.test(line)).map((line) => `not its own: ${line}`),
  ];
  const others = seen.length - reasons.length;
  return {
    failures,
    notes: [
      ...reasons.map((line) => `seen: ${line}`),
      ...(others > 0 ? [`and ${others} more`] : []),
    ],
  };
}
