/** One scenario: files on a host, in a LAN, with a guest. What comes of it is looked at. */
import { type Expected, type Ping, type Place, pingKey } from '../expected.ts';
import { applySysctl, furnish, type TargetFile } from '../host.ts';
import type { Image } from '../images.ts';
import { forgetNeighbours, type Guest, ping, plugIn, startGuest } from '../lan.ts';
import { type Namespace, openNamespace } from '../namespace.ts';
import { type Observed, readLinks, readNeighbours, readRoutes, readRules } from '../observed.ts';
import type { Segment } from '../plan.ts';
import { readLeases, startServices } from '../services.ts';
import { type Daemon, settle } from './daemon.ts';
import { generate } from './netplan.ts';
import { startNetworkd } from './networkd.ts';
import { startNetworkManager } from './networkmanager.ts';

export interface Scenario {
  readonly image: Image;
  /** What must be there for the back end, what runs the links last (`Backend.needs`). */
  readonly systems: readonly string[];
  readonly hostname: string;
  readonly files: readonly TargetFile[];
  readonly segments: readonly Segment[];
  /** Says what to wait for and whom to ping; it is not judged here. */
  readonly expected: Expected;
  readonly guest: Guest;
}

/** Makes the lab, runs the daemon in it, looks, and takes all down again. */
export async function observe(scenario: Scenario): Promise<Observed> {
  const { image, segments } = scenario;
  const hasServices = segments.some(({ offers }) => offers.length > 0);
  const opened = await Promise.allSettled([
    openNamespace(image.root),
    openNamespace(),
    openNamespace(hasServices ? image.root : undefined),
  ]);
  const namespaces = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    const [host, guest, router] = namespaces as [Namespace, Namespace, Namespace];
    return await look(scenario, { host, guest, router });
  } finally {
    await Promise.all(namespaces.map((namespace) => namespace.end()));
  }
}

/** Duplicate detection and leases take their time; an IPv4 link-local address ten seconds. */
const LIMIT_MS = 20_000;

async function look(
  scenario: Scenario,
  places: Readonly<Record<Place, Namespace>>,
): Promise<Observed> {
  const { segments, expected } = scenario;
  const { host, guest, router } = places;
  await furnish(host, scenario.hostname, scenario.files);
  await plugIn(host, router, segments);
  await startServices(router, segments);
  // At boot a NIC is there, and its settings with it, before a daemon looks at it.
  const nics = segments.flatMap(({ cables }) => cables.map(({ nic }) => nic));
  for (const nic of nics) await applySysctl(host, nic);
  const complaints = scenario.systems.includes('netplan') ? await generate(host) : [];
  const daemon = await startDaemon(host, scenario.systems);
  const awaited = expected.links.map(({ name }) => name);
  await settle(host, daemon, awaited, LIMIT_MS);
  const links = await readLinks(host);
  const routes = await readRoutes(host);
  const rules = await readRules(host);
  const states = daemon.states();
  const obstacles = (
    await Promise.all(segments.map((one) => startGuest(scenario.guest, host, guest, one)))
  ).flat();
  const heard = await exchange(expected.pings, places);

  // What is seen without a daemon says nothing about files, and must not pass for a fault's effect.
  const ended = daemon.ended();
  if (ended) throw new Error(`${daemon.id} ended (${ended}): ${daemon.output()}`);
  return {
    links,
    routes,
    rules,
    states,
    resolver: await daemon.resolver(),
    leases: readLeases(router),
    ...heard,
    warnings: [...complaints, ...daemon.warnings().map((line) => `${daemon.id}: ${line}`)],
    obstacles,
    evidence: {
      'daemon.log': daemon.output(),
      'links.json': JSON.stringify(links, null, 1),
      'routes.json': JSON.stringify(routes, null, 1),
      'rules.json': JSON.stringify(rules, null, 1),
      'files.txt': scenario.files.map(({ path, text }) => `# ==> ${path}\n${text}`).join(''),
    },
  };
}

const startDaemon = async (host: Namespace, systems: readonly string[]): Promise<Daemon> =>
  systems.includes('networkmanager') ? startNetworkManager(host) : startNetworkd(host);

/** Pings in an order in which what the router learns is by its own question. */
async function exchange(
  wanted: readonly Ping[],
  places: Readonly<Record<Place, Namespace>>,
): Promise<Pick<Observed, 'answered' | 'neighbours'>> {
  const answered = new Set<string>();
  const send = async (one: Ping): Promise<void> => {
    if (await ping(places[one.from], one.address)) answered.add(pingKey(one));
  };
  const pings = async (from: Place, to: Place): Promise<void> => {
    const some = wanted.filter((one) => one.from === from && one.to === to);
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
