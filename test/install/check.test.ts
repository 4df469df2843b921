/** `check`: a tree against the intent, for people, programs and code review. */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere } from '../in-process.ts';
import { documentOf } from '../output-schema.ts';

const ORIGINAL = 'golden/original/intent.yaml';
const NETWORK = 'etc/systemd/network';
const PARENT = `${NETWORK}/00-macvtap-eth0.network`;
const SHIM = `${NETWORK}/00-macvtap-veth0.network`;

const check = (root: string, ...more: string[]) =>
  runHere('check', ORIGINAL, '-b', 'networkd', '--root', root, ...more);

async function installed(backend = 'networkd'): Promise<string> {
  const root = temporaryFolder();
  assert.is((await runHere(ORIGINAL, '-b', backend, '--root', root)).status, 0);
  return root;
}

test('up to date is status 0 for every back end; a missing directory lacks all files', async () => {
  for (const { id } of backends) {
    const root = await installed(id);
    const { status, stdout } = await runHere('check', ORIGINAL, '-b', id, '--root', root);
    assert.is(status, 0, stdout);
    assert.match(stdout, /^Up to date \(\d+ files\)\.$/m);
  }
  const none = join(temporaryFolder(), 'none');
  const { status, stdout } = await check(none);
  assert.is(status, 1);
  const { sets } = compile(intentOf('original'), { file: 'x', backends: ['networkd'] });
  assert.is(stdout.match(/error\[file-missing\]/g)?.length, sets?.[0]?.files.length);
  assert.throws(() => statSync(none));
});

/** What is done to a tree, and the codes that it brings. */
const SPOILED: readonly [codes: string[], spoil: (root: string) => void][] = [
  [['file-missing'], (root) => rmSync(join(root, SHIM))],
  [['file-changed'], (root) => appendFileSync(join(root, PARENT), 'MACVLAN=veth9\n')],
  [['file-edited'], (root) => writeFileSync(join(root, SHIM), '[Match]\nName=veth0\n')],
  [['file-mode'], (root) => chmodSync(join(root, PARENT), 0o600)],
  [
    ['file-extra'],
    (root) =>
      writeFileSync(
        join(root, NETWORK, '00-macvtap-old0.network'),
        readFileSync(join(root, SHIM), 'utf8').replace('Name=veth0', 'Name=old0'),
      ),
  ],
  [
    ['file-left-over'],
    (root) => writeFileSync(join(root, NETWORK, '.00-macvtap-eth0.network.macvtap-new'), ''),
  ],
  [
    ['file-of-other-host'],
    (root) =>
      writeFileSync(
        join(root, SHIM),
        readFileSync(join(root, SHIM), 'utf8').replace('kvm1', 'kvm2'),
      ),
  ],
  [
    ['file-in-the-way'],
    (root) => {
      rmSync(join(root, SHIM));
      symlinkSync('/dev/null', join(root, SHIM));
    },
  ],
  [
    ['file-in-the-way'],
    (root) => {
      rmSync(join(root, SHIM));
      mkdirSync(join(root, SHIM));
    },
  ],
  [
    ['shadowed', 'shadowed'],
    (root) => writeFileSync(join(root, NETWORK, '00-lan.network'), '[Match]\nType=ether\n'),
  ],
];

test('each kind of difference has its code, and the printed command fixes it', async () => {
  for (const [codes, spoil] of SPOILED) {
    const root = await installed();
    spoil(root);
    const { status, stdout } = await check(root, '--format', 'json');
    const { hosts, fix } = documentOf('check', stdout);
    const findings = hosts[0]?.findings ?? [];
    assert.is(status, 1, codes.join());
    assert.equal(
      findings.map(({ code }) => code),
      codes,
    );
    assert.ok(findings.every(({ path }) => path.startsWith(`${root}/etc/`)));
    assert.match((await check(root)).stdout, new RegExp(`error\\[${codes[0]}\\]`));
    // What nothing is written through nor in the place of, no command moves away.
    const isDirectory = statSync(join(root, SHIM), { throwIfNoEntry: false })?.isDirectory();
    if (isDirectory) assert.is(fix, undefined);
    if (fix === undefined) continue;
    const words = fix.split(' ').slice(1);
    const repaired = await runHere(...words);
    assert.is(repaired.status, 0, `${fix}\n${repaired.stderr}`);
    assert.is((await check(root)).status, 0, fix);
  }
});

