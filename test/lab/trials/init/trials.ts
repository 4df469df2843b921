/**
 * A host with a past: booted, read by `init`, changed by `apply`, and booted again. The kernel has on the shim what
 * it had on the uplink: addresses, routes, rules, MTU, name servers, and the MAC where a lease depends on it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import { type Host, withMachine } from '../../drive/boot.ts';
import type { Driver } from '../../drive/drivers.ts';
import { hasService } from '../../drive/flavours.ts';
import { managerOf, untilOnline } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import { type Program, theProgram } from '../../drive/program.ts';
import type { Scene } from '../../drive/scene.ts';
import type { Image } from '../../image/images.ts';
import type { Expected } from '../../judge/expected.ts';
import { readKernel, readRules } from '../../judge/observed.ts';
import { startGuest } from '../../network/lan.ts';
import type { Segment } from '../../network/plan.ts';
import type { Selection } from '../../options.ts';
import { must } from '../../process.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { driversFor } from '../change/hosts.ts';
import { cables, connect, GATEWAY, macOf } from '../change/lan.ts';
import { ADDRESS, CONTAINER, INIT_PASTS, type InitPast, SHIM_ADDRESS } from './pasts.ts';

const PART = 'init';
const SHIM = 'veth0';
const INTENT = '/root/host.yaml';
const SECONDS = 45;

interface Fault {
  readonly title: string;
  /** What sed(1) removes of the intent before `apply`. */
  readonly edit: string;
  /** The difference that must be seen. */
  readonly seenBy: RegExp;
}

const ROUTE: Fault = {
  title: 'a route is left out',
  edit: '/198.18.0.0/d',
  seenBy: /^routes: .*198\.18\.0\.0/,
};
const RANGE: Fault = {
  title: 'the route to the containers is left out',
  edit: '/^    routes:/,/^$/d',
  seenBy: /host → container: no answer/,
};

/** Of the first past of each back end, and of a shim beside the NIC. */
const faultsOf = ({ isKept }: InitPast, isFirst: boolean): Fault[] =>
  isKept ? [RANGE] : isFirst ? [ROUTE] : [];

export function initTrials(
  { backends, suites }: Pick<Selection, 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  return images
    .filter(({ suite }) => suite === 'trixie' || !suites.includes('trixie'))
    .flatMap((image) =>
      INIT_PASTS.filter(({ backend }) => backends.includes(backend)).flatMap((past, index) =>
        driversFor(past.backend, image)
          .filter(({ flavour }) => flavour === undefined || flavour === 'ifupdown')
          .flatMap((driver) => [
            trialOf(past, image, driver),
            ...faultsOf(past, index === 0).map((fault) => trialOf(past, image, driver, fault)),
          ]),
      ),
    );
}

function trialOf(past: InitPast, image: Image, driver: Driver, fault?: Fault): Trial {
  const { name, backend } = past;
  const { suite } = image;
  return {
    part: PART,
    words: [name, backend, suite, ...(fault ? [`negative: ${fault.title}`] : [])],
    repeat: ['--only', PART, '--only', name, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const { flavour, dhcp } = driver;
      if (flavour && !hasService(image, flavour)) {
        return { outcome: 'not judged', reason: `${flavour} has no service here`, failures: [] };
      }
      if (past.isLeased && !dhcp.includes('ipv4')) {
        return { outcome: 'not judged', reason: 'there is no DHCP client', failures: [] };
      }
      const verdict = await adopted(past, image, driver, fault);
      if (!fault) return verdict;
      const seen = verdict.failures.filter((line) => fault.seenBy.test(line));
      return seen.length > 0
        ? { failures: [], notes: seen }
        : { ...verdict, failures: [`not seen: ${fault.title}`, ...verdict.failures] };
    },
  };
}

const NOTHING: Expected = {
  links: [],
  routes: [],
  rules: [],
  pings: [{ from: 'host', to: 'router', address: GATEWAY, answered: true }],
  neighbours: new Map(),
  resolver: { servers: [], domains: [] },
  optionalDomains: [],
  leases: new Map(),
};

