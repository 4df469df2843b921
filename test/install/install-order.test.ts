/** In which order files come and go, and what stands between two texts: a host keeps its address. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { interimOf } from '../../src/install/interim.ts';
import { inOrder } from '../../src/install/order.ts';
import { treePlacements } from '../../src/install/places.ts';
import { inRemovalOrder } from '../../src/install/rank.ts';
import { writeFiles } from '../../src/install/write.ts';
import { nodeSystem } from '../../src/node/node.ts';
import type { Directory } from '../../src/system.ts';
import { isGenerated } from '../../src/view/ownership.ts';
import { RANK } from '../../src/view/place.ts';
import type { RenderedFile } from '../../src/view/rendered.ts';
import { temporaryFolder } from '../command.ts';
import { caseNames, compiledCase, intentOf } from '../golden/cases.ts';
import { isLong } from '../long.ts';
import { files, NETWORK } from './installing.ts';

test('a rank that no place has given does not compile', () => {
  const { sets } = compile(intentOf('original'), { file: 'x', backends: ['networkd'] });
  const [file] = sets?.[0]?.files ?? [];
  if (!file) throw new Error('no file');
  // @ts-expect-error: `inPlace` alone makes ranks
  const other: RenderedFile = { ...file, rank: RANK.keepOff };
  assert.ok(other.rank !== file.rank);
});

test('what is taken away goes in the reverse of the order in which it came, whatever the case', () => {
  let pairs = 0;
  const wrong = new Set<string>();
  for (const name of caseNames()) {
    const backendIds = backends.map(({ id }) => id);
    const { sets = [] } = compiledCase(name, ...backendIds);
    for (const { backend, files: rendered } of sets) {
      const found = rendered.map(({ path, text, rank }) => ({ target: path, text, rank }));
      // From any order in which they are found.
      const removed = inRemovalOrder([...found].sort((a, b) => (a.target < b.target ? -1 : 1)));
      for (const [index, later] of removed.entries()) {
        for (const earlier of removed.slice(0, index)) {
          if (earlier.rank !== later.rank) pairs += 1;
          if (earlier.rank < later.rank)
            wrong.add(`${backend} ${name}: ${later.target} after ${earlier.target}`);
        }
      }
    }
  }
  assert.equal([...wrong], []);
  assert.ok(pairs > 5000, `${pairs} pairs`);
});

test('what gives an address goes before what loses it, and ranks hold otherwise', () => {
  const networkd = '/etc/systemd/network/00-macvtap-';
  const profile = '/etc/NetworkManager/system-connections/macvtap-';
  const replacement = (target: string, before: string | undefined, after: string) => ({
    target,
    before,
    after,
  });
  const order = (...list: ReturnType<typeof replacement>[]): string[] =>
    inOrder(list).map(({ target }) => target.replace(/^.*macvtap-/, ''));
  const address = 'Address=198.51.100.50/24\n';
  assert.equal(
    order(
      replacement(`${networkd}new.netdev`, undefined, '[NetDev]\n'),
      replacement(`${networkd}shim.network`, `[Network]\n${address}`, '[Network]\n'),
      replacement(`${networkd}parent.network`, '[Network]\n', `[Network]\n${address}`),
    ),
    ['new.netdev', 'parent.network', 'shim.network'],
  );
  assert.equal(
    order(
      replacement(`${networkd}eth0.network`, 'MACVLAN=veth0\n', 'DHCP=no\n'),
      replacement(`${networkd}eth1.network`, 'DHCP=no\n', 'MACVLAN=veth0\n'),
    ),
    ['eth1.network', 'eth0.network'],
  );
  // Two that exchange theirs: there is no such order, and the ranks stand.
  assert.equal(
    order(
      replacement(`${profile}a.nmconnection`, 'address1=192.0.2.1/24\n', 'address1=192.0.2.2/24\n'),
      replacement(`${profile}b.nmconnection`, 'address1=192.0.2.2/24\n', 'address1=192.0.2.1/24\n'),
    ),
    ['a.nmconnection', 'b.nmconnection'],
  );
});

/** What a back end says in one of its files, in every golden case that has it. */
const renderedBy = (backend: string, path: string): string[] =>
  caseNames().flatMap((name) => {
    const { sets } = compiledCase(name, backend);
    return sets?.[0]?.files.filter((file) => file.path === path).map(({ text }) => text) ?? [];
  });