test('the difference is a patch that patch(1) takes', async () => {
  const root = await installed();
  appendFileSync(join(root, PARENT), 'MACVLAN=veth9\n');
  rmSync(join(root, SHIM));
  const [host] = documentOf('check', (await check(root, '--format', 'json')).stdout).hosts;
  const patch = host?.patches[0]?.patch ?? '';
  const { status, stderr } = spawnSync('git', ['apply', '--unsafe-paths', '-p1', '--directory=/'], {
    cwd: root,
    input: patch,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  assert.is((await check(root)).status, 0);
});

test('modes are not compared with --no-mode: git keeps none', async () => {
  const root = await installed('networkmanager');
  const profile = join(root, 'etc/NetworkManager/system-connections/macvtap-eth0.nmconnection');
  chmodSync(profile, 0o644);
  const run = (...more: string[]) =>
    runHere('check', ORIGINAL, '-b', 'networkmanager', '--root', root, ...more);
  assert.is((await run()).status, 1);
  assert.is((await run('--no-mode')).status, 0);
});

test('in a tree of root, a file of another user is reported, and recreated for root', async () => {
  if (process.getuid?.() !== 0) return;
  const root = await installed();
  chownSync(join(root, PARENT), 65534, 65534);
  assert.match((await check(root)).stdout, /error\[file-owner\]: The owner is 65534:65534/);
  assert.match(
    (await runHere(ORIGINAL, '-b', 'networkd', '--root', root)).stderr,
    /^owner: .*eth0\.network$/m,
  );
  assert.is(statSync(join(root, PARENT)).uid, 0);
  assert.is((await check(root)).status, 0);
});

test('SARIF: one result for each finding, with its rule, place and level; and those of the intent', async () => {
  const root = await installed();
  appendFileSync(join(root, PARENT), 'MACVLAN=veth9\n');
  const { status, stdout } = await check(root, '--format', 'sarif');
  assert.is(status, 1);
  interface Log {
    version: string;
    runs: {
      tool: { driver: { name: string; rules: { id: string }[] } };
      results: {
        ruleId: string;
        ruleIndex: number;
        level: string;
        message: { text: string };
        locations: {
          physicalLocation: {
            artifactLocation: { uri: string };
            region: { startLine: number; startColumn?: number };
          };
        }[];
      }[];
    }[];
  }
  const log = JSON.parse(stdout) as Log;
  assert.is(log.version, '2.1.0');
  const [run] = log.runs;
  assert.equal(
    run?.results.map(({ ruleId, level }) => [ruleId, level]),
    [['file-changed', 'error']],
  );
  const [result] = run?.results ?? [];
  assert.is(run?.tool.driver.rules[result?.ruleIndex ?? -1]?.id, 'file-changed');
  const place = result?.locations[0]?.physicalLocation;
  assert.is(place?.artifactLocation.uri, `file://${root}/${PARENT}`);
  assert.is(place?.region.startLine, 19);
  const bad = await runHere(
    'check',
    'golden/bad-gateway-unreachable/intent.yaml',
    '-b',
    'networkd',
    '--root',
    root,
    '--format',
    'sarif',
  );
  assert.is(bad.status, 2);
  const [wrong] = (JSON.parse(bad.stdout) as Log).runs[0]?.results ?? [];
  assert.is(wrong?.ruleId, 'gateway-unreachable');
  assert.is(
    wrong?.locations[0]?.physicalLocation.artifactLocation.uri,
    'golden/bad-gateway-unreachable/intent.yaml',
  );
  assert.ok((wrong?.locations[0]?.physicalLocation.region.startColumn ?? 0) > 1);
});

test.run();
