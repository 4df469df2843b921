/** What cannot be judged here, and why: every case that is passed over is named with its reason. */
import type { Model, Parent } from '../../src/model/types.ts';
import { openNamespace } from './namespace.ts';
import { run } from './process.ts';
import { once } from './trial.ts';

/** Why a case cannot be judged here; undefined if it can. */
export async function notJudged({ parents }: Model): Promise<string | undefined> {
  const matched = parents.find(({ permanentMac }) => permanentMac !== undefined);
  if (matched) return `${matched.name} is matched by its permanent MAC, and a veth has none`;
  return otherDevice(parents);
}

async function otherDevice(parents: readonly Parent[]): Promise<string | undefined> {
  const kinds = new Set(parents.map(({ kind }) => kind));
  if (kinds.has('vlan')) {
    return (await makesVlan()) ? 'the LAN has no tags' : 'this kernel makes no VLAN';
  }
  if (kinds.has('bond')) {
    return (await makesBond()) ? 'the LAN is no partner to a bond' : 'this kernel makes no bond';
  }
  const looking = parents.find(({ bridge }) => bridge?.stp);
  return looking && `${looking.name} looks for loops before it forwards`;
}

const makesVlan = once(() =>
  canMake([
    'link add name lower type veth peer name far',
    'link add link lower name probe type vlan id 2',
  ]),
);

const makesBond = once(() => canMake(['link add name probe type bond']));

/** Tried out, since a module may be there and not loaded. */
async function canMake(lines: readonly string[]): Promise<boolean> {
  const namespace = await openNamespace();
  try {
    return (await run(namespace.inNetwork(['ip', '-batch', '-']), lines.join('\n'))).status === 0;
  } finally {
    await namespace.end();
  }
}
