/** A host that boots with the files of a case, is looked at, boots again, and must be the same. */
import { check } from '../check.ts';
import type { Expected } from '../expected.ts';
import type { TargetFile } from '../host.ts';
import type { Image } from '../images.ts';
import { type Guest, plugIn } from '../lan.ts';
import { type Namespace, openNamespace } from '../namespace.ts';
import type { Observed } from '../observed.ts';
import type { Segment } from '../plan.ts';
import { startServices } from '../services.ts';
import { furnishDisk } from './disk.ts';
import { look, managerOf, untilOnline } from './look.ts';
import { type Machine, openMachine, type Running } from './machine.ts';
import type { Online } from './online.ts';

export interface Host {
  readonly image: Image;
  /** What must be there for the back end, what runs the links last (`Backend.needs`). */
  readonly systems: readonly string[];
  readonly hostname: string;
  readonly files: readonly TargetFile[];
  readonly segments: readonly Segment[];
  readonly expected: Expected;
  /** The boot may take so long. */
  readonly limitSeconds?: number;
  /** How long a DHCP server waits with its answer. */
  readonly delaySeconds?: number;
}

/** The network that a machine is in; for one boot only. */
export interface Lan {
  /** The machine's own: its NICs are in it. */
  readonly network: Namespace;
  readonly router: Namespace;
  readonly guest: Namespace;
  end(): Promise<void>;
}

export async function openLan({ image, segments, delaySeconds }: Host): Promise<Lan> {
  const hasServices = segments.some(({ offers }) => offers.length > 0);
  const opened = await Promise.allSettled([
    openNamespace(),
    openNamespace(hasServices ? image.root : undefined),
    openNamespace(),
  ]);
  const all = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const end = async (): Promise<void> => {
    await Promise.all(all.map((namespace) => namespace.end()));
  };
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    const [network, router, guest] = all as [Namespace, Namespace, Namespace];
    await plugIn(network, router, segments);
    await startServices(router, segments, delaySeconds);
    return { network, router, guest, end };
  } catch (error) {
    await end();
    throw error;
  }
}

export interface Boot {
  readonly bootId: string;
  readonly online: Online;
  readonly observed: Observed;
  /** What of it is not as it must be. */
  readonly failures: readonly string[];
}

/** Gateways that the host can reach, if all is right. */
export const gatewaysOf = ({ pings }: Expected): string[] =>
  pings.flatMap(({ from, to, address, answered }) =>
    from === 'host' && to === 'router' && answered ? [address] : [],
  );

/** Looks at a host that is booting, until all is looked at. */
export async function witness(
  host: Host,
  running: Running,
  { router, guest }: Lan,
  kind: Guest,
): Promise<Boot> {
  const { segments, expected, systems, limitSeconds = 60 } = host;
  const manager = managerOf(systems);
  const online = await untilOnline(running, limitSeconds);
  const observed = await look(running, manager, {
    segments,
    expected,
    guest: kind,
    places: { router, guest },
  });
  const failures = [...checkOnline(online, systems), ...check(observed, expected, manager.good)];
  return { bootId: running.bootId, online, observed, failures };
}

function checkOnline({ reached, waits }: Online, systems: readonly string[]): string[] {
  const unit = systems.includes('networkmanager') ? /^NetworkManager/ : /^systemd-networkd/;
  return [
    ...[...reached].flatMap(([gateway, answered]) =>
      answered ? [] : [`at network-online.target: no answer from ${gateway}`],
    ),
    ...waits.flatMap(({ unit: name, wasRun, result }) => {
      if (!unit.test(name)) return [];
      if (!wasRun) return [`${name} was not run`];
      return result === 'success' ? [] : [`${name}: ${result}`];
    }),
  ];
}

/** What must not differ from one boot to the next. */
const lasting = ({ links, routes, rules, states, resolver }: Observed): Record<string, unknown> => ({
  links: links.map(({ ifname, link, flags, mtu, address, linkinfo, addr_info: addresses }) => ({
    ifname,
    link,
    flags,
    mtu,
    address,
    linkinfo,
    addresses: addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort(),
  })),
  routes: routes
    .map(({ dst, gateway, dev, protocol, prefsrc, metric, table }) =>
      [dst, gateway, dev, protocol, prefsrc, metric, table].join(' '),
    )
    .sort(),
  rules,
  states: [...states].filter(([name]) => name !== 'lo').sort(),
  resolver,
});

/** @returns a line for each part of the state that is another one after the reboot */
export function compare(first: Observed, second: Observed): string[] {
  const after = lasting(second);
  return Object.entries(lasting(first)).flatMap(([part, before]) => {
    const [is, was] = [JSON.stringify(after[part]), JSON.stringify(before)];
    return is === was ? [] : [`after the reboot, ${part}: ${is}, was ${was}`];
  });
}

export interface Reboot {
  readonly boots: readonly [Boot, Boot];
  readonly failures: readonly string[];
}

/** Both boots. `between` may change the disk while the machine is down. */
export async function bootTwice(
  host: Host,
  between: (machine: Machine) => void = () => {},
): Promise<Reboot> {
  const machine = await openMachine(host.image.root);
  const lans: Lan[] = [];
  try {
    const [lan] = await Promise.all([
      openLan(host),
      furnishDisk(machine, { ...host, gateways: gatewaysOf(host.expected) }),
    ]);
    lans.push(lan);
    const running = await machine.boot(lan.network);
    const first = await witness(host, running, lan, 'macvlan');
    const again = openLan(host);
    await Promise.all([running.reboot(), again]).finally(async () => {
      const [one] = await Promise.allSettled([again]);
      if (one.status === 'fulfilled') lans.push(one.value);
    });
    await lan.end();
    between(machine);
    const next = await again;
    const second = await witness(host, await machine.boot(next.network), next, 'macvtap');
    const failures = [
      ...first.failures.map((line) => `first boot: ${line}`),
      ...second.failures.map((line) => `second boot: ${line}`),
      ...(first.bootId === second.bootId ? ['there was no reboot'] : []),
      ...compare(first.observed, second.observed),
    ];
    return { boots: [first, second], failures };
  } finally {
    await machine.end();
    await Promise.all(lans.map((one) => one.end()));
  }
}
