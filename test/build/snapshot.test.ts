/** What the native binary starts from: packed so that it is unpacked alike, and independent of the run that recorded it. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lz4 } from '../../src/build/lz4.ts';
import { firstModules } from '../../src/build/modules.ts';
import { relocatable, snapshotOf } from '../../src/build/snapshot.ts';

/** A reader of LZ4's block format, byte by byte. @throws Error for a distance that `unpack` cannot copy */
function unpacked(packed: Buffer): Buffer {
  const out: number[] = [];
  let at = 0;
  const next = (): number => {
    const byte = packed[at++];
    if (byte === undefined) throw new Error('cut off');
    return byte;
  };
  const lengthFrom = (first: number): number => {
    let all = first;
    if (first < 15) return all;
    for (let more = 255; more === 255; all += more) more = next();
    return all;
  };
  while (at < packed.length) {
    const token = next();
    for (let left = lengthFrom(token >> 4); left > 0; left -= 1) out.push(next());
    if (at === packed.length) break;
    const distance = next() | (next() << 8);
    if (distance < 16 || distance > out.length) throw new Error(`distance ${distance}`);
    for (let left = lengthFrom(token & 15) + 4; left > 0; left -= 1)
      out.push(out[out.length - distance] ?? 0);
  }
  return Buffer.from(out);
}

test('packed texts are unpacked as they were', () => {
  const repeated = fc
    .tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.uint8Array({ maxLength: 300 }))
    .map(([first, count, last]) => Buffer.concat([...Array(count).fill(Buffer.from(first)), last]));
  fc.assert(
    fc.property(repeated, (text) => {
      assert.ok(unpacked(lz4(text)).equals(text));
    }),
    { numRuns: 300 },
  );
  const zeros = Buffer.alloc(100_000);
  assert.ok(unpacked(lz4(zeros)).equals(zeros));
  assert.ok(lz4(zeros).length < 1000);
});

/** What a run prints that was loaded at these places: six words of memory. */
function printed(start: bigint, program: bigint, stack: bigint, own: readonly bigint[]): Buffer {
  const words = [start, 48n, program, program + 4096n, stack, ...own];
  const bytes = Buffer.alloc(words.length * 8);
  for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8);
  return bytes;
}

const run = (start: bigint, program: bigint, stack: bigint, number = 7n): Buffer =>
  printed(start, program, stack, [start + 8n, program + 16n, stack + 99n, number, start + 48n, 0n]);

const [FIRST, SECOND] = [
  [0x7f0000100000n, 0x550000000000n, 0x7ffd00000000n],
  [0x7f0000900000n, 0x561000000000n, 0x7ffe00000000n],
] as const;

test('pointers are offsets, and where the stack was is forgotten', () => {
  const { memory, bits } = relocatable([run(...FIRST), run(...SECOND)]);
  const words = [0, 1, 2, 3, 4, 5].map((index) => memory.readBigUInt64LE(index * 8));
  // Near its own place, into the program, the stack, a number, near.
  assert.equal(words, [0x60000008n, 0x80000010n, 0n, 7n, 0x60000010n, 0n]);
  assert.is(bits[0], 0b010011);
  assert.is(memory.length, 512);
});

test('a pointer that is not near counts from the memory', () => {
  const all = ([start, program, stack]: typeof FIRST | typeof SECOND): Buffer => {
    const bytes = printed(start, program, stack, [
      0n,
      stack,
      ...Array<bigint>(400).fill(0n),
      start,
    ]);
    bytes.writeBigUInt64LE(403n * 8n, 8);
    return bytes;
  };
  const { memory, bits } = relocatable([all(FIRST), all(SECOND)]);
  assert.is(memory.readBigUInt64LE(402 * 8), 0n);
  assert.is(bits[402 >> 3], 1 << (402 & 7));
  assert.is(memory.length, 7 * 512);
});

