/** libvirt's domains as a part of a change: who follows the host, who cannot, and how it ended. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DomainChange, domainChange } from '../../src/apply/domains.ts';
import { parse } from '../../src/intent/parse.ts';
import { resolve } from '../../src/model/resolve.ts';
import type { Model } from '../../src/model/types.ts';
import { temporaryFolder } from '../command.ts';
import { bridged, direct, domainXml, MAC, UUID } from '../domains/domains.ts';
import { type FakeSystem, fakeSystem } from '../fake-system.ts';

const SHIM = `version: 1
host: kvm1
shims:
  veth0: {parent: eth0, addresses: [198.51.100.50/24]}
guests:
  vm1: {parent: eth0, macaddress: "${MAC}1", mode: private, target: vm1-lan, trust-guest-rx-filters: false}
  vm2: {parent: eth0}
`;
const BRIDGE = `version: 1
host: kvm1
parents:
  br0: {type: bridge, interfaces: [eth0], addresses: [198.51.100.50/24]}
`;

function modelOf(intent: string): Model {
  const parsed = parse('i.yaml', intent).intent;
  const model = parsed && resolve(parsed).value;
  if (!model) throw new Error('the intent is wrong');
  return model;
}

const link = (ifname: string, more: object = {}): object => ({
  ...{ ifindex: 2, ifname, flags: ['UP', 'LOWER_UP'], mtu: 1500, address: '52:54:00:00:00:01' },
  ...{ addr_info: [], ...more },
});
const BRIDGED = [
  link('eth0', { master: 'br0' }),
  link('br0', { linkinfo: { info_kind: 'bridge' } }),
];

interface World {
  readonly links?: readonly object[];
  /** Stored definitions by the names of their files; libvirt has the same, and more. */
  readonly files?: Readonly<Record<string, string>>;
  /** UUID → definition. */
  readonly stored?: Readonly<Record<string, string>>;
  readonly live?: Readonly<Record<string, string>>;
  /** What `virsh` prints to standard error, with status 1. */
  readonly fails?: string;
  /** Whether `virsh dumpxml` hangs, or fails for domains that there are. */
  readonly dump?: 'hangs' | 'fails';
  readonly hasLibvirt?: boolean;
  /** UUIDs of domains with a managed save image, and with snapshots; undefined: `virsh` fails when it is asked. */
  readonly images?: readonly string[] | undefined;
  readonly snapshots?: readonly string[];
}

function worldOf({
  links = BRIDGED,
  files = {},
  stored = {},
  live = {},
  fails,
  dump,
  hasLibvirt = true,
  snapshots = [],
  ...more
}: World): FakeSystem {
  const root = temporaryFolder();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('etc/hostname', 'kvm1\n');
  if (hasLibvirt) put('etc/libvirt/libvirt.conf', '');
  for (const [name, text] of Object.entries(files)) put(`etc/libvirt/qemu/${name}`, text);
  return fakeSystem({
    root,
    programs: {
      ip: (words) => (words.includes('addr') ? JSON.stringify(links) : '[]'),
      virsh: ([, , , word = '', ...words]) => {
        if (fails !== undefined) return { status: 1, stderr: fails };
        const { images } = { images: [], ...more };
        if (words.includes('--with-managed-save'))
          return images ? images.join('\n') : { status: 1, stderr: 'error: x' };
        if (words.includes('--with-snapshot')) return snapshots.join('\n');
        if (word === 'list')
          return `${Object.keys(words.includes('--all') ? stored : live).join('\n')}\n\n`;
        if (dump === 'hangs') return { status: undefined };
        if (dump === 'fails') return { status: 1, stderr: 'error: internal error: x\nerror: y' };
        const found = (words.includes('--inactive') ? stored : live)[words[0] ?? ''];
        return found === undefined ? { status: 1, stderr: 'error: no domain' } : found;
      },
    },
  });
}

function changeOf(system: FakeSystem, intent: string): DomainChange {
  const top = system.openExisting('/');
  if (!top) throw new Error('no root');
  try {
    return domainChange(system, top, modelOf(intent));
  } finally {
    top.close();
  }
}

