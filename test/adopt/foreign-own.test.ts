/** `init` on a host that has generated files: the intent that they are from, or a report of each line that differs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adopt } from '../../src/adopt/adopt.ts';
import { intentText } from '../../src/adopt/text.ts';
import type { HostFile } from '../../src/backends/host/foreign.ts';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { temporaryFolder } from '../command.ts';
import { backendsOf, caseNames, compiledCase, targetOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { turn } from '../long.ts';

const HOSTS = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);

const hostFile = (path: string, text: string): HostFile => {
  const at = path.lastIndexOf('/');
  return { path, text, folder: path.slice(0, at), name: path.slice(at + 1) };
};

/** What files do not have: guests; which target they were for; more than one setting for one line. */
const INCOMPLETE = new Set([
  ...[
    'guests',
    'guests-every-mode',
    'target-in-intent',
    'bare-nics',
    'awkward-names',
    'dhcp-overrides',
  ],
  ...[
    'normal-dhcp',
    'managed-false',
    'parent-unused',
    'target-newest',
    'target-old-gateway',
    'two-shims',
  ],
]);

interface Found {
  readonly name: string;
  readonly isSame: boolean;
  readonly isReported: boolean;
}

/** Renders a case, takes its files for those of a host, and renders what `init` makes of them. */
function adopted(name: string, backend: string): Found | undefined {
  const [set] = compiledCase(name, backend).sets ?? [];
  const { target } = targetOf(name);
  if (!set || set.files.length === 0) return undefined;
  const files = [
    ...set.files.map(({ path, text }) => hostFile(path, text)),
    hostFile('/etc/hostname', 'kvm1\n'),
  ];
  const adoption = adopt(files, {});
  const again =
    adoption.intent &&
    compile(intentText(adoption), { file: 'x', backends: [backend], ...(target && { target }) });
  const texts = new Map((again?.sets?.[0]?.files ?? []).map(({ path, text }) => [path, text]));
  const isSame =
    texts.size === set.files.length &&
    set.files.every(({ path, text }) => texts.get(path) === text);
  return { name: `${backend} ${name}`, isSame, isReported: adoption.findings.length > 0 };
}

test('each golden case comes back from its files, or what is missing is reported', () => {
  const all = caseNames().filter((name) => targetOf(name).target === undefined);
  const found = all.flatMap((name, index) =>
    turn(
      backendsOf(name).filter((backend) => HOSTS.includes(backend)),
      12,
      index,
    ).flatMap((backend) => adopted(name, backend) ?? []),
  );
  assert.ok(found.length > all.length / 8, `${found.length}`);
  const lost = found.filter(
    ({ name, isSame }) => !isSame && !INCOMPLETE.has(name.split(' ')[1] ?? ''),
  );
  assert.equal(lost, []);
  assert.equal(
    found.filter(({ isSame, isReported }) => !isSame && !isReported),
    [],
  );
});

test('an edited line is reported, with its place', () => {
  const [set] = compiledCase('original', 'networkd').sets ?? [];
  const files = (set?.files ?? []).map(({ path, text }) =>
    hostFile(path, text.replace('Mode=bridge', 'Mode=bridge\nX-Site=1')),
  );
  const { findings } = adopt(files, {});
  assert.equal(
    findings.map(({ code, path, line }) => [code, path, line]),
    [['generated-not-adopted', '/etc/systemd/network/00-macvtap-veth0.netdev', 11]],
  );
});

test('a host that was installed by the command: its intent, by the command', async () => {
  const folder = temporaryFolder();
  const intent = join(folder, 'macvtap.yaml');
  writeFileSync(
    intent,
    `version: 1
host: kvm7
parents: {eth0: {mtu: 9000}}
shims:
  lan0:
    parent: eth0
    addresses: [198.51.100.50/24, "2001:db8:51::50/64"]
    routes: [{to: default, via: 198.51.100.254}]
    nameservers: {addresses: [192.0.2.53], search: [example.net]}
    optional: true
`,
  );
  for (const backend of HOSTS) {
    const root = join(folder, backend);
    mkdirSync(root);
    assert.is((await runHere(intent, '-b', backend, '--root', root)).status, 0, backend);
    const { status, stdout, stderr } = await runHere('init', '--root', root);
    assert.is(status, 0, stderr);
    assert.is(stderr, '', backend);
    const file = join(folder, `${backend}.yaml`);
    writeFileSync(file, stdout);
    const { status: differs, stdout: difference } = await runHere(
      'diff',
      intent,
      file,
      '-b',
      backend,
    );
    assert.is(differs, 0, `${backend}: ${difference}`);
  }
});

test.run();
