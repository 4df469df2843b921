/** Whether a fault is one to the kernel, before anybody is asked: what worked fails, and on a healthy host nothing does. */
import type { Expected } from '../../judge/expected.ts';
import { pingKey } from '../../judge/expected.ts';
import { forgetNeighbours } from '../../network/lan.ts';
import type { Place } from '../../place.ts';
import type { Fault } from './fault.ts';

type Places = Readonly<Record<'host' | 'guest' | 'router', Place>>;

/** A guest that is attached wrongly never worked. */
export async function proveWorking({ broken, guest }: Fault, places: Places): Promise<void> {
  if (!broken || guest !== undefined) return;
  if (!(await answers(broken, places))) throw new Error(`fails without the fault: ${broken[1]}`);
}

/** @param pings what the scene answers while nothing is wrong */
export async function proveFault(
  { broken, isHarmless }: Fault,
  places: Places,
  pings: Expected['pings'],
): Promise<void> {
  if (broken && (await answers(broken, places))) throw new Error(`works with it: ${broken[1]}`);
  if (!isHarmless) return;
  await forget(places);
  for (const ping of pings.filter(({ answered }) => answered)) {
    const isAnswered = await places[ping.from].ping(ping.address);
    if (!isAnswered) throw new Error(`not healthy: ${pingKey(ping)}`);
  }
}

async function answers(
  [from, probe]: NonNullable<Fault['broken']>,
  places: Places,
): Promise<boolean> {
  await forget(places);
  if (!probe.includes(' ')) return places[from].ping(probe);
  return (await places[from].runInside(['sh', '-c', probe])).status === 0;
}

/** What was learnt before the fault would hide it. */
const forget = (places: Places): Promise<unknown> =>
  Promise.all(Object.values(places).map(forgetNeighbours));