function hostOf(
  { backend, nics, files }: InitPast,
  image: Image,
  { flavour }: Driver,
  { binds }: Program,
): Host {
  const found = allBackends.find(({ id }) => id === backend);
  if (!found) throw new Error(`there is no back end ${backend}`);
  return {
    image,
    binds,
    segments: [cables(nics)],
    systems: found.needs,
    ...(flavour && { flavour }),
    hostname: 'kvm1',
    files,
    expected: NOTHING,
  };
}

async function adopted(
  past: InitPast,
  image: Image,
  driver: Driver,
  fault: Fault | undefined,
): Promise<Verdict> {
  const program = await theProgram();
  const host = hostOf(past, image, driver, program);
  const evidence: Record<string, string> = {};
  const failures = await withMachine(host, async (machine, surround) => {
    const plugIn = async (): Promise<Scene> => {
      const scene = await surround();
      const macs = past.isAdvertised ? past.nics.map(macOf) : [];
      await connect(scene, past.nics, new Map([[macOf('eth0'), ADDRESS]]), macs);
      return scene;
    };
    const scene = await plugIn();
    const running = await machine.boot(scene);
    await untilOnline(running, 150);
    const before = await untilReached(running, host, past.uplink, past);
    evidence['before'] = show(before);
    const contained = past.hasContainer ? await startContainer(running, scene) : [];
    const unreached = past.hasContainer ? await pingContainer(running, scene, past) : [];
    if (past.hasContainer && !unreached.includes('host → container: no answer')) {
      return ['host and container reach each other before there is a shim'];
    }
    const written = await program.run(running, ['init', '--write', INTENT, ...(past.words ?? [])]);
    evidence['init'] = written.text;
    if (written.status !== 0) return [`init: status ${written.status}: ${written.text}`];
    evidence['intent'] = await must(running.inside(['cat', INTENT]));
    if (fault) await must(running.inside(['sed', '-i', fault.edit, INTENT]));
    const words = ['apply', INTENT, '--yes', ...(past.applied ?? [])];
    const applied = await program.run(running, words, 240);
    evidence['apply'] = applied.text;
    if (applied.status !== 0) return [`apply: status ${applied.status}: ${applied.text}`];
    const live = past.hasContainer ? await pingContainer(running, scene, past) : [];
    const [next] = await Promise.all([plugIn(), running.reboot()]);
    await scene.end();
    const again = await machine.boot(next);
    await untilOnline(again, 150);
    const after = await untilReached(again, host, past.isKept ? past.uplink : SHIM, past);
    evidence['after'] = show(after);
    const booted = past.hasContainer
      ? [...(await startContainer(again, next)), ...(await pingContainer(again, next, past))]
      : [];
    return [
      ...contained,
      ...live.map((line) => `live: ${line}`),
      ...booted.map((line) => `booted: ${line}`),
      ...compare(before, after, past),
      ...announced(past, written.text),
      ...(past.isKept ? [] : await bare(again, past.uplink)),
    ];
  });
  return { failures, evidence };
}

const SEGMENT: Segment = {
  ...cables(['eth0']),
  // No more than the NIC of any past has.
  mtu: 1400,
  guest: {
    name: 'container0',
    mac: CONTAINER.mac,
    addresses: [`${CONTAINER.address}/24`],
  },
};

/** A macvlan of mode bridge in a namespace of its own, which is what an engine makes. */
const startContainer = (running: Running, { guest }: Scene): Promise<string[]> =>
  startGuest('macvlan', running, guest, SEGMENT);

async function pingContainer(
  running: Running,
  { guest, router }: Scene,
  { isKept }: InitPast,
): Promise<string[]> {
  const pings = [
    ['host → container', running, CONTAINER.address],
    ['container → host', guest, isKept ? SHIM_ADDRESS : ADDRESS],
    ['router → container', router, CONTAINER.address],
    ['router → host', router, ADDRESS],
  ] as const;
  const answers = await Promise.all(
    pings.map(async ([who, place, to]) => ((await place.ping(to)) ? [] : [`${who}: no answer`])),
  );
  return answers.flat();
}

/** What is compared, each part as sorted lines without the name of the link. */
type State = ReadonlyMap<string, readonly string[]>;