test('between two texts of netplan’s YAML there is one with the links of both', () => {
  const path = '/etc/netplan/60-macvtap.yaml';
  const known = new Map<string, Record<string, object>>();
  const networkOf = (text: string): Record<string, object> => {
    const network = known.get(text) ?? (parse(text) as { network: Record<string, object> }).network;
    known.set(text, network);
    return network;
  };
  const idsOf = (text: string): string[] => {
    const network = networkOf(text);
    const kinds = Object.entries(network).filter(([, value]) => typeof value === 'object');
    return kinds.flatMap(([, links]) => Object.keys(links)).sort();
  };
  for (const backend of ['netplan-networkd', 'netplan-networkmanager']) {
    const texts = [...new Set(renderedBy(backend, path))].slice(0, isLong ? 40 : 20);
    assert.ok(texts.length > 10);
    let merged = 0;
    for (const [before, after] of texts.flatMap((a) => texts.map((b) => [a, b] as const))) {
      const both = interimOf(path, before, after);
      const ids = new Set([...idsOf(before), ...idsOf(after)]);
      assert.equal(idsOf(both ?? after), [...ids].sort());
      const network = networkOf(both ?? after);
      const own = networkOf(after);
      for (const [kind, links] of Object.entries(own)) {
        if (typeof links !== 'object') continue;
        for (const [id, link] of Object.entries(links)) {
          assert.equal((network[kind] as Record<string, unknown>)[id], link, id);
        }
      }
      if (both === undefined) continue;
      merged += 1;
      assert.ok(isGenerated(both));
      // A run that was stopped there goes on: nothing is to be added to it.
      assert.ok([both, undefined].includes(interimOf(path, both, after)));
    }
    assert.ok(merged > 50, `${merged} pairs`);
  }
});

test('what somebody has edited into netplan’s YAML never comes twice', () => {
  const path = '/etc/netplan/60-macvtap.yaml';
  const [before = '', after = ''] = ['veth0', 'shim0'].map((name) => {
    const text = intentOf('original').replaceAll('veth0', name);
    const { sets } = compile(text, { file: 'x', backends: ['netplan-networkd'] });
    return sets?.[0]?.files.find((file) => file.path === path)?.text;
  });
  const edits: readonly ((text: string) => string)[] = [
    (text) => text.replace('  ethernets:', '  "ethernets":'),
    (text) => text.replace('  ethernets:', '  ethernets: # mine'),
    (text) => `${text}    "shim0":\n      optional: true\n`,
    (text) => `${text}    'shim0': {optional: true}\n`,
    (text) => `${text}  ethernets: {}\n`,
    (text) => `${text}nonsense: 1\n`,
  ];
  for (const edit of edits) {
    const both = interimOf(path, edit(before), after) ?? '';
    // Which refuses keys that are there twice.
    const { network, ...others } = parse(both) as { network: { ethernets: object } };
    assert.equal(Object.keys(network.ethernets).sort(), ['shim0', 'veth0'], both);
    assert.equal(others, {});
  }
});

