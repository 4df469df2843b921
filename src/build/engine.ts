/**
 * QuickJS for the native binary: the source package of Debian 13, without what reaches files or
 * starts programs (quickjs-libc.c is for qjsc alone), and with few changes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fetchFrom } from './debian.ts';

export const QUICKJS = {
  suite: 'trixie',
  version: '2025.04.26-1',
  tarball: 'quickjs_2025.04.26.orig.tar.xz',
  sha256: 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe',
  folder: 'quickjs-2025.04.26',
} as const;

export const ENGINE = ['quickjs.c', 'dtoa.c', 'libregexp.c', 'libunicode.c', 'cutils.c'];

/**
 * What a snapshot needs of quickjs.c. Its hash tables have addresses of objects as keys, which
 * differ from one run to another, and a context begins with the time. (Nothing calls Math.random().)
 * The last: without positions for stack traces, a quarter of the bytecode, `import()` does not know
 * which module it stands in; all are in one folder.
 */
const CHANGES: readonly (readonly [from: string, to: string])[] = [
  [
    '    h = shape_hash(1, (uintptr_t)proto);\n    if (sizeof(proto) > 4)\n        h = shape_hash(h, (uint64_t)(uintptr_t)proto >> 32);\n',
    '    h = shape_hash(1, engine_address(proto));\n    if (sizeof(proto) > 4)\n        h = shape_hash(h, (uint64_t)engine_address(proto) >> 32);\n',
  ],
  [
    'map_hash_pointer((uintptr_t)JS_VALUE_GET_PTR(key) ^ tag',
    'map_hash_pointer(engine_address(JS_VALUE_GET_PTR(key)) ^ tag',
  ],
  [
    '    gettimeofday(&tv, NULL);\n    ctx->random_state =',
    '    memset(&tv, 0, sizeof(tv));\n    ctx->random_state =',
  ],
  [
    '    if (basename == JS_ATOM_NULL)\n        basename_val = JS_NULL;\n',
    '    if (basename == JS_ATOM_NULL)\n        basename_val = JS_AtomToValue(ctx, JS_ATOM_empty_string);\n',
  ],
];

/**
 * QuickJS's sources below a folder of this build's own: another build may be at work.
 * @returns their folder
 * @throws Error where they are not those that were reviewed
 */
export function engineSource(work: string): string {
  const cache = cacheFolder('quickjs-source');
  const downloads = join(cache, 'downloads');
  const tarball = join(downloads, QUICKJS.tarball);
  if (!existsSync(tarball))
    fetchFrom(QUICKJS.suite, cache, downloads, [
      'source',
      '--download-only',
      `quickjs=${QUICKJS.version}`,
    ]);
  const found = createHash('sha256').update(readFileSync(tarball)).digest('hex');
  if (found !== QUICKJS.sha256) throw new Error(`${tarball}: not the known sources (${found})`);
  execFileSync('tar', ['-xf', tarball, '-C', work], { stdio: ['ignore', 'inherit', 'inherit'] });
  const folder = join(work, QUICKJS.folder);
  const file = join(folder, 'quickjs.c');
  writeFileSync(file, changed(readFileSync(file, 'utf8')));
  return folder;
}

function changed(source: string): string {
  return CHANGES.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`${parts.length - 1} places in quickjs.c of ${from}`);
    return parts.join(to);
  }, source);
}
