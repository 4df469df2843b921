/** What an installation says at its top: from generated files, and in the words of `diff`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readGenerated } from '../../src/backends/generated.ts';
import { backends } from '../../src/backends/registry.ts';
import { changesBetween } from '../../src/changes/changes.ts';
import { changesUnder } from '../../src/changes/devices.ts';
import type { Change } from '../../src/changes/words.ts';
import { run } from '../../src/cli/run.ts';
import { type Compilation, compile } from '../../src/compile.ts';
import { modelOfLinks } from '../../src/install/links-model.ts';
import { recreated } from '../../src/install/recreated.ts';
import { addressesOfHost, IPV4_FILE, IPV6_FILE } from '../../src/install/running-host.ts';
import {
  type InstalledFile,
  type WhatHappens,
  whatHappens,
  whatHappensText,
} from '../../src/install/what-happens.ts';
import type { Model } from '../../src/model/types.ts';
import { nodeSystem } from '../../src/node/node.ts';
import type { System } from '../../src/system.ts';
import { temporaryFolder } from '../command.ts';
import { caseNames, compiledCase, intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { isLong } from '../long.ts';
import { processorMs } from '../processor.ts';

const ORIGINAL = intentOf('original');
const HOSTS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

interface Rendered {
  readonly model: Model;
  readonly files: ReadonlyMap<string, string>;
}

function renderedOf({ model, sets }: Compilation): Rendered | undefined {
  const [set] = sets ?? [];
  if (!model || !set) return undefined;
  return { model, files: new Map(set.files.map((file) => [file.path, file.text])) };
}

const rendered = (text: string, backend: string): Rendered | undefined =>
  renderedOf(compile(text, { file: 'x', backends: [backend] }));

const mustRender = (text: string, backend: string): Rendered => {
  const found = rendered(text, backend);
  if (!found) throw new Error(`${backend} refuses ${text}`);
  return found;
};

type Texts = ReadonlyMap<string, string>;

const installed = (before: Texts, after: Texts): InstalledFile[] =>
  [...new Set([...before.keys(), ...after.keys()])].map((target) => ({
    target,
    before: before.get(target),
    after: after.get(target),
  }));

const between = (backend: string, before: string, after: string): WhatHappens =>
  whatHappens(
    backend,
    installed(mustRender(before, backend).files, mustRender(after, backend).files),
  );

const noColour = (_: unknown, text: string): string => text;

const isSerious = ({ severity }: Change): boolean => severity !== 'harmless';

/** With NetworkManager `method=auto` leaves it to the router whether there is DHCPv6. */
const isUnknown = (backend: string, { message }: Change): boolean =>
  backend.endsWith('networkmanager') && message.includes('DHCPv6');

/**
 * The original and each case, in both directions; and each with some that follow it, as all pairs take too
 * long. In a short run the original with every second, and each with the next.
 */
function isPair(names: readonly string[], a: string, b: string): boolean {
  const [from, to] = [names.indexOf(a), names.indexOf(b)];
  const ahead = to - from;
  const isOriginal = a === 'original' || b === 'original';
  if (!isLong) return ahead === 1 || (isOriginal && (from + to) % 2 === 0);
  return isOriginal || (ahead >= 0 && ahead < 7);
}

test('of pairs of cases, in each back end: files say what the intents say', () => {
  let pairs = 0;
  for (const backend of HOSTS) {
    const cases = caseNames()
      .filter((name) => !name.startsWith('bad-') && !name.startsWith('target-'))
      .flatMap((name) => {
        const found = renderedOf(compiledCase(name, backend));
        return found ? [{ name, ...found }] : [];
      });
    assert.ok(cases.length > 30, `${backend}: ${cases.length} cases`);
    const names = cases.map(({ name }) => name);
    for (const a of cases) {
      for (const b of cases) {
        if (!isPair(names, a.name, b.name)) continue;
        pairs += 1;
        const files = installed(a.files, b.files);
        const effects = recreated(
          files.map(({ target, before, after }) => ({ path: target, before, after })),
        ).map((effect) => ({ ...effect, backend }));
        const of = { backends: [backend], effects };
        const keyOf = ({ severity, subject, message }: Change): string =>
          backend === 'networkd' ? `${severity} ${message}` : `${severity} ${subject}`;
        const keys = (changes: readonly Change[]): string[] => [
          ...new Set(
            changes.filter((item) => isSerious(item) && !isUnknown(backend, item)).map(keyOf),
          ),
        ];
        const fromModels = keys(changesUnder(changesBetween(a.model, b.model), of)).sort();
        const fromFiles = keys(whatHappens(backend, files).changes).sort();
        assert.equal(fromFiles, fromModels, `${backend}: ${a.name} → ${b.name}`);
      }
    }
  }
  assert.ok(pairs > (isLong ? 1500 : 500), `${pairs} pairs`);
});

