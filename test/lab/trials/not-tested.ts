/** What cannot be judged here, and why: every case that is passed over is named with its reason. */
import type { Model } from '../../../src/model/types.ts';
import { compiledCase } from '../../golden/cases.ts';
import { openScene } from '../drive/scene.ts';
import type { Image } from '../image/images.ts';

/** Why a case cannot be judged here; undefined if it can. */
export async function notTested(
  model: Model,
  image: Image,
  systems: readonly string[],
): Promise<string | undefined> {
  const { parents, unmanaged } = model;
  const [other] = unmanaged;
  if (other) return `nothing configures ${other.name} here, which has managed: false`;
  const matched = parents.find(({ permanentMac }) => permanentMac !== undefined);
  if (matched) return `${matched.name} is matched by its permanent MAC, and a veth has none`;
  return secret(model, image, systems) ?? otherDevice(model, image);
}

/** systemd before 248 takes a hash from the kernel (AF_ALG); later versions have one of their own. */
function secret(
  { parents, shims }: Model,
  { versions }: Image,
  systems: readonly string[],
): string | undefined {
  const link = [...parents, ...shims].find((one) => one.addressGeneration === 'stable-privacy');
  const isOld = systems.includes('networkd') && Number.parseInt(versions.systemd, 10) < 248;
  return link && isOld
    ? `systemd before 248 makes the secret of ${link.name} with a hash of the kernel (AF_ALG), which this one lacks`
    : undefined;
}

async function otherDevice({ parents, shims }: Model, image: Image): Promise<string | undefined> {
  const kinds = new Set<string>([
    ...parents.map(({ kind }) => kind),
    ...shims.map(({ device }) => device),
  ]);
  const reason = await noneOf(
    PROBED.filter((kind) => kinds.has(kind)),
    image,
  );
  if (reason !== undefined) return reason;
  const looking = parents.find(({ bridge }) => bridge?.values.stp);
  return looking && `${looking.name} looks for loops before it forwards`;
}

/** What a kernel may not make. */
export type Probed = keyof typeof PROBES;

/** Why a host with such links cannot be judged here; undefined if it can. */
export async function noneOf(kinds: readonly Probed[], image: Image): Promise<string | undefined> {
  for (const kind of kinds) {
    if (await makes(kind, image)) continue;
    return `this kernel makes no ${NAMES[kind]} (\`--vm\` runs it on another kernel)`;
  }
  return undefined;
}

const PROBED: readonly Probed[] = ['vlan', 'bond', 'ipvlan'];

const NAMES = { vlan: 'VLAN', bond: 'bond', ipvlan: 'ipvlan' } as const;

/** Whether a case has what the kernel of a small machine may not make. */
export function needsOtherKernel(name: string): boolean {
  const { model } = compiledCase(name, 'networkd');
  if (!model) return false;
  return (
    model.parents.some(({ kind }) => kind === 'vlan' || kind === 'bond') ||
    model.shims.some(({ device }) => device === 'ipvlan')
  );
}

const PROBES = {
  vlan: [
    'link add name lower type veth peer name far',
    'link add link lower name probe type vlan id 2',
  ],
  bond: ['link add name probe type bond'],
  ipvlan: [
    'link add name lower type veth peer name far',
    'link add link lower name probe type ipvlan mode l2',
  ],
};

const tried = new Map<string, Promise<boolean>>();

/** Tried out, since a module may be there and not loaded; the answer is the same for the run. */
function makes(kind: Probed, { root }: Image): Promise<boolean> {
  const answer = tried.get(kind) ?? canMake(PROBES[kind], root);
  tried.set(kind, answer);
  return answer;
}

async function canMake(lines: readonly string[], root: string): Promise<boolean> {
  const { host, end } = await openScene(root);
  try {
    return (await host.run(['ip', '-batch', '-'], lines.join('\n'))).status === 0;
  } finally {
    await end();
  }
}
