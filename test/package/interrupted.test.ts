/** Packagings that are killed at any name: the next run is right, and leaves nothing behind. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeSystem } from '../../src/node/node.ts';
import { packagings } from '../../src/package/packagings.ts';
import { isLockName } from '../../src/view/ownership.ts';
import { temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { runHere, runWith } from '../in-process.ts';
import { stoppingAt } from '../install/stopping.ts';
import { isLong } from '../long.ts';

const FLEET = `version: 1
defaults: {shims: {veth0: {parent: eth0}}}
hosts:
  kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
  kvm2: {shims: {veth0: {addresses: [198.51.100.51/24]}}}
`;

const treeOf = (root: string): [string, string][] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path.slice(root.length), readFileSync(path, 'utf8')]);

/** Locks of this process, as those of one that is dead. */
function bury(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!isLockName(entry.name)) continue;
    const dead = entry.name.replace(/^\.macvtap-lock\.[^.]*/, '.macvtap-lock.0');
    renameSync(join(entry.parentPath, entry.name), join(entry.parentPath, dead));
  }
}

const memory = mkdtempSync(join(tmpdir(), 'macvtap-interrupted-'));
process.on('exit', () => rmSync(memory, { recursive: true, force: true }));

test('killed at any name, the next run is as if nothing had been, and leaves nothing behind', async () => {
  const folders = temporaryFolder();
  const intents = { item: intentOf('original'), fleet: FLEET };
  let kills = 0;
  for (const { id } of packagings.filter(({ members }) => members !== undefined)) {
    for (const [name, text] of Object.entries(intents)) {
      const intent = join(folders, `${name}.yaml`);
      writeFileSync(intent, text);
      const words = (root: string) => [intent, '-b', 'networkd', '--format', id, '--output', root];
      const whole = mkdtempSync(join(memory, 'whole-'));
      assert.is((await runHere(...words(whole))).status, 0);
      for (let count = 1; ; count += isLong ? 1 : 7) {
        const root = mkdtempSync(join(memory, 'killed-'));
        const { openDirectory } = nodeSystem([], {});
        const { status } = await runWith(
          { openDirectory: (path) => stoppingAt(count, openDirectory(path), { locks: true }) },
          words(root),
        );
        bury(root);
        const findings = `${id}, ${name}, killed at ${count}`;
        const again = await runHere(...words(root));
        assert.is(again.status, 0, `${findings}: ${again.stderr}`);
        assert.equal(treeOf(root), treeOf(whole), findings);
        if (status === 0) break;
        kills += 1;
      }
    }
  }
  assert.ok(kills > (isLong ? 150 : 20), `${kills}`);
});

test.run();
