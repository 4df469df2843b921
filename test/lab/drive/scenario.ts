/** One scenario: files on a host, in a LAN, with a guest. What comes of it is looked at. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyRules, applySysctl, furnish, type TargetFile } from '../image/host.ts';
import type { Image } from '../image/images.ts';
import { type Expected, type Ping, pingKey } from '../judge/expected.ts';
import {
  detectsDuplicates,
  type Observed,
  type Resolver,
  readKernel,
  readNeighbours,
  readRules,
} from '../judge/observed.ts';
import { forgetNeighbours, type Guest, plugIn, startGuest } from '../network/lan.ts';
import type { Segment } from '../network/plan.ts';
import { readLeases, startServices } from '../network/services.ts';
import type { Place } from '../place.ts';
import { PATIENCE } from '../process.ts';
import { settle } from './daemon.ts';
import type { Driver } from './drivers.ts';
import { generate } from './netplan.ts';
import { openScene, type Scene } from './scene.ts';
import { type Asked, askStatus } from './status.ts';

export type Places = Pick<Scene, 'host' | 'guest' | 'router' | 'station'>;

export interface Scenario {
  readonly image: Image;
  /** What must be there for the back end, what runs the links last (`Backend.needs`). */
  readonly systems: readonly string[];
  readonly driver: Driver;
  /** Commands are tried in both directions. */
  readonly isThorough: boolean;
  readonly hostname: string;
  readonly files: readonly TargetFile[];
  readonly segments: readonly Segment[];
  /** Says what to wait for and whom to ping; it is not judged here. */
  readonly expected: Expected;
  readonly guest: Guest;
  /** What the program's own `status` is asked for, at the end. */
  readonly status?: Asked;
  /** What else is done with it, after all was looked at. */
  readonly afterwards?: (places: Places) => Promise<void>;
}

/** Makes the lab, runs the daemon in it, looks, and takes all down again. */
export async function observe(scenario: Scenario): Promise<Observed> {
  const scene = await openScene(scenario.image.root);
  try {
    return await look(scenario, scene);
  } finally {
    await scene.end();
  }
}

async function look(scenario: Scenario, places: Places): Promise<Observed> {
  const { segments, expected } = scenario;
  const { host, guest, router } = places;
  await furnish(host, scenario.hostname, scenario.files);
  await plugIn(host, router, segments);
  await startServices(router, segments);
  // At boot a NIC is there, and its settings with it, before a daemon looks at it.
  const nics = segments.flatMap(({ cables }) => cables.map(({ nic }) => nic));
  await applySysctl(host, nics);
  const complaints = scenario.systems.includes('netplan') ? await generate(host) : [];
  const daemon = await scenario.driver.start(host, scenario.isThorough);
  const awaited = expected.links.map(({ name }) => name);
  await settle(host, daemon, awaited, nics, scenario.driver.limitMs * PATIENCE);
  await applyRules(host, scenario.files);
  const { links, routes } = await readSettled(host, expected, segments);
  const rules = await readRules(host);
  const states = daemon.states();
  const obstacles = (
    await Promise.all(segments.map((item) => startGuest(scenario.guest, host, guest, item)))
  ).flat();
  const heard = await exchange(expected.pings, places);

  const resolver = await daemon.resolver();
  if (resolver) handOver(host, scenario.systems, resolver);
  // Without one nobody hands name servers on, and the program reports so.
  const isNamed = resolver !== undefined;
  const status = scenario.status && (await askStatus(host, scenario.status, isNamed));
  // What comes later is of what is done then, and not of the files.
  const warnings = daemon.warnings().map((line) => `${daemon.id}: ${line}`);
  await scenario.afterwards?.(places);
  // What is seen without a daemon says nothing about files, and must not pass for a fault's effect.
  const ended = daemon.ended();
  if (ended) throw new Error(`${daemon.id} ended (${ended}): ${daemon.output()}`);
  return {
    links,
    routes,
    rules,
    states,
    ...(resolver && { resolver }),
    leases: readLeases(router),
    ...heard,
    warnings: [...complaints, ...warnings],
    obstacles,
    ...(status && { status }),
    evidence: {
      ...(status && { 'status.txt': [...status.running, ...status.files, ''].join('\n') }),
      'daemon.log': daemon.output(),
      'links.json': JSON.stringify(links, null, 1),
      'routes.json': JSON.stringify(routes, null, 1),
      'rules.json': JSON.stringify(rules, null, 1),
      'files.txt': scenario.files.map(({ path, text }) => `# ==> ${path}\n${text}`).join(''),
    },
  };
}