const show = (state: State): string =>
  [...state]
    .map(([part, lines]) => `${part}:\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('');

async function stateOf(running: Running, { systems, flavour }: Host, link: string): Promise<State> {
  const { links, routes } = await readKernel(running);
  const own = links.find(({ ifname }) => ifname === link);
  const resolver = managerOf(systems, flavour).resolver(running);
  const rules = (await readRules(running)).filter(({ protocol }) => protocol !== '2');
  const sorted = (lines: readonly string[]): string[] => [...new Set(lines)].sort();
  return new Map([
    ['MAC', [own?.address ?? 'none']],
    ['MTU', [String(own?.mtu ?? 0)]],
    [
      'addresses',
      sorted(
        (own?.addr_info ?? [])
          .filter(({ local }) => !local.startsWith('fe80:'))
          .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      ),
    ],
    [
      'routes',
      sorted(
        routes
          .filter(({ dev, dst }) => dev === link && !/^(?:fe80|ff00|multicast)/.test(dst))
          .map(({ dst, gateway, metric, table }) => [dst, gateway, metric, table].join(' ')),
      ),
    ],
    [
      'rules',
      sorted(rules.map(({ priority, src, dst, table }) => [priority, src, dst, table].join(' '))),
    ],
    ['name servers', sorted(resolver?.servers ?? [])],
  ]);
}

/** Waits until the link has its address and a default route of each family: a lease takes a while. */
async function untilReached(
  running: Running,
  host: Host,
  link: string,
  { isAdvertised }: InitPast,
): Promise<State> {
  const end = performance.now() + SECONDS * 1000;
  for (;;) {
    const state = await stateOf(running, host, link);
    const routes = state.get('routes') ?? [];
    const isThere =
      routes.some((line) => line.startsWith('default')) &&
      (!isAdvertised || routes.some((line) => line.startsWith('default fe80:')));
    const hasAddress = (state.get('addresses') ?? []).some((line) =>
      line.startsWith(`${ADDRESS}/`),
    );
    if ((isThere && hasAddress) || performance.now() > end) return state;
    await sleep(500);
  }
}

/**
 * What `init` announces of a host: NetworkManager's metric of routes to subnets (`100` of `198.51.100.0/24  100 main`)
 * and of advertised routes (`default fe80::1 100 main`).
 */
const BY_MANAGER =
  /^(?:(?:198\.51\.100\.0\/24|2001:db8:51::\/64) {2}(?:\d+)?|\S+ fe80::\S+ (?:100|1024)) ?main$/;
const ANNOUNCED: Readonly<Record<string, RegExp>> = {
  networkmanager: BY_MANAGER,
  'netplan-networkmanager': BY_MANAGER,
};

function announced({ backend, isLeased, isAdvertised }: InitPast, printed: string): string[] {
  if (!ANNOUNCED[backend] || isLeased) return [];
  const missing = [
    ...(/`metric 100` .* routes to the subnets/.test(printed) ? [] : ['subnets']),
    ...(isAdvertised && !/`metric 100` .* advertised routes/.test(printed)
      ? ['advertised routes']
      : []),
  ];
  return missing.map((what) => `init does not announce the metric of ${what}`);
}

/** The MAC is another one where no lease depends on it: the program derives it. */
function compare(before: State, after: State, { backend, isLeased }: InitPast): string[] {
  return [...before].flatMap(([part, all]) => {
    const rest = (lines: readonly string[]): readonly string[] =>
      isLeased || part !== 'routes'
        ? lines
        : lines.filter((line) => !ANNOUNCED[backend]?.test(line));
    const [was, is] = [rest(all), rest(after.get(part) ?? [])];
    if ((part === 'MAC' && !isLeased) || was.join() === is.join()) return [];
    const gone = was.filter((line) => !is.includes(line));
    const more = is.filter((line) => !was.includes(line));
    return [`${part}: missing ${gone.join(', ') || 'none'}; added ${more.join(', ') || 'none'}`];
  });
}

/** The uplink has no address any more. */
async function bare(running: Running, link: string): Promise<string[]> {
  const { links } = await readKernel(running);
  const left = links.find(({ ifname }) => ifname === link)?.addr_info ?? [];
  return left.length === 0
    ? []
    : [`${link} still has ${left.map(({ local }) => local).join(', ')}`];
}