test('between two lists of what NetworkManager manages there is one that has both', () => {
  const path = '/etc/NetworkManager/conf.d/90-macvtap.conf';
  const list = (words: string): string => `[keyfile]\nunmanaged-devices+=${words}\n`;
  const [eth0, old, added] = ['except:interface-name:eth0', 'except:old0', 'except:new0'];
  const both = interimOf(path, list(`${eth0},${old},x`), list(`${eth0},${added},x`));
  assert.is(both, list(`${old},${eth0},${added},x`));
  assert.is(interimOf(path, list(`${eth0},x`), list(`${eth0},${added},x`)), undefined);
  assert.is(interimOf('/etc/sysctl.d/90-macvtap.conf', 'a', 'b'), undefined);
});

/** A directory whose `count`th renaming, counted over all folders, is an interruption. */
function stoppingAt(count: number, top: Directory): Directory {
  let renames = 0;
  const step = (): void => {
    renames += 1;
    if (renames === count) throw new Error('interrupted');
  };
  const stopping = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && stopping(next);
    },
    enterOrCreate: (name) => stopping(inner.enterOrCreate(name)),
    rename: (from, to) => {
      step();
      inner.rename(from, to);
    },
    renameNew: (from, to) => {
      step();
      inner.renameNew(from, to);
    },
  });
  return stopping(top);
}

test('a change of intent, interrupted after any number of files, never lacks the address', () => {
  const moved = `version: 1
host: kvm1
shims:
  aaa0: {parent: eth0, dhcp4: true}
  veth1: {parent: eth0, addresses: [198.51.100.50/24]}
`;
  const first = `version: 1
host: kvm1
shims:
  aaa0: {parent: eth0, addresses: [198.51.100.50/24]}
  veth1: {parent: eth0, dhcp4: true}
`;
  const placementsOf = (text: string) =>
    treePlacements(compile(text, { file: 'x', backends: ['networkd'] }).sets?.[0]?.files ?? []);
  const system = nodeSystem([], {});
  let stops = 0;
  for (let stopAt = 1; ; stopAt += 1) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    writeFiles(top, placementsOf(first), [{ steps: [] }]);
    let isStopped = false;
    try {
      writeFiles(stoppingAt(stopAt, top), placementsOf(moved), [{ steps: [] }]);
    } catch {
      isStopped = true;
      stops += 1;
    }
    top.close();
    const addresses = files(root).filter((path) =>
      readFileSync(join(root, path), 'utf8').includes('198.51.100.50/24'),
    );
    assert.ok(addresses.length > 0, `after ${stopAt - 1} files`);
    if (!isStopped) break;
  }
  assert.ok(stops >= 2, `${stops} stops`);
});

test('a host that has got another name, and its shim too: interrupted after any file, it keeps an address', () => {
  const rendered = (text: string) =>
    treePlacements(
      compile(text, { file: 'x', backends: ['netplan-networkd'] }).sets?.[0]?.files ?? [],
    );
  const first = intentOf('original');
  const other = first.replace('host: kvm1', 'host: kvm2').replaceAll('veth0', 'shim0');
  const system = nodeSystem([], {});
  let stops = 0;
  for (let stopAt = 1; ; stopAt += 1) {
    const root = temporaryFolder();
    const top = system.openDirectory(root);
    writeFiles(top, rendered(first), [{ steps: [] }]);
    let isStopped = false;
    try {
      const stopping = stoppingAt(stopAt, top);
      writeFiles(stopping, rendered(other), [{ steps: [] }], { force: true });
    } catch {
      isStopped = true;
      stops += 1;
    }
    top.close();
    const [, shim = '?'] =
      /^MACVLAN=(.+)$/m.exec(
        readFileSync(join(root, NETWORK, '10-netplan-eth0.network'), 'utf8'),
      ) ?? [];
    const yaml = readFileSync(join(root, 'etc/netplan/60-macvtap.yaml'), 'utf8');
    // What the parent puts on itself is what netplan gives the address to.
    assert.ok(yaml.includes(`    ${shim}:\n`), `${shim}, after ${stopAt - 1} files:\n${yaml}`);
    if (!isStopped) break;
  }
  assert.ok(stops >= 4, `${stops} stops`);
});

test.run();
