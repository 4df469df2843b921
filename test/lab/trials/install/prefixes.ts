/**
 * Every state of the disk that an interrupted installation may leave, given to the real daemons as
 * at the next boot: the host must be reachable under its address in each.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backends } from '../../../../src/backends/registry.ts';
import { compile } from '../../../../src/compile.ts';
import { treePlacements } from '../../../../src/install/places.ts';
import { writeFiles } from '../../../../src/install/write.ts';
import type { Model } from '../../../../src/model/types.ts';
import { nodeSystem } from '../../../../src/node/node.ts';
import type { Directory } from '../../../../src/system.ts';
import { RANK } from '../../../../src/view/place.ts';
import { driversOf } from '../../drive/drivers.ts';
import { observe } from '../../drive/scenario.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { expect, pingKey } from '../../judge/expected.ts';
import { planLab } from '../../network/plan.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { CHANGED, EARLIER, NORMAL, ORIGINAL, RENAMED } from './situations.ts';
import { layTree, treeAt, visibleFiles } from './tree.ts';

export const PART = 'prefixes';
const ADDRESS = '198.51.100.50';
const GATEWAY = '198.51.100.254';

/** What gave the host its address before, as the owner of its network wants it. */
const PAST: Readonly<Record<'networkd' | 'networkmanager' | 'netplan', TargetFile>> = {
  networkd: {
    path: '/etc/systemd/network/20-lan.network',
    mode: 0o644,
    text: `[Match]\nName=eth0\n\n[Network]\nAddress=${ADDRESS}/24\nGateway=${GATEWAY}\n`,
  },
  networkmanager: {
    path: '/etc/NetworkManager/system-connections/lan.nmconnection',
    mode: 0o600,
    text: `[connection]\nid=lan\nuuid=0e4d1b0c-8d0b-4f5e-9b0a-2f3b1d9c7a51\ntype=ethernet\ninterface-name=eth0\n\n[ipv4]\nmethod=manual\naddress1=${ADDRESS}/24\ngateway=${GATEWAY}\n\n[ipv6]\nmethod=disabled\n`,
  },
  netplan: {
    path: '/etc/netplan/50-site.yaml',
    mode: 0o600,
    text: `network:\n  version: 2\n  renderer: RENDERER\n  ethernets:\n    eth0:\n      dhcp4: false\n      addresses: [${ADDRESS}/24]\n      routes: [{to: 0.0.0.0/0, via: ${GATEWAY}}]\n`,
  },
};

export function prefixTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  // The images start no ifupdown at boot; guests and a trial are not there at boot at all.
  const booted = backends.filter((backend) => ownerOf(backend) !== undefined);
  return images.flatMap((image) =>
    booted.flatMap((backend) => [
      ...ofChange('first', backend, image, pastOf(backend), undefined, ORIGINAL),
      ...ofChange('changed', backend, image, [], EARLIER, CHANGED),
      // The order is the same for every suite, and so is what these are about.
      ...(image === images.at(-1)
        ? [
            ...ofChange('renamed', backend, image, closedOf(backend), ORIGINAL, RENAMED),
            ...ofChange('to normal', backend, image, [], ORIGINAL, NORMAL),
            ...ofChange('from normal', backend, image, [], NORMAL, ORIGINAL),
          ]
        : []),
      negative(backend, image),
    ]),
  );
}

/** NetworkManager by itself manages nothing: what it does it does by our list. */
const closedOf = (backend: string): TargetFile[] =>
  backend === 'networkmanager'
    ? [
        {
          path: '/etc/NetworkManager/conf.d/10-closed.conf',
          mode: 0o644,
          text: '[keyfile]\nunmanaged-devices=*\n',
        },
      ]
    : [];

function ownerOf(backend: string): keyof typeof PAST | undefined {
  const [owner] = backends.find(({ id }) => id === backend)?.needs ?? [];
  return owner === 'ifupdown' ? undefined : owner;
}

function pastOf(backend: string): TargetFile[] {
  const past = PAST[ownerOf(backend) ?? 'networkd'];
  const renderer = backend.endsWith('networkmanager') ? 'NetworkManager' : 'networkd';
  return [{ ...past, text: past.text.replace('RENDERER', renderer) }];
}