test('files show which parents are unmanaged: such a host keeps its addresses', () => {
  let unmanaged = 0;
  for (const backend of HOSTS) {
    for (const name of caseNames().filter((one) => !/^(?:bad|target)-/.test(one))) {
      const found = renderedOf(compiledCase(name, backend));
      if (!found) continue;
      const { links } = readGenerated(found.files, backend);
      const attached = [...found.model.shims, ...found.model.taps].map(({ parent }) => parent.name);
      const wanted = found.model.unmanaged.filter((parent) => attached.includes(parent.name));
      assert.equal(
        modelOfLinks('kvm1', links)
          .unmanaged.map((parent) => parent.name)
          .sort(),
        wanted.map((parent) => parent.name).sort(),
        `${backend}: ${name}`,
      );
      unmanaged += wanted.length;
    }
    const text = `version: 1
host: kvm1
parents: {eth0: {managed: false, network-file: 20-eth0.network}}
shims: {mac-shim: {parent: eth0, addresses: [198.51.100.222/32]}}
`;
    const { files } = mustRender(text, backend);
    const happens = whatHappens(backend, installed(new Map(), files));
    assert.equal(happens.changes.filter(isSerious), [], backend);
    assert.match(
      whatHappensText(happens, noColour),
      /\n\nThe host keeps its addresses\.\n\n$/,
      backend,
    );
    // With a shim that has the host's own address it does not.
    const beside = mustRender(
      text.replace('32]}}', '32]}, veth0: {parent: eth1, addresses: [192.0.2.5/24]}}'),
      backend,
    );
    assert.not.ok(whatHappens(backend, installed(files, beside.files)).isBeside, backend);
    const removed = whatHappens(backend, installed(files, new Map()));
    assert.not.match(whatHappensText(removed, noColour), /keeps its addresses/, backend);
  }
  assert.ok(unmanaged > 5, `${unmanaged}`);
});

test('of no files at all, a first installation: what is not known is not claimed', () => {
  for (const backend of HOSTS) {
    const { files } = mustRender(ORIGINAL, backend);
    const { changes, keepsAddresses } = whatHappens(backend, installed(new Map(), files));
    const messages = changes.map(({ message }) => message);
    assert.ok(
      messages.includes(
        'If you reach the host at another IPv4 address than 198.51.100.50 today, reconnect there.',
      ),
      backend,
    );
    assert.not.match(messages.join('\n'), /name becomes|loses/, backend);
    assert.is(keepsAddresses, false, backend);
  }
  const first = (name: string): string =>
    whatHappens('networkd', installed(new Map(), mustRender(intentOf(name), 'networkd').files))
      .changes.map(({ message }) => message)
      .join('\n');
  assert.match(
    first('dhcp'),
    /^`veth0` has MAC 02:00:5e:10:00:50: if the NIC has another MAC, the lease will change; reserve it for that MAC\.$/m,
  );
  // There the shim takes the MAC by which the NIC is found.
  assert.not.match(first('matched-parent'), /lease/);
});

test('where the address goes: where to reconnect, and no word of staying in reach', () => {
  for (const backend of HOSTS) {
    const moved = between(backend, ORIGINAL, ORIGINAL.replaceAll('198.51.100.50', '198.51.100.60'));
    const text = whatHappensText(moved, noColour);
    assert.match(
      text,
      /^\nWhat the activation does:\n\nMay lock you out:\n {2}- `veth0` loses the address 198\.51\.100\.50\. Reconnect at 198\.51\.100\.60\.\n/,
      backend,
    );
    assert.not.match(text, /keeps its addresses|out of reach/, backend);
  }
});

