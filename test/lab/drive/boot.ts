/** A host that boots with the files of a case, is looked at, boots again, and must be the same. */

import type { TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { checkWithoutCable } from '../judge/cable.ts';
import { check } from '../judge/check.ts';
import type { Expected } from '../judge/expected.ts';
import type { Observed } from '../judge/observed.ts';
import type { Guest } from '../network/lan.ts';
import { furnishDisk, type System } from './disk.ts';
import type { Flavour } from './flavours.ts';
import { look, managerOf, readState, untilOnline } from './look.ts';
import { type Binds, type Machine, openMachine, type Running } from './machine.ts';
import type { Online } from './online.ts';
import type { Scene } from './scene.ts';
import { lateNames, openSurroundings, type Surroundings, switchCables } from './surroundings.ts';

export interface Host extends Surroundings {
  readonly image: Image;
  /** What must be there for the back end, what runs the links last (`Backend.needs`). */
  readonly systems: readonly string[];
  /** Which ifupdown it has, if any. */
  readonly flavour?: Flavour;
  /** What is switched on besides. */
  readonly others?: readonly System[];
  readonly hostname: string;
  readonly files: readonly TargetFile[];
  readonly expected: Expected;
  /** The boot may take so long. */
  readonly limitSeconds?: number;
  /** What waits longer waits for something that does not come. */
  readonly waitSeconds?: number;
  /** What of this machine is there besides. */
  readonly binds?: Binds;
  /** Asks the program's own `status`, which must find nothing where all is right. @returns what it found */
  readonly askStatus?: (running: Running) => Promise<string[]>;
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
  { router, guest }: Scene,
  kind: Guest,
): Promise<Boot> {
  const { segments, expected, systems, limitSeconds = 60 } = host;
  const manager = managerOf(systems, host.flavour);
  const online = await untilOnline(running, limitSeconds);
  const early: string[] = [];
  if (host.isCableOut) {
    early.push(...checkWithoutCable(await readState(running, manager), expected));
    await switchCables(router, segments, 'up');
  }
  const observed = await look(running, manager, {
    segments,
    expected,
    guest: kind,
    places: { router, guest },
  });
  const seen = [...checkOnline(online, host), ...early, ...check(observed, expected, manager.good)];
  const failures = seen.length > 0 ? seen : ((await host.askStatus?.(running)) ?? []);
  return { bootId: running.bootId, online, observed, failures };
}

function checkOnline(
  { reached, waits }: Online,
  { systems, waitSeconds = 10 }: Pick<Host, 'systems' | 'waitSeconds'>,
): string[] {
  const unit = systems.includes('networkmanager')
    ? /^NetworkManager/
    : systems.includes('ifupdown')
      ? /^networking/
      : /^systemd-networkd/;
  return [
    ...[...reached].flatMap(([gateway, answered]) =>
      answered ? [] : [`at network-online.target: no answer from ${gateway}`],
    ),
    ...waits.flatMap(({ unit: name, wasRun, result, seconds }) => {
      if (!unit.test(name)) return [];
      if (!wasRun) return [`${name} was not run`];
      if (seconds > waitSeconds) return [`${name} took ${seconds.toFixed(1)} s`];
      return result === 'success' ? [] : [`${name}: ${result}`];
    }),
  ];
}

/** What must not differ from one boot to the next. */
const lasting = ({
  links,
  routes,
  rules,
  states,
  resolver,
}: Observed): Record<string, unknown> => ({
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

/** One boot, for what shows at the first already. */
export function bootOnce(host: Host): Promise<Boot> {
  return withMachine(host, async (machine, surround) => {
    const surroundings = await surround();
    const running = await machine.boot(surroundings);
    return witness(host, running, surroundings, 'macvlan');
  });
}

/** Both boots. `between` may change the disk while the machine is down. */
export function bootTwice(
  host: Host,
  between: (machine: Machine) => void = () => {},
): Promise<Reboot> {
  return withMachine(host, async (machine, surround) => {
    const before = await surround();
    const running = await machine.boot(before);
    const first = await witness(host, running, before, 'macvlan');
    const [after] = await Promise.all([surround(), running.reboot()]);
    await before.end();
    between(machine);
    const second = await witness(host, await machine.boot(after), after, 'macvtap');
    const failures = [
      ...first.failures.map((line) => `first boot: ${line}`),
      ...second.failures.map((line) => `second boot: ${line}`),
      ...(first.bootId === second.bootId ? ['there was no reboot'] : []),
      ...compare(first.observed, second.observed),
    ];
    return { boots: [first, second], failures };
  });
}

/** A furnished machine, and what it is plugged into; all of it is gone afterwards. */
export async function withMachine<T>(
  host: Host,
  body: (machine: Machine, surround: () => Promise<Scene>) => Promise<T>,
): Promise<T> {
  const made: Promise<Scene>[] = [];
  const surround = (): Promise<Scene> => {
    const item = openSurroundings(host);
    made.push(item);
    return item;
  };
  const machine = await openMachine(host.image.root, host.binds);
  try {
    const gateways = host.isCableOut ? [] : gatewaysOf(host.expected);
    const named = host.isNamedLate ? [lateNames(host.segments)] : [];
    await furnishDisk(machine, { ...host, gateways, files: [...host.files, ...named] });
    return await body(machine, surround);
  } finally {
    await machine.end();
    const opened = await Promise.allSettled(made);
    await Promise.all(
      opened.map((item) => (item.status === 'fulfilled' ? item.value.end() : undefined)),
    );
  }
}