const one = (nics: string, more: World = {}): World => ({
  files: { 'vm1.xml': domainXml(nics) },
  stored: { [`${UUID}1`]: domainXml(nics) },
  ...more,
});
const codes = ({ findings }: DomainChange): string[] => findings.map(({ code }) => code);

test("a guest follows with the intent's mode, device and trust; its definition is kept", () => {
  const running = domainXml(bridged(1, `<target dev='vnet0'/>`));
  const system = worldOf(one(bridged(), { live: { [`${UUID}1`]: running } }));
  const { notes, also, moves, findings } = changeOf(system, SHIM);
  assert.equal(findings, []);
  assert.equal(also, ['/etc/libvirt/qemu/vm1.xml']);
  assert.equal(moves, [
    `domain \`vm1\` (stored and running), interface ${MAC}1, from bridge \`br0\` to macvtap on \`eth0\``,
  ]);
  const after = `<interface type="direct" trustGuestRxFilters="no"><mac address="${MAC}1"/><source dev="eth0" mode="private"/><target dev="vm1-lan"/><model type="virtio"/></interface>\n`;
  assert.equal(notes, {
    domains: `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`,
    'domain-files': '/etc/libvirt/qemu/vm1.xml\n',
    'domain-1-stored': after,
    'domain-1-after': after,
    'domain-1-before': `<interface type="bridge"><mac address="${MAC}1"/><source bridge="br0"/><model type="virtio"/></interface>\n`,
  });
});

test('back to a bridge every macvtap on its port follows, whatever the intent has of guests', () => {
  const system = worldOf(
    one(`${direct(1)}${direct(2)}${direct(3, '', 'eth1')}`, { links: [link('eth0')] }),
  );
  const { notes, findings } = changeOf(system, BRIDGE);
  assert.equal(findings, []);
  assert.is(
    notes['domains'],
    `1 ${UUID}1 ${MAC}1 direct eth0 bridge br0\n2 ${UUID}1 ${MAC}2 direct eth0 bridge br0\n`,
  );
});

test('a guest without a MAC is found by its name, and nobody else is', () => {
  const named = domainXml(bridged(7), 'vm2', `${UUID}2`);
  const other = domainXml(bridged(8), 'vm3', `${UUID}3`);
  const change = changeOf(
    worldOf({
      files: { 'vm2.xml': named, 'vm3.xml': other },
      stored: { [`${UUID}2`]: named, [`${UUID}3`]: other },
    }),
    SHIM,
  );
  assert.match(change.notes['domains'] ?? '', new RegExp(`^1 ${UUID}2 ${MAC}7 .*\\n$`));
  assert.equal(codes(change), ['guest-cut-off']);
  assert.match(change.findings[0]?.message ?? '', /`vm3`.*no guest with its MAC or name/);
});

test('nothing is asked without libvirt, or where no bridge goes and no NIC becomes a port', () => {
  for (const [world, intent] of [
    [{ hasLibvirt: false, files: {} }, SHIM],
    [{ links: [link('eth0')] }, SHIM],
    // The bridge stays, and the shim is on top of it.
    [
      {},
      `${BRIDGE}shims: {veth0: {parent: br0, addresses: [192.0.2.1/32], routes: [{to: 192.0.2.8/29, scope: link}]}}\n`,
    ],
  ] as const) {
    const system = worldOf(one(bridged(), world));
    const { notes, findings } = changeOf(system, intent);
    assert.equal(notes, {});
    assert.equal(findings, []);
    const asked = system.record.some((line) => line.startsWith('virsh'));
    assert.is(asked, intent !== SHIM, 'a port is in the intent');
  }
});

test('libvirt that does not answer is an error if a stored domain is on the bridge', () => {
  const fails = 'error: failed to connect to the hypervisor\nerror: more\n';
  const silent = changeOf(worldOf(one(bridged(), { fails })), SHIM);
  assert.equal(codes(silent), ['libvirt-silent']);
  assert.match(silent.findings[0]?.message ?? '', /failed to connect to the hypervisor\.$/);
  assert.equal(silent.notes, {});
  assert.equal(codes(changeOf(worldOf(one(bridged(1, '', 'virbr0'), { fails })), SHIM)), []);
});