test('where the address stays: a second only where no link goes down', () => {
  const dns = ORIGINAL.replace(
    'parent: eth0',
    'parent: eth0\n    nameservers: {addresses: [198.51.100.1]}',
  );
  const renamed = ORIGINAL.replaceAll('veth0', 'shim0');
  for (const backend of HOSTS) {
    const isClassic = backend === 'ifupdown';
    assert.is(between(backend, ORIGINAL, dns).isBrief, !isClassic, backend);
    const happens = between(backend, ORIGINAL, renamed);
    const { changes, keepsAddresses, isBrief } = happens;
    assert.is(keepsAddresses, true, `${backend}: a renamed shim keeps its address`);
    assert.is(isBrief, false, backend);
    assert.ok(
      changes.some(({ message }) => message === 'The shim `veth0` on `eth0` is deleted.'),
      backend,
    );
    assert.match(
      whatHappensText(happens, noColour),
      /keeps its addresses, and is unreachable until/,
    );
    const options = { isReboot: true };
    assert.match(
      whatHappensText(happens, noColour, options),
      /addresses, and is unreachable while it reboots\.\n/,
    );
  }
});

test('recreated devices are reported for the back end that recreates them', () => {
  const isPrivate = ORIGINAL.replace('parent: eth0', 'parent: eth0\n    mode: private');
  const findings = (backend: string): string =>
    between(backend, ORIGINAL, isPrivate)
      .changes.map(({ message }) => message)
      .join('\n');
  assert.not.match(findings('networkd'), /deletes|reboot/);
  assert.match(findings('networkmanager'), /^The activation deletes `veth0` and creates it again/m);
  assert.match(findings('ifupdown'), /^The activation deletes `veth0` and creates it again/m);
  const vlan = intentOf('vlan-parents');
  const other = vlan.replace('id: 10', 'id: 30');
  assert.not.equal(vlan, other);
  const reboots = between('networkd', vlan, other);
  const changes = reboots.changes.map(({ message }) => message);
  assert.match(changes.join('\n'), /changes only at a reboot\.$/m);
  assert.ok(reboots.isReboot);
  const text = whatHappensText({ ...reboots, keepsAddresses: true }, noColour);
  assert.match(text, /unreachable while it reboots/);
});

test('another back end with the same intent: the system changes, and nothing else is claimed', () => {
  const withTap = `${ORIGINAL}taps:\n  tap0: {parent: eth0}\n`;
  for (const from of HOSTS) {
    for (const to of HOSTS) {
      if (from === to) continue;
      const files = installed(mustRender(withTap, from).files, mustRender(withTap, to).files);
      const { changes, isBrief } = whatHappens(to, files);
      assert.equal(
        changes.filter(isSerious).map(({ subject }) => subject),
        ['host'],
        `${from} → ${to}: ${JSON.stringify(changes)}`,
      );
      assert.match(changes[0]?.message ?? '', /^The network of the host moves from .* to /);
      assert.is(isBrief, false);
    }
  }
});

test('files of another back end that are left do not decide', () => {
  const moved = ORIGINAL.replaceAll('198.51.100.50', '198.51.100.60');
  for (const other of ['networkmanager', 'netplan-networkd', 'ifupdown']) {
    const left = mustRender(ORIGINAL, other).files;
    const beside = (text: string): Texts =>
      new Map([...left, ...mustRender(text, 'networkd').files]);
    const { changes } = whatHappens('networkd', installed(beside(ORIGINAL), beside(moved)));
    assert.equal(
      changes.map(({ message }) => message),
      [
        '`veth0` loses the address 198.51.100.50. Reconnect at 198.51.100.60.',
        '`veth0` gets the address 198.51.100.60/24.',
      ],
      other,
    );
  }
});

