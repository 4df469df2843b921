/**
 * A host with a past: booted, read by `init`, changed by `apply`, and booted again. The kernel has on the shim what
 * it had on the uplink: addresses, routes, rules, MTU, name servers, and the MAC where a lease depends on it.
 */
import { backends as allBackends } from '../../../../src/backends/registry.ts';
import { type Host, withMachine } from '../../drive/boot.ts';
import type { Driver } from '../../drive/drivers.ts';
import { hasService } from '../../drive/flavours.ts';
import { untilOnline } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import { type Program, theProgram } from '../../drive/program.ts';
import type { Scene } from '../../drive/scene.ts';
import type { Image } from '../../image/images.ts';
import type { Expected } from '../../judge/expected.ts';
import { startGuest } from '../../network/lan.ts';
import type { Segment } from '../../network/plan.ts';
import type { Selection } from '../../options.ts';
import { must, PATIENCE } from '../../process.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { driversFor } from '../change/hosts.ts';
import { cables, connect, GATEWAY, macOf } from '../change/lan.ts';
import { noneOf } from '../not-tested.ts';
import { LINK_PASTS } from './links.ts';
import { ADDRESS, CONTAINER, INIT_PASTS, type InitPast, SHIM_ADDRESS } from './pasts.ts';
import { announced, bare, compare, show, untilReached } from './state.ts';

const PART = 'init';
const SHIM = 'veth0';
const INTENT = '/root/host.yaml';

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

/** Of the first past of each back end (in the virtual machine, which is slow: of one), and of a shim beside the NIC. */
function faultsOf({ isKept, needs, backend }: InitPast, isFirst: boolean): Fault[] {
  if (isKept) return [RANGE];
  const isTried = needs === undefined || backend === 'networkd';
  return isFirst && isTried ? [ROUTE] : [];
}

/** @param isInside in the virtual machine: only pasts that no other kernel may make */
export function initTrials(
  { backends, suites }: Pick<Selection, 'backends' | 'suites'>,
  images: readonly Image[],
  isInside: boolean,
): Trial[] {
  const pasts = isInside ? LINK_PASTS : [...INIT_PASTS, ...LINK_PASTS];
  return images
    .filter(({ suite }) => suite === 'trixie' || !suites.includes('trixie'))
    .flatMap((image) =>
      pasts
        .filter(({ backend }) => backends.includes(backend))
        .flatMap((past, index) =>
          driversFor(past.backend, image)
            .filter(
              ({ flavour }) => flavour === undefined || flavour === (past.flavour ?? 'ifupdown'),
            )
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
      const reason = await noneOf(past.needs ?? [], image);
      if (reason !== undefined) return { outcome: 'not judged', reason, failures: [] };
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
      await connect(scene, past.nics, new Map([[macOf('eth0'), ADDRESS]]), macs, past.tag);
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
    const linted = await program.run(running, ['lint', INTENT]);
    evidence['lint'] = linted.text;
    const unclean = uncleanOf(linted, past);
    if (fault) await must(running.inside(['sed', '-i', fault.edit, INTENT]));
    const timeout = `${120 * PATIENCE}s`;
    const words = ['apply', INTENT, '--yes', '--timeout', timeout, ...(past.applied ?? [])];
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
      ...unclean,
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

/** Lint is clean, but for what the host itself deserves. */
function uncleanOf(
  { status, text }: { readonly status: number; readonly text: string },
  { deserves = [] }: InitPast,
): string[] {
  const codes = [...text.matchAll(/ (?:warning|error)\[([\w-]+)\]/g)].map(([, code = '']) => code);
  const others = codes.filter((code) => !deserves.includes(code));
  return status === 0 && others.length === 0 ? [] : [`lint: status ${status}: ${text}`];
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