test('a domain whose definition libvirt does not give is an error, whatever is stored', () => {
  const running = { live: { [`${UUID}1`]: domainXml(bridged()) } };
  for (const world of [one(bridged(), running), one(direct(), running), running]) {
    const hanging = changeOf(worldOf({ ...world, dump: 'hangs' }), SHIM);
    assert.equal(codes(hanging), ['libvirt-silent']);
    assert.match(hanging.findings[0]?.message ?? '', /no answer\.$/);
    assert.equal(hanging.notes, {});
    const failing = changeOf(worldOf({ ...world, dump: 'fails' }), SHIM);
    assert.equal(codes(failing), ['libvirt-silent']);
    assert.match(failing.findings[0]?.message ?? '', /`(?:vm1|0b1f[^`]*1)`.*internal error: x\.$/);
  }
});

test('a domain that ended since it was listed is ignored', () => {
  let isListed = false;
  const stored = { [`${UUID}1`]: domainXml(bridged()) };
  const live = new Proxy(stored, {
    ownKeys: (target) => (isListed ? [] : Reflect.ownKeys(target)),
    get: () => {
      isListed = true;
    },
  });
  const change = changeOf(worldOf(one(bridged(), { live })), SHIM);
  assert.equal(codes(change), []);
  assert.match(change.moves.join(), /\(stored\)/);
});

test('a domain whose XML cannot be read is an error that names it; one with CDATA moves', () => {
  const wrong = domainXml(`${bridged()}<!DOCTYPE x>`, 'vm1&#10;x');
  for (const world of [
    { files: {}, stored: { [`${UUID}1`]: wrong } },
    one(direct(), { live: { [`${UUID}1`]: wrong } }),
  ]) {
    const change = changeOf(worldOf(world), SHIM);
    assert.equal(codes(change), ['guest-cut-off']);
    assert.is(
      change.findings[0]?.message,
      `Whether the domain \`vm1&#10;x\` (${UUID}1) would lose the LAN is unknown: its XML cannot be read.`,
    );
  }
  const nameless = changeOf(worldOf({ live: { [`${UUID}1`]: '<a>' } }), SHIM);
  assert.match(nameless.findings[0]?.message ?? '', new RegExp(`the domain \`${UUID}1\` would`));
  const metadata = `${bridged()}<metadata><![CDATA[<interface>]]></metadata>`;
  const change = changeOf(worldOf(one(metadata)), SHIM);
  assert.equal(codes(change), []);
  assert.is(change.moves.length, 1);
});

test('a running guest gets what it had: an interface that is only stored is not attached to it', () => {
  const elsewhere = domainXml(bridged(1, '', 'virbr0'));
  for (const live of [elsewhere, domainXml('')]) {
    const { notes } = changeOf(worldOf(one(bridged(), { live: { [`${UUID}1`]: live } })), SHIM);
    assert.equal(Object.keys(notes), ['domains', 'domain-files', 'domain-1-stored']);
  }
  const { notes } = changeOf(
    worldOf(one(direct(), { live: { [`${UUID}1`]: domainXml(bridged()) } })),
    SHIM,
  );
  assert.equal(Object.keys(notes), [
    ...['domains', 'domain-files', 'domain-1-after', 'domain-1-before'],
  ]);
});

test('a stored definition that cannot be read is an error while libvirt does not answer', () => {
  const change = changeOf(worldOf({ files: { 'vm1.xml': '<domain>' }, fails: 'error: x' }), SHIM);
  assert.equal(codes(change), ['libvirt-silent']);
  assert.match(change.findings[0]?.message ?? '', /`\/etc\/libvirt\/qemu\/vm1\.xml`/);
});

test('what libvirt refuses on a macvtap: a filter is an error, an MTU a warning', () => {
  const filtered = changeOf(worldOf(one(bridged(1, `<filterref filter='x'/>`))), SHIM);
  assert.equal(codes(filtered), ['guest-cut-off']);
  assert.equal(filtered.notes, {});
  const large = changeOf(worldOf(one(bridged(1, `<mtu size='1400'/>`))), SHIM);
  assert.equal(codes(large), ['guest-setting-dropped']);
  assert.is(large.findings[0]?.severity, 'warning');
});

