/** What cannot be judged here, and why: every case that is passed over is named with its reason. */
import { isAtLeast, parseVersion, type Version } from '../../src/backends/target.ts';
import { type Asked, targetFor } from '../../src/index.ts';
import { contains } from '../../src/model/ip.ts';
import type { Link, Model, Parent } from '../../src/model/types.ts';
import { openNamespace } from './namespace.ts';
import { besideWhat, isNarrow, networkOf, onLinkGateways } from './plan.ts';
import { must, run } from './process.ts';
import { systemdTool } from './requirements.ts';

/** Why a case cannot be judged here; undefined if it can. */
export async function notJudged(model: Model, asked?: Asked): Promise<string | undefined> {
  return (
    (await newerTarget(asked)) ??
    (await otherDevice(model.parents)) ??
    [...model.parents, ...model.shims].map(dynamic).find((reason) => reason !== undefined) ??
    lonely(model) ??
    overlapping(model) ??
    matched(model)
  );
}

/** A newer systemd may be told what this one does not know; an older one's words it must take. */
async function newerTarget(asked: Asked | undefined): Promise<string | undefined> {
  if (asked === undefined) return undefined;
  const { systemd } = targetFor(['networkd'], asked).versions;
  const own = await machineVersion();
  if (isAtLeast(own, systemd)) return undefined;
  return `written for ${asked.name}: systemd ${systemd.join('.')}, and here is ${own.join('.')}`;
}

const machineVersion = once(async (): Promise<Version> => {
  const said = await must([systemdTool('systemd-networkd'), '--version']);
  const version = parseVersion(/^systemd (\d+)/.exec(said)?.[1] ?? '');
  if (!version) throw new Error(`systemd-networkd tells no version: ${said}`);
  return version;
});

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

/** The same answer for the whole run. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

function dynamic({ name, dhcp4, dhcp6, acceptRa, linkLocal }: Link): string | undefined {
  if (dhcp4 || dhcp6) return `${name} needs a DHCP server`;
  if (acceptRa) return `${name} needs a router that advertises`;
  return linkLocal.includes('ipv4') ? `${name} probes for an IPv4 link-local address` : undefined;
}

/** An address of a subnet of its own, which says nothing of any neighbour. */
function lonely({ parents, shims }: Model): string | undefined {
  const isAlone = (link: Link): string[] =>
    link.addresses
      .filter((own) => isNarrow(own) && onLinkGateways(link, own.family).length === 0)
      .map(({ address, prefix }) => `${address}/${prefix}`);
  const ofShims = shims.flatMap((shim) =>
    isAlone({ ...shim, addresses: shim.addresses.filter((own) => !besideWhat(shim, own)) }),
  );
  const [first] = [...parents.flatMap(isAlone), ...ofShims];
  return first && `there is no room beside ${first} for others`;
}

function overlapping({ parents, shims }: Model): string | undefined {
  const networks = [
    ...parents.map(({ addresses }) => addresses.map(networkOf)),
    ...shims.map((shim) =>
      shim.addresses.filter((own) => !besideWhat(shim, own)).map((own) => networkOf(own)),
    ),
  ];
  const meet = networks.some((some, index) =>
    networks
      .slice(index + 1)
      .some((others) =>
        some.some((a) => others.some((b) => contains(a, b.ip) || contains(b, a.ip))),
      ),
  );
  return meet ? 'subnets of two links overlap: which one answers is left to chance' : undefined;
}

function matched({ parents }: Model): string | undefined {
  const found = parents.find(({ permanentMac }) => permanentMac !== undefined);
  return found && `${found.name} is matched by its permanent MAC, and a veth has none`;
}