test('where no file is for the back end alone: taps without a shim, ids, routes without a gateway', () => {
  const taps = 'version: 1\nhost: kvm1\ntaps:\n  tap0: {parent: eth0}\n';
  const other = taps.replace('{parent: eth0}', '{parent: eth0, mode: private}');
  const matched = `version: 1
host: kvm1
parents:
  10.0.0.1: {match: {macaddress: "52:54:00:51:00:01"}, set-name: lan0, addresses: [198.51.100.50/24]}
`;
  const onLink = `${ORIGINAL.replace('198.51.100.50/24', '198.51.100.50/32').replace(
    'via: 198.51.100.254',
    'scope: link',
  )}`;
  for (const backend of HOSTS) {
    assert.equal(
      between(backend, taps, other)
        .changes.map(({ message }) => message)
        .filter((text) => !text.startsWith('The activation deletes')),
      [
        'The mode of `tap0` becomes private (was bridge): nothing else on the same parent reaches it.',
      ],
      backend,
    );
    const findings = (before: string, after: string): string =>
      between(backend, before, after)
        .changes.map(({ message }) => message)
        .join('\n');
    assert.match(
      findings(ORIGINAL, onLink),
      /default route \(IPv4\) becomes without gateway on `veth0`/,
    );
    assert.not.match(
      findings(matched, matched.replace('.50/24', '.60/24')),
      /10\.0\.0\.1/,
      backend,
    );
  }
});

test('ports and parameters of bonds and bridges, in every system that has them', () => {
  const devices = intentOf('normal-devices');
  const onePort = devices.replace('interfaces: [eth0, eth1]', 'interfaces: [eth0]');
  const slower = devices.replace('up-delay: 400', 'up-delay: 600');
  assert.not.equal(devices, onePort);
  assert.not.equal(devices, slower);
  for (const backend of HOSTS) {
    const findings = (after: string): string =>
      between(backend, devices, after)
        .changes.filter(isSerious)
        .map(({ message }) => message)
        .join('\n');
    assert.match(
      findings(onePort),
      /The ports of `bond0` become `eth0` \(were `eth0` and `eth1`\)\./,
      backend,
    );
    assert.match(findings(slower), /^Parameters of the bond `bond0` change/m, backend);
  }
});

test('files that were edited into anything are read without a fault, and soon', () => {
  const broken = [
    '',
    '[',
    '[Match]\nName=\n[Network]\nMACVLAN=\nAddress=/\n[Route]\n[Route]\nGateway=\n',
    '[connection]\ninterface-name=x\n[ipv4]\naddress1=\nroute1=\nrouting-rule1=\nmethod=\n',
    'network:\n  ethernets:\n    a:\n      routes:\n        - \n        - to:\n',
    `network:\n${' '.repeat(4)}${'- '.repeat(50_000)}x\n`,
    `${Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')}\n`,
    'network: {ethernets: {a: &a [*a, *a]}}\n',
    'iface\niface  \n    pre-up || ip link add\n    post-up ip route replace\n    post-up ip -4 rule add\n',
    '__proto__:\n  constructor: x\n',
  ];
  const paths = HOSTS.flatMap((backend) => [...mustRender(ORIGINAL, backend).files.keys()]);
  const start = processorMs();
  for (const backend of HOSTS) {
    for (const text of broken) {
      const files = [...new Set(paths)].map((target) => ({ target, before: text, after: text }));
      assert.equal(whatHappens(backend, files).changes, [], text.slice(0, 40));
    }
  }
  assert.ok(processorMs() - start < 5000, `${processorMs() - start} ms`);
});

/** An intent in a file, and an empty tree beside it. */
function place(): { intent: string; root: string } {
  const folder = temporaryFolder();
  const [intent, root] = [join(folder, 'kvm1.yaml'), join(folder, 'root')];
  writeFileSync(intent, ORIGINAL);
  mkdirSync(root);
  return { intent, root };
}

test('an installation, and a dry run before it, say so at the top and in the same words', async () => {
  const { intent, root } = place();
  const run = (...more: string[]) => runHere(intent, '-b', 'networkd', '--root', root, ...more);
  const topOf = (stderr: string): string =>
    stderr.split(/^(?:would be )?(?:created|replaced|unchanged): /m)[0] ?? '';
  const dry = await run('--dry-run');
  assert.match(dry.stderr, /^\nWhat the activation does:\n\nMay lock you out:\n {2}- If you reach/);
  assert.is(topOf((await run()).stderr), topOf(dry.stderr));
  assert.not.match((await run()).stderr, /What the activation does/, 'nothing has changed');
  writeFileSync(intent, ORIGINAL.replaceAll('198.51.100.50', '198.51.100.60'));
  const changed = await run('--dry-run');
  assert.match(topOf(changed.stderr), /Reconnect at 198\.51\.100\.60\./);
  assert.is(topOf((await run()).stderr), topOf(changed.stderr));
});