/**
 * A daemon may call a link well while an address is still on its way: the second family's, or one
 * that waits for duplicate detection. What does not come is missed after a while.
 */
export async function readSettled(
  host: Place,
  expected: Expected,
  segments: readonly Segment[],
): Promise<Pick<Observed, 'links' | 'routes'>> {
  const isSlow =
    segments.some(({ offers }) => offers.length > 0) ||
    expected.links.some(({ linkLocal }) => linkLocal.includes('ipv4'));
  const begin = performance.now();
  for (let looks = 1; ; looks += 1) {
    while (performance.now() - begin < DETECTION_MS && (await detectsDuplicates(host))) {
      await sleep(DETECTING_MS);
    }
    const kernel = await readKernel(host);
    const { links } = kernel;
    const waited = performance.now() - begin;
    const isSettled = expected.links.every(({ name, addresses, madeUp, linkLocal }) => {
      const link = links.find(({ ifname }) => ifname === name);
      // The kernel works the carrier of a bridge out up to a second after it is up.
      if (link?.flags.includes('UP') && !link.flags.includes('LOWER_UP')) return false;
      const all = link?.addr_info ?? [];
      const least = addresses.length + madeUp.length + linkLocal.length;
      return all.length >= least && all.every(({ tentative }) => !tentative);
    });
    if (isSettled) {
      // What has just come may have routes that follow.
      if (looks === 1) return kernel;
      await sleep(AGAIN_MS);
      return readKernel(host);
    }
    if (waited > (isSlow ? ON_THEIR_WAY_MS : DETECTION_MS)) return kernel;
    await sleep(AGAIN_MS);
  }
}

/** Plays the part of resolvconf, for whoever reads /etc/resolv.conf. */
function handOver(
  { root }: Pick<Place, 'root'>,
  systems: readonly string[],
  { servers }: Resolver,
) {
  if (!systems.includes('ifupdown')) return;
  const text = servers.map((server) => `nameserver ${server}\n`).join('');
  writeFileSync(`${root}/etc/resolv.conf`, text);
}

const DETECTING_MS = 50;
/** To look costs more than to wait: other trials run meanwhile. */
const AGAIN_MS = 250;
const ON_THEIR_WAY_MS = 12_000;
const DETECTION_MS = 3000;

/** Pings in an order in which what the router learns is by its own question. */
export async function exchange(
  wanted: readonly Ping[],
  places: Readonly<Record<'host' | 'guest' | 'router', Place>>,
): Promise<Pick<Observed, 'answered' | 'neighbours'>> {
  const answered = new Set<string>();
  const send = async (item: Ping): Promise<void> => {
    if (await places[item.from].ping(item.address)) answered.add(pingKey(item));
  };
  const pings = async (from: Ping['from'], to: Ping['to']): Promise<void> => {
    const some = wanted.filter((item) => item.from === from && item.to === to);
    await Promise.all(some.map(send));
  };
  // What counts is what the LAN learns by asking. So the host knows the router already when that
  // asks for it: it would ask back, and the router learn the shim's MAC from the question.
  await pings('host', 'router');
  await forgetNeighbours(places.router);
  const ofGuest = [pings('guest', 'host'), pings('guest', 'router'), pings('router', 'guest')];
  await pings('router', 'host');
  const neighbours = await readNeighbours(places.router);
  // The host's question for the guest is heard by the router too, so it comes last.
  await Promise.all([...ofGuest, pings('host', 'guest')]);
  return { answered, neighbours };
}
