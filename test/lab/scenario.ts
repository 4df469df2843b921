/** One scenario: files on a host, in a LAN, with a guest. What comes of it is looked at. */
import { type Expected, type Ping, type Place, pingKey } from './expected.ts';
import { applySysctl, furnish, type TargetFile } from './host.ts';
import { forgetNeighbours, ping, plugIn, startGuest } from './lan.ts';
import { type Namespace, openNamespace } from './namespace.ts';
import { settle, startNetworkd } from './networkd.ts';
import {
  type Observed,
  readLinks,
  readNeighbours,
  readRoutes,
  readRules,
  readStates,
} from './observed.ts';
import type { Segment } from './plan.ts';

/**
 * Makes the lab, runs networkd in it, looks, and takes all down again.
 * @param expected says what to wait for and whom to ping; it is not judged here
 */
export async function observe(
  files: readonly TargetFile[],
  segments: readonly Segment[],
  expected: Expected,
): Promise<Observed> {
  const opened = await Promise.allSettled([openNamespace(), openNamespace(), openNamespace()]);
  const namespaces = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of opened) if (one.status === 'rejected') throw one.reason;
    const [host, guest, router] = namespaces as [Namespace, Namespace, Namespace];
    return await look(files, segments, expected, { host, guest, router });
  } finally {
    await Promise.all(namespaces.map((namespace) => namespace.end()));
  }
}

async function look(
  files: readonly TargetFile[],
  segments: readonly Segment[],
  expected: Expected,
  places: Readonly<Record<Place, Namespace>>,
): Promise<Observed> {
  const { host, guest, router } = places;
  await furnish(host, files);
  await plugIn(host, router, segments);
  // At boot a NIC is there, and its settings with it, before networkd looks at it.
  const nics = segments.flatMap(({ cables }) => cables.map(({ nic }) => nic));
  for (const nic of nics) await applySysctl(host, nic);
  const networkd = startNetworkd(host);
  const awaited = expected.links.map(({ name }) => name);
  await settle(host, networkd, awaited);
  const links = await readLinks(host);
  const routes = await readRoutes(host);
  const rules = await readRules(host);
  const states = readStates(host);
  const obstacles = (await Promise.all(segments.map((one) => startGuest(host, guest, one)))).flat();

  const answered = new Set<string>();
  const send = async (one: Ping): Promise<void> => {
    if (await ping(places[one.from], one.address)) answered.add(pingKey(one));
  };
  const pings = async (from: Place, to: Place): Promise<void> => {
    const some = expected.pings.filter((one) => one.from === from && one.to === to);
    await Promise.all(some.map(send));
  };
  // What counts is what the LAN learns by asking. So the host knows the router already when that
  // asks for it: it would ask back, and the router learn the shim's MAC from the question.
  await pings('host', 'router');
  await forgetNeighbours(router);
  const ofGuest = [pings('guest', 'host'), pings('guest', 'router'), pings('router', 'guest')];
  await pings('router', 'host');
  const neighbours = await readNeighbours(router);
  // The host's question for the guest is heard by the router too, so it comes last.
  await Promise.all([...ofGuest, pings('host', 'guest')]);

  // What is seen without a daemon says nothing about files, and must not pass for a fault's effect.
  const ended = networkd.ended();
  if (ended) throw new Error(`networkd ended (${ended}): ${networkd.log().join(' / ')}`);
  return { links, routes, rules, states, answered, neighbours, log: networkd.log(), obstacles };
}