test('two runs at other places give the same snapshot', () => {
  const snapshot = snapshotOf([run(...FIRST), run(...SECOND)]);
  assert.is(snapshot.readBigUInt64LE(), 512n);
  assert.ok(snapshot.equals(snapshotOf([run(...SECOND), run(...FIRST)])));
});

test('a number that looks like a pointer of one run, or of both, is a number', () => {
  // One reference to a text of 85 characters, as the head of a string has it; an emulator loads programs there.
  const head = 0x5500000001n;
  const [start, , stack] = FIRST;
  const [, ...ofSecond] = SECOND;
  for (const [runs, name] of [
    [[run(start, 0x5500000000n, stack, head), run(...SECOND, head)], 'of one'],
    [
      [
        run(start, 0x5500000000n, stack, head),
        run(start + 4096n, 0x54fffff008n, ofSecond[1], head),
      ],
      'of both',
    ],
  ] as const) {
    const { memory, bits } = relocatable(runs);
    assert.is(memory.readBigUInt64LE(3 * 8), head, name);
    assert.is(bits[0], 0b010011, name);
  }
});

test('runs that were loaded at one place are refused', () => {
  assert.throws(() => snapshotOf([run(...FIRST), run(...FIRST)]), /their start at 0x7f0000100000/);
  for (const [index, name] of ['start', 'program', 'stack'].entries()) {
    const places = [...SECOND] as [bigint, bigint, bigint];
    places[index] = FIRST[index] ?? 0n;
    assert.throws(
      () => snapshotOf([run(...FIRST), run(...places)]),
      new RegExp(`have their ${name} `),
    );
  }
});

test('memory that differs by more than its place is refused', () => {
  assert.throws(() => snapshotOf([run(...FIRST), run(...SECOND, 8n)]), /different memory/);
  // An address of the first run, and nothing of the second.
  assert.throws(() => snapshotOf([run(...FIRST, FIRST[0]), run(...SECOND, 9n)]), /different/);
  // Another offset; another target.
  const other = [run(...FIRST, FIRST[0]), run(...SECOND, SECOND[0] + 8n)] as const;
  assert.throws(() => snapshotOf(other), /different/);
  assert.throws(
    () => snapshotOf([run(...FIRST, FIRST[0]), run(...SECOND, SECOND[1])]),
    /different/,
  );
  const ofStack = [run(...FIRST, FIRST[2] - 8n), run(...SECOND, SECOND[2] - 8n)] as const;
  assert.throws(() => relocatable(ofStack), /2 pointers into the stack/);
  const short = run(...FIRST).subarray(0, 80);
  assert.throws(() => relocatable([short, run(...SECOND)]), /cut off/);
});

test('what is evaluated first is each command that compiles, with all that it imports', () => {
  const entry = (name: string) => `src/${name}.ts`;
  const names = [
    ...['native/main', 'native/search', 'cli/pack', 'cli/fleet-install', 'cli/install'],
    'cli/check',
  ];
  const output = (entryPoint: string | undefined, imports: object[]) => ({
    ...(entryPoint && { entryPoint }),
    imports,
    bytes: 0,
    inputs: {},
    exports: [],
  });
  const outputs = {
    ...Object.fromEntries(names.map((name) => [`out/${name}.js`, output(entry(name), [])])),
    'out/native/main.js': output(entry('native/main'), [
      { path: 'out/chunk-A.js', kind: 'import-statement' },
      { path: 'out/doctor.js', kind: 'dynamic-import' },
    ]),
    'out/chunk-A.js': output(undefined, []),
    'out/doctor.js': output(entry('cli/doctor'), []),
  } as unknown as Parameters<typeof firstModules>[0]['outputs'];
  const first = firstModules({ outputs });
  assert.equal(first.slice(0, 2), ['main.js', 'chunk-A.js']);
  assert.is(first.length, names.length + 1);
  assert.throws(() => firstModules({ outputs: {} }), /no module of src\/native\/main\.ts/);
});

test.run();
