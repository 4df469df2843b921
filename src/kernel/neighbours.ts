/** Whom the host has learnt of its LANs: `ip -j neigh` (ip-neighbour(8)). */
import { parseIp } from '../model/ip.ts';
import { readObjects, textOf, textsOf } from './json.ts';
import type { Neighbour } from './types.ts';

/** Undefined where the text is not what `ip` prints. */
export function readNeighbours(text: string): Neighbour[] | undefined {
  return readObjects(text)?.flatMap((fields): Neighbour[] => {
    const address = parseIp(textOf(fields, 'dst') ?? '')?.text;
    const link = textOf(fields, 'dev');
    const mac = textOf(fields, 'lladdr')?.toLowerCase();
    if (address === undefined || link === undefined) return [];
    return [{ address, link, ...(mac !== undefined && { mac }), states: textsOf(fields, 'state') }];
  });
}
