/** V8's code cache of the command: it is used, and whatever is wrong with it, the command does the same. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheFile, PARTS, textFile, wrapped } from '../../src/build/code-cache.ts';
import { dist, REPOSITORY, temporaryFolder } from '../command.ts';

const LOADER = 'macvtap-render.cjs';
/** What a run of `WORDS` loads after the first part, and before what its back end alone needs. */
const PROGRAM = textFile('render');
const CACHE = cacheFile('render');
const WORDS = ['golden/original/intent.yaml', '--backend', 'networkd'];

/** Reports what V8 makes of the cache that it is given. */
const WATCH = `
const vm = require('node:vm');
vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    const { cachedData } = options;
    process.stderr.write(cachedData === undefined ? 'none' : this.cachedDataRejected ? 'rejected' : 'used');
  }
};
`;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  /** `used`, `rejected`, `none`. */
  readonly stderr: string;
}

/** A copy of the command, with a change. */
function ran(
  change: (folder: string) => void,
  flags: readonly string[] = [],
  words: readonly string[] = WORDS,
): Ran {
  const folder = temporaryFolder();
  for (const name of [LOADER, 'program']) {
    cpSync(join(dist, name), join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'watch.cjs'), WATCH);
  change(folder);
  const argv = [...flags, '--require', join(folder, 'watch.cjs'), join(folder, LOADER), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: REPOSITORY,
    encoding: 'utf8',
    env: {},
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const changing =
  (name: string, change: (bytes: Buffer) => Buffer) =>
  (folder: string): void => {
    const path = join(folder, name);
    writeFileSync(path, change(readFileSync(path)));
  };

/** One bit of a byte, which is at this part of the whole. */
const flipped =
  (part: number) =>
  (bytes: Buffer): Buffer => {
    const at = Math.floor((bytes.length - 1) * part);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
    return bytes;
  };

/** A loader that takes the cache as it is. */
const unchecked = (folder: string): void => {
  const path = join(folder, LOADER);
  const text = readFileSync(path, 'utf8');
  const open = text.replace(/if \(sumOf\(.*\) cachedData/, 'cachedData');
  assert.is.not(open, text);
  writeFileSync(path, open);
};

const right = ran(() => {});

test('the cache is used', () => {
  assert.is(right.status, 0);
  assert.match(right.stdout, /MACVLAN=veth0/);
  assert.is(right.stderr, 'usedusedused');
});

test('each part has a cache, which is used where a run needs the part', () => {
  assert.equal(
    readdirSync(join(dist, 'program')).sort(),
    PARTS.flatMap((part) => [cacheFile(part), textFile(part)])
      .map((path) => basename(path))
      .sort(),
  );
  for (const [words, parts] of [
    [['--version'], 1],
    [['help'], 3],
    [['explain', ...WORDS], 4],
    [['explain', 'yaml-anchor'], 5],
    [['lint', ...WORDS], 4],
  ] as const) {
    const { status, stderr } = ran(() => {}, [], words);
    assert.is(status, 0, words.join(' '));
    assert.is(stderr, 'used'.repeat(parts), words.join(' '));
  }
});

test('the cache of a part that is loaded later is checked, too', () => {
  const words = ['explain', ...WORDS];
  const { stdout } = ran(() => {}, [], words);
  const damaged = ran(changing(cacheFile('explain'), flipped(0.5)), [], words);
  assert.equal(damaged, { status: 0, stdout, stderr: 'usedusedusednone' });
});

test('no warning is printed about how the sum is computed', () => {
  assert.equal(
    ran(() => {}, ['--pending-deprecation']),
    right,
  );
});

test('a cache that is missing or damaged is not used, and the output is the same', () => {
  const { stdout } = right;
  const none = { status: 0, stdout, stderr: 'usednoneused' };
  for (const [name, change] of [
    ['missing', (folder: string) => rmSync(join(folder, CACHE))],
    ['empty', changing(CACHE, () => Buffer.alloc(0))],
    ['cut off', changing(CACHE, (bytes) => bytes.subarray(0, bytes.length / 2))],
    ['a bit of its header', changing(CACHE, flipped(0))],
    ['a bit of its middle', changing(CACHE, flipped(0.5))],
    ['its last byte', changing(CACHE, flipped(1))],
    ['of another program', changing(CACHE, () => readFileSync(join(dist, PROGRAM)))],
  ] as const) {
    assert.equal(ran(change), none, name);
  }
});

test('a cache of another processor or another build of Node is not used', () => {
  for (const [own, other] of [
    [`=== "${process.arch}`, '=== "riscv64'],
    [process.versions.openssl, '1.0.0'],
  ] as const) {
    const foreign = ran((folder) => {
      const path = join(folder, LOADER);
      const text = readFileSync(path, 'utf8');
      assert.ok(text.includes(own));
      writeFileSync(path, text.replace(own, other));
    });
    assert.equal(foreign, { ...right, stderr: 'nonenonenone' }, own);
  }
});

test('a program of the same length with another text runs as it is', () => {
  const other = ran(
    changing(textFile('networkd'), (bytes) =>
      Buffer.from(bytes.toString('latin1').replaceAll('MACVLAN=', 'MACVLAN+'), 'latin1'),
    ),
  );
  assert.is(other.stderr, 'usedusednone');
  assert.is(other.stdout, right.stdout.replaceAll('MACVLAN=', 'MACVLAN+'));
  assert.is.not(other.stdout, right.stdout);
});

test('V8 of another version, or with other flags, rejects it, and the output is the same', () => {
  assert.equal(
    ran(() => {}, ['--no-lazy-feedback-allocation']),
    { ...right, stderr: 'rejectedrejectedrejected' },
  );
  // The sum is right, and the version is not this V8's: the second word of the header.
  const foreign = ran((folder) => {
    const cache = readFileSync(join(folder, CACHE));
    cache.writeUInt8(cache.readUInt8(5) ^ 4, 5);
    writeFileSync(join(folder, CACHE), cache);
    const sum = (bytes: Buffer): string =>
      String(crc32(bytes, crc32(readFileSync(join(dist, PROGRAM)))));
    const path = join(folder, LOADER);
    const text = readFileSync(path, 'utf8');
    const own = sum(readFileSync(join(dist, CACHE)));
    assert.ok(text.includes(own));
    writeFileSync(path, text.replace(own, sum(cache)));
  });
  assert.equal(foreign, { ...right, stderr: 'usedrejectedused' });
});

test('what the sum is for: V8 itself uses a cache that is damaged', () => {
  // Zeros in the place of its bytecode.
  const bad = ran((folder) => {
    unchecked(folder);
    changing(CACHE, (bytes) => bytes.fill(0, bytes.length / 2))(folder);
  });
  assert.is.not(bad.stdout, right.stdout);
  assert.is(ran(unchecked).stderr, 'usedusedused');
});

test('no run writes the cache', () => {
  let before: string[] = [];
  let folder = '';
  const ofMissing = ran((own) => {
    folder = own;
    rmSync(join(own, CACHE));
    before = readdirSync(own);
  });
  assert.is(ofMissing.status, 0);
  assert.equal(readdirSync(folder), before);
});

test('a program with other characters than ASCII is refused when it is built', () => {
  assert.is(wrapped("'use strict';"), "(function(require,part){'use strict';\n})");
  assert.throws(() => wrapped("'ä'"), /not ASCII/);
});

test.run();