test('an edited file does not steer the terminal, and with --force nothing is promised', async () => {
  const { intent, root } = place();
  const run = (...more: string[]) => runHere(intent, '-b', 'networkd', '--root', root, ...more);
  await run();
  const file = join(root, 'etc/systemd/network/00-macvtap-veth0.network');
  const text = readFileSync(file, 'utf8');
  const more = 'Address=192.0.2.1/24\nAddress=\u001b[31m192.0.2.2/24\nAddress=';
  const edited = text.replace('Address=', more).replace('Gateway=', 'Gateway=\u001b[31m');
  writeFileSync(file, edited);
  const { stderr } = await run('--dry-run');
  assert.match(stderr, /loses the address 192\.0\.2\.1/);
  // What is not an address is not the host's.
  assert.not.match(stderr, /192\.0\.2\.2/);
  assert.match(stderr, /\[31m198\.51\.100/);
  assert.not.ok(stderr.includes('\u001b'));
  writeFileSync(file, text);
  writeFileSync(intent, ORIGINAL.replace('parent: eth0', 'parent: eth0\n    optional: true'));
  assert.match((await run('--dry-run')).stderr, /The host keeps its addresses/);
  assert.not.match((await run('--dry-run', '--force')).stderr, /The host keeps its addresses/);
});

const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/31 1 0 0
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
     +-- 198.51.100.0/24 2 0 2
        |-- 198.51.100.0
           /24 link UNICAST
        |-- 198.51.100.50
           /32 host LOCAL
        |-- 198.51.100.255
           /32 link BROADCAST
`;
const IF_INET6 =
  '20010db8005100000000000000000050 02 40 00 80     eth0\nfe8000000000000000fc00fffe000001 04 40 20 80     eth0\n';

test('the known addresses of the running host are used', () => {
  const texts: Readonly<Record<string, string>> = { [IPV4_FILE]: FIB_TRIE, [IPV6_FILE]: IF_INET6 };
  const host = addressesOfHost((path) => texts[path]);
  assert.equal(host, ['127.0.0.1', '198.51.100.50', '2001:db8:51::50', 'fe80::fc:ff:fe00:1']);
  const first = (text: string): string =>
    whatHappens('networkd', installed(new Map(), mustRender(text, 'networkd').files), host)
      .changes.map(({ message }) => message)
      .join('\n');
  assert.not.match(first(ORIGINAL), /reconnect/i);
  // Of an address the broadcast address and the network are none.
  for (const other of ['198.51.100.60', '198.51.100.55']) {
    assert.match(
      first(ORIGINAL.replaceAll('198.51.100.50', other)),
      new RegExp(`^The host does not have the address ${other} today: reconnect there\\.$`, 'm'),
    );
  }
  assert.not.match(first(intentOf('dual-stack')), /reconnect/i);
  assert.is(
    addressesOfHost(() => undefined),
    undefined,
  );
});

test('they are looked for where the files are for this very host', async () => {
  const { intent, root } = place();
  const at = async (...args: string[]): Promise<string> => {
    let stderr = '';
    const write = (text: string): void => {
      stderr += text;
    };
    const real = nodeSystem(args, {});
    const placed = (path: string): string => (path === '/' ? root : path);
    const system: System = {
      ...real,
      readText: (path, limit) => (path === IPV4_FILE ? FIB_TRIE : real.readText(path, limit)),
      openExisting: (path) => real.openExisting(placed(path)),
      openDirectory: (path) => real.openDirectory(placed(path)),
      stdout: { isTerminal: false, write },
      stderr: { isTerminal: false, write },
    };
    await run(system, '0.0.0');
    return stderr;
  };
  const here = await at(intent, '-b', 'networkd', '--root', '/', '--dry-run');
  assert.match(here, /What the activation does/);
  assert.not.match(here, /If you reach the host/);
  const tree = await at(intent, '-b', 'networkd', '--root', root, '--dry-run');
  assert.match(tree, /If you reach the host/);
});

test('back ends that leave the network of the host alone say nothing of it', async () => {
  const { intent, root } = place();
  for (const backend of ['libvirt', 'iproute2']) {
    const { stderr } = await runHere(intent, '-b', backend, '--root', root);
    assert.not.match(stderr, /What the activation does/, backend);
  }
});

test.run();
