/** A tree with the rendered files and nothing else is read once, and found to be what a full look finds. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backendNamed } from '../../src/cli/layout.ts';
import { compareTree } from '../../src/install/compare.ts';
import { exactly } from '../../src/install/exact.ts';
import { ownerFindings } from '../../src/install/network-owner.ts';
import { type Base, treePlacements } from '../../src/install/places.ts';
import { survey } from '../../src/install/survey.ts';
import { directoryOf } from '../../src/library/memory.ts';
import { nodeSystem } from '../../src/node/node.ts';
import type { Directory } from '../../src/system.ts';
import { temporaryFolder } from '../command.ts';
import { backendsOf, caseNames, compiledCase, hasIntent } from '../golden/cases.ts';
import { install, PARENT, SET, SHIM } from './installing.ts';

test('a tree of the rendered files alone has no other file to judge, whatever the intent', () => {
  let looked = 0;
  for (const name of caseNames().filter(hasIntent)) {
    for (const id of backendsOf(name)) {
      const { sets, model } = compiledCase(name, id);
      const files = sets?.[0]?.files;
      if (!files || !model) continue;
      const backend = backendNamed(id);
      const base: Base = { steps: [], scope: backend.scope };
      const placements = treePlacements(files);
      const top = directoryOf(Object.fromEntries(files.map(({ path, text }) => [path, text])));
      const found = [
        ...survey(top, base, backend.watches, placements),
        ...ownerFindings(top, base, backend, model),
        ...compareTree(top, placements, [base]).leftovers,
      ];
      assert.equal(found, [], `${name}, ${id}`);
      looked += 1;
    }
  }
  assert.ok(looked > 500, `${looked} trees`);
});

const placements = treePlacements(SET);
const bases: readonly Base[] = [{ steps: [], scope: 'host' }];

function opened<T>(root: string, act: (top: Directory) => T): T {
  const top = nodeSystem([], {}).openDirectory(root);
  try {
    return act(top);
  } finally {
    top.close();
  }
}

test('what is the same is reported as a comparison does', async () => {
  const root = temporaryFolder();
  await install(root);
  opened(root, (top) => {
    const found = exactly(top, placements, root);
    assert.ok(found);
    assert.equal(found, compareTree(top, placements, bases, root));
    assert.is(exactly(top, placements.slice(1), root), undefined);
    const [first] = placements;
    assert.is(exactly(top, [...placements, ...(first ? [first] : [])], root), undefined);
  });
});

/** A tree, and one thing in it that is different. */
const DIFFERENT: Readonly<Record<string, (root: string) => void>> = {
  'another text': (root) => appendFileSync(join(root, SHIM), '\n'),
  'another mode': (root) => chmodSync(join(root, SHIM), 0o600),
  'a file less': (root) => rmSync(join(root, SHIM)),
  'a file more': (root) => writeFileSync(join(root, 'etc/hosts'), ''),
  'a folder more': (root) => mkdirSync(join(root, 'run')),
  'another name': (root) => renameSync(join(root, SHIM), join(root, `${SHIM}x`)),
  'a link to the same text': (root) => {
    renameSync(join(root, SHIM), join(root, '../shim'));
    symlinkSync('../../../../shim', join(root, SHIM));
  },
  'a link to the same folder': (root) => {
    renameSync(join(root, 'etc'), join(root, '../etc'));
    symlinkSync('../etc', join(root, 'etc'));
  },
  'a folder in the place of a file': (root) => {
    rmSync(join(root, PARENT));
    mkdirSync(join(root, PARENT));
  },
  'a pipe': (root) => {
    rmSync(join(root, PARENT));
    assert.is(spawnSync('mkfifo', [join(root, PARENT)]).status, 0);
  },
  'no text': (root) => writeFileSync(join(root, PARENT), Buffer.from([0xff])),
  ...(process.getuid?.() === 0 && {
    'another owner': (root: string) => chownSync(join(root, SHIM), 1, 0),
  }),
};

for (const [name, change] of Object.entries(DIFFERENT)) {
  test(`not the same: ${name}`, async () => {
    const root = join(temporaryFolder(), 'root');
    await install(root);
    assert.ok(opened(root, (top) => exactly(top, placements, root)));
    change(root);
    assert.is(
      opened(root, (top) => exactly(top, placements, root)),
      undefined,
    );
  });
}

test.run();
