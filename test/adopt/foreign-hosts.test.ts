/** `init` on hosts with a past: the intent is right, and no setting is lost without a report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../command.ts';
import { runHere } from '../in-process.ts';
import { type Answer, lostIn } from './counted.ts';
import { allHosts, type Host, writeHost } from './fixtures.ts';

const folder = temporaryFolder();
const HOSTS = allHosts();

/** A host written below a folder of its own. */
function rootOf(host: Host): string {
  const root = join(folder, host.name);
  mkdirSync(root, { recursive: true });
  writeHost(host, root);
  return root;
}

interface Adopted {
  readonly host: Host;
  readonly root: string;
  readonly text: string;
  readonly answer: Answer & { readonly backend?: string; readonly target?: string };
}

const adopted: Adopted[] = [];
for (const host of HOSTS) {
  const root = rootOf(host);
  const words = ['init', '--root', root, ...host.options];
  const { status, stdout: text, stderr } = await runHere(...words);
  assert.is(status, 0, `${host.name}: ${stderr}`);
  const json = JSON.parse((await runHere(...words, '--format', 'json')).stdout);
  adopted.push({ host, root, text, answer: json.hosts[0] });
}

/** What a lease's new MAC is called by both commands. */
const LEASE = { init: 'lease-may-change', lint: 'dhcp-new-mac' };

test('there are enough of them, of every system and from public configurations', () => {
  assert.ok(HOSTS.length >= 50, `${HOSTS.length} hosts`);
  const sources = new Set(HOSTS.flatMap(({ source }) => source ?? []));
  assert.ok(sources.size >= 20, `${sources.size} sources`);
  const backends = new Set(adopted.map(({ answer }) => answer.backend ?? 'none'));
  for (const backend of ['networkd', 'networkmanager', 'netplan-networkd', 'ifupdown', 'none']) {
    assert.ok(backends.has(backend), backend);
  }
  assert.ok(backends.has('netplan-networkmanager'));
});

test('init | lint is clean, but for what the host itself deserves', async () => {
  for (const { host, root, text, answer } of adopted) {
    const file = join(root, 'intent.yaml');
    writeFileSync(file, text);
    const { status, stderr } = await runHere('lint', file);
    assert.is(status, 0, `${host.name}: ${stderr}`);
    const warned = [...stderr.matchAll(/ warning\[([\w-]+)\]/g)].map(([, code = '']) => code);
    assert.equal([...new Set(warned)].sort(), [...host.warnings].sort(), `${host.name}: ${stderr}`);
    const isReported = answer.findings.some(({ code }) => code === LEASE.init);
    assert.ok(isReported || !warned.includes(LEASE.lint), host.name);
  }
});

test('no setting is lost without a report', () => {
  const lost = adopted.flatMap(({ host, answer }) =>
    lostIn(host.files, answer).map((line) => `${host.name}: ${line}`),
  );
  assert.equal(lost, []);
});

test('a value or a finding that is taken away is missed by the count', () => {
  let tried = 0;
  for (const { host, answer } of adopted) {
    const lines = [
      ...answer.values.map(({ file, line }) => ({ file, line })),
      ...answer.findings
        .filter(({ code }) => code === 'setting-not-adopted')
        .map(({ path, line }) => ({ file: path, line })),
    ];
    for (const { file, line } of lines) {
      if (file === undefined || line === undefined || !host.files.has(file)) continue;
      const rest: Answer = {
        values: answer.values.filter((item) => item.file !== file || item.line !== line),
        findings: answer.findings.filter((item) => item.path !== file || item.line !== line),
      };
      if (lostIn(host.files, rest).some((text) => text.startsWith(`${file}:${line}: `))) tried++;
    }
  }
  // Others are in lines that set nothing by themselves (`iface eth0 inet6 static`, /etc/hostname).
  assert.ok(tried > 4 * HOSTS.length, `${tried} of ${HOSTS.length} hosts`);
});

test('the same tree gives the same text, and JSON has what the text has', async () => {
  for (const { host, root, text, answer } of adopted.slice(0, 5)) {
    assert.is((await runHere('init', '--root', root, ...host.options)).stdout, text);
    for (const { file, line } of answer.values) {
      if (file !== undefined && line !== undefined)
        assert.ok(text.includes(`${file}:${line}`), text);
    }
  }
});

test.run();