function ofChange(
  what: string,
  backend: string,
  image: Image,
  past: readonly TargetFile[],
  before: string | undefined,
  after: string,
): Trial[] {
  const model = compiled(after, backend, image).model;
  const states = statesOf(
    past,
    before === undefined ? undefined : compiled(before, backend, image),
    compiled(after, backend, image),
  );
  return states.map((files, index) => ({
    part: PART,
    words: [backend, image.suite, what, `${index} of ${states.length - 1}`],
    repeat: ['--backend', backend, '--suite', image.suite, '--only', PART],
    run: () => judge(model, backend, image, files),
  }));
}

/** The parent's file before all others: what the order is there to prevent. It must be seen to fail. */
function negative(backend: string, image: Image): Trial {
  const { model, placements } = compiled(ORIGINAL, backend, image);
  const parents = placements.filter(({ file }) => file.rank === RANK.parent);
  const files = [...pastOf(backend), ...parents.map(({ file }) => file)];
  return {
    part: PART,
    words: [backend, image.suite, 'negative', "the parent's file first"],
    repeat: ['--backend', backend, '--suite', image.suite, '--only', PART, '--only', 'negative'],
    run: async () => {
      const { failures } = await judge(model, backend, image, files);
      return failures.length > 0
        ? { failures: [], notes: failures }
        : { failures: ['the host is still reachable: the check sees nothing'] };
    },
  };
}

interface Compiled {
  readonly model: Model;
  readonly placements: ReturnType<typeof treePlacements>;
}

function compiled(text: string, backend: string, image: Image): Compiled {
  const { model, sets } = compile(text, { file: 'x', backends: [backend], target: image.target });
  if (!model || !sets?.[0]) throw new Error(`${backend} cannot be written for ${image.suite}`);
  return { model, placements: treePlacements(sets[0].files) };
}

/** What daemons would find after each step: the installer itself is stopped after so many. */
function statesOf(
  past: readonly TargetFile[],
  before: Compiled | undefined,
  after: Compiled,
): TargetFile[][] {
  const place = mkdtempSync(join(tmpdir(), 'macvtap-prefixes-'));
  const system = nodeSystem([], {});
  try {
    const states: TargetFile[][] = [];
    for (let stopAt = 0; ; stopAt += 1) {
      const root = join(place, String(stopAt));
      mkdirSync(root);
      layTree(
        root,
        past.map(({ path, text, mode }) => [path.slice(1), text, mode] as const),
      );
      const top = system.openDirectory(root);
      if (before) writeFiles(top, before.placements, [{ steps: [] }]);
      const isStopped = stopped(() =>
        writeFiles(stopping(top, stopAt), after.placements, [{ steps: [] }]),
      );
      top.close();
      states.push(
        [...visibleFiles(treeAt(root))].map(([path, { text, mode }]) => ({
          path: `/${path}`,
          text,
          mode,
        })),
      );
      if (!isStopped) return states;
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

class Stop extends Error {}

function stopped(act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof Stop) return true;
    throw error;
  }
}

/** The directory, which stops the run before one step too many that a daemon would see. */
function stopping(top: Directory, steps: number): Directory {
  let left = steps;
  const step = (name: string): void => {
    if (name.startsWith('.')) return;
    if (left === 0) throw new Stop();
    left -= 1;
  };
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => wrap(inner.enterOrCreate(name)),
    rename: (from, to) => {
      step(to);
      inner.rename(from, to);
    },
    renameNew: (from, to) => {
      step(to);
      inner.renameNew(from, to);
    },
    remove: (name) => {
      step(name);
      inner.remove(name);
    },
  });
  return wrap(top);
}

async function judge(
  model: Model,
  backendId: string,
  image: Image,
  files: readonly TargetFile[],
): Promise<Verdict> {
  const segments = planLab(model);
  const backend = backends.find(({ id }) => id === backendId);
  const [driver] = backend ? driversOf(backend, image) : [];
  if (!backend || !driver) throw new Error(`nothing runs ${backendId}`);
  const expected = expect(model, segments);
  const { answered, evidence, links } = await observe({
    image,
    systems: backend.needs,
    driver,
    isThorough: false,
    hostname: model.host,
    files,
    segments,
    expected,
    guest: 'macvlan',
  });
  const wanted = pingKey({ from: 'router', to: 'host', address: ADDRESS });
  if (answered.has(wanted)) return { failures: [] };
  const shown = links
    .filter(({ addr_info }) => addr_info.length > 0)
    .map(({ ifname, addr_info }) => `${ifname} ${addr_info.map(({ local }) => local).join(' ')}`);
  return { failures: [`no answer: ${wanted}; ${shown.join(', ')}`], evidence };
}