test('a saved state and snapshots of a domain that moves keep its old interface: a warning each', () => {
  const nics = `${bridged(1)}${bridged(2)}`;
  const both = SHIM.replace('vm2: {parent: eth0}', `vm2: {parent: eth0, macaddress: "${MAC}2"}`);
  const uuids = [`${UUID}1`, `${UUID}9`];
  const change = changeOf(worldOf(one(nics, { images: uuids, snapshots: uuids })), both);
  assert.equal(
    change.findings.map(({ code, severity, message }) => `${severity} ${code}: ${message}`),
    ['its managed save image', 'its snapshots'].map(
      (where) =>
        `warning guest-saved-state: The domain \`vm1\` is attached to bridge \`br0\` in ${where}, which the change does not alter.`,
    ),
  );
  assert.is(change.moves.length, 2);
  const none = worldOf(one(bridged(1, '', 'br7'), { images: uuids }));
  assert.equal(codes(changeOf(none, SHIM)), []);
  assert.not.ok(none.record.some((line) => line.includes('--with-')));
  assert.equal(codes(changeOf(worldOf(one(bridged(), { images: undefined })), SHIM)), [
    'libvirt-silent',
  ]);
});

test('a definition that cannot be kept is not changed', () => {
  const elsewhere = changeOf(worldOf(one(bridged(), { files: {} })), SHIM);
  assert.equal(codes(elsewhere), ['guest-cut-off']);
  assert.equal(elsewhere.notes, {});
  const broken = changeOf(
    worldOf(one(bridged(), { files: { 'a\nb.xml': domainXml(bridged()) } })),
    SHIM,
  );
  assert.equal(codes(broken), ['guest-cut-off']);
  assert.equal(broken.also, []);
});

test('hostile values of domains are in no note, path or line', () => {
  const evil = `x'; touch /x; '&#10;/etc/passwd&#27;[2J`.replaceAll("'", '&apos;');
  const driver = evil.replace('&#27;', '&#9;');
  const text = domainXml(bridged(1, `<driver name='${driver}'/>`), evil);
  const { notes, also, moves } = changeOf(
    worldOf({ files: { 'vm1.xml': text }, stored: { [`${UUID}1`]: text } }),
    SHIM,
  );
  assert.is(notes['domains'], `1 ${UUID}1 ${MAC}1 bridge br0 direct eth0\n`);
  assert.equal(also, ['/etc/libvirt/qemu/vm1.xml']);
  for (const note of Object.values(notes)) assert.is(note.split('\n').length, 2);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const line of moves) assert.not.match(line, /[\u0000-\u001f]/);
});

test('after the change: a definition that is not moved is an error, a guest that hangs a warning', () => {
  const live: Record<string, string> = { [`${UUID}1`]: domainXml(bridged()) };
  const stored: Record<string, string> = { [`${UUID}1`]: domainXml(bridged()) };
  const system = worldOf({ files: { 'vm1.xml': domainXml(bridged()) }, stored, live });
  const change = changeOf(system, SHIM);
  const drift = (): string[] =>
    change.drift().map(({ severity, message }) => `${severity}: ${message}`);
  assert.equal(drift(), [
    `error: The stored definition of \`vm1\` does not have the interface ${MAC}1 as macvtap on \`eth0\`.`,
    `warning: \`vm1\` has not released its interface ${MAC}1, and is without the LAN until it is stopped and started.`,
  ]);
  stored[`${UUID}1`] = domainXml(direct());
  live[`${UUID}1`] = domainXml('');
  assert.equal(drift(), [
    `warning: The running \`vm1\` has no interface ${MAC}1, and is without the LAN until it is stopped and started.`,
  ]);
  live[`${UUID}1`] = domainXml(direct());
  assert.equal(drift(), []);
  live[`${UUID}1`] = '<domain>';
  assert.match(drift().join(), /^warning: .* unknown: The XML of `0b1f[^`]*` cannot be read\.$/);
  delete live[`${UUID}1`];
  assert.equal(drift(), []);
});

test.run();
