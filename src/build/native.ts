/**
 * `npm run build:native [-- ARCHITECTURE] [--sanitize]`: the command as one static binary,
 * dist/native/macvtap-render, without Node and without a shared library; amd64 or arm64, this
 * machine's by default. Needs Debian 12 or later; as root it installs the compiler that is missing.
 *
 * The same TypeScript as under Node, bundled by esbuild, compiled to bytecode by QuickJS's qjsc,
 * linked with QuickJS and with src/native/. QuickJS is built from the source package of Debian 13:
 * Debian 12 has none, and the library of Debian 13 does not link there. The same sources and
 * compiler give the same bytes. `--sanitize` makes dist/native/macvtap-render-sanitized, with
 * address and undefined behaviour checked while it runs.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { bundledTexts, precompiledTemplates, shared } from './bundle.ts';
import { architecture, cacheFolder, fetchFrom } from './debian.ts';
import type { Bundled } from './notices.ts';

const QUICKJS = {
  suite: 'trixie',
  version: '2025.04.26-1',
  tarball: 'quickjs_2025.04.26.orig.tar.xz',
  sha256: 'ec81da5b3249ed648dbc7df4a1654988910e66a118d9b71cb63534216efcfbbe',
  folder: 'quickjs-2025.04.26',
} as const;

/** QuickJS without what reaches files or starts programs: quickjs-libc.c is for qjsc alone. */
const ENGINE = ['quickjs.c', 'dtoa.c', 'libregexp.c', 'libunicode.c', 'cutils.c'];
const OWN = ['main.c', 'pool.c', 'posix.c'];

/** Compiler and packages, by Debian's name of the architecture that is built for. */
const COMPILERS: Readonly<
  Record<string, { readonly cc: string; readonly own: readonly string[] }>
> = {
  // Returns and jumps are checked by the processor, where it can.
  amd64: { cc: 'x86_64-linux-gnu-gcc', own: ['-fcf-protection'] },
  arm64: { cc: 'aarch64-linux-gnu-gcc', own: ['-mbranch-protection=standard'] },
};

const DEFINES = [
  '-D_GNU_SOURCE',
  // As in QuickJS's Makefile: signed overflow wraps.
  '-fwrapv',
  `-DCONFIG_VERSION="${QUICKJS.folder}"`,
];
const STATIC = ['-O2', '-fPIE', '-static-pie', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'];
const LINK = ['-Wl,-z,relro,-z,now,-z,noexecstack', '-Wl,--build-id=none', '-s'];
const SANITIZE = [
  '-O1',
  '-g',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  '-fno-omit-frame-pointer',
  '-DFREE_ALL',
];
/** Flags for the program's own sources; QuickJS is compiled as it is. */
const STRICT = [
  '-Wall',
  '-Wextra',
  '-Wno-unused-parameter',
  '-Wconversion',
  '-Wno-sign-conversion',
  '-Werror',
];

const root = fileURLToPath(new URL('../../', import.meta.url));

const run = (command: string, words: readonly string[], cwd?: string): void => {
  execFileSync(command, words, { stdio: ['ignore', 'inherit', 'inherit'], ...(cwd && { cwd }) });
};

/** What there is of `node:` in the binary, and what runs otherwise there. */
const nativeModules: Plugin = {
  name: 'native-modules',
  setup({ onResolve }) {
    const own = (name: string) => ({ path: join(root, 'src/native', `${name}.ts`) });
    onResolve({ filter: /^node:/ }, ({ path }) =>
      own(path.slice('node:'.length).replace('_', '-')),
    );
    onResolve({ filter: /^\.\/(?:sleep|search|heap)\.ts$/ }, ({ path, importer }) =>
      importer.includes('/src/node/') ? own(path.slice('./'.length, -'.ts'.length)) : undefined,
    );
  },
};

/**
 * The program as modules: main.js, what it always needs, and what it imports where it does.
 * @returns the files in them, from the top of the repository
 */
export async function bundleNative(outdir: string): Promise<string[]> {
  const { metafile } = await build({
    ...shared,
    entryPoints: ['src/native/main.ts'],
    outdir,
    splitting: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    inject: ['src/native/process.ts'],
    plugins: [precompiledTemplates, bundledTexts, nativeModules],
  });
  return Object.keys(metafile.inputs);
}

/** Compiles the modules below `folder`. @returns the C files that have them, main.js first */
function bytecode(qjsc: string, folder: string): string[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .sort();
  const others = names.filter((name) => name !== 'main.js');
  const symbol = (name: string): string =>
    name === 'main.js' ? 'qjsc_main' : `qjsc_${name.replace(/\.js$/, '').replace(/\W/g, '_')}`;
  // What is imported otherwise qjsc finds itself, and would compile twice if it were named here.
  const dynamic = others.flatMap((name) => (name.startsWith('chunk-') ? [] : ['-D', name]));
  run(qjsc, ['-c', '-m', '-N', 'qjsc_main', ...dynamic, '-o', 'program.c', 'main.js'], folder);
  const all = ['main.js', ...others];
  const lines = [
    '#include <stdint.h>',
    ...all.map(
      (name) =>
        `extern const uint8_t ${symbol(name)}[]; extern const uint32_t ${symbol(name)}_size;`,
    ),
    'const struct { const char *name; const uint8_t *bytes; const uint32_t *size; } MODULES[] = {',
    ...all.map((name) => `  {"${name}", ${symbol(name)}, &${symbol(name)}_size},`),
    '  {0, 0, 0},',
    '};',
  ];
  writeFileSync(join(folder, 'modules.c'), `${lines.join('\n')}\n`);
  return ['program.c', 'modules.c'];
}

function install(packages: readonly string[]): void {
  const missing = packages.filter((name) => {
    try {
      const state = execFileSync('dpkg-query', ['-W', '-f', `$\{db:Status-Status}`, name], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return state !== 'installed';
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return;
  if (process.geteuid?.() !== 0)
    throw new Error(`missing: apt-get install --no-install-recommends ${missing.join(' ')}`);
  process.env['DEBIAN_FRONTEND'] = 'noninteractive';
  run('apt-get', ['-qq', 'update']);
  run('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...missing]);
}

/**
 * QuickJS's sources below a folder of this build's own: another build may be at work.
 * @returns their folder
 * @throws Error where they are not those that were reviewed
 */
function engineSource(work: string): string {
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
  run('tar', ['-xf', tarball, '-C', work]);
  return join(work, QUICKJS.folder);
}

/** A binary, and what it is made of. */
export interface NativeBuild {
  readonly path: string;
  /** Files of the bundle, from the top of the repository. */
  readonly inputs: readonly string[];
  /** QuickJS, with its licence. */
  readonly engine: Bundled;
  /** Debian's package with the C library that is linked in. */
  readonly libc: string;
}

/** Makes the binary below `outdir`. */
export async function buildNative(
  outdir: string,
  arch = architecture(),
  isSanitized = false,
): Promise<NativeBuild> {
  const target = COMPILERS[arch];
  const host = COMPILERS[architecture()];
  if (!target || !host) throw new Error(`no compiler is known for ${arch}`);
  const libcOf = (of: string): string =>
    of === architecture() ? 'libc6-dev' : `libc6-dev-${of}-cross`;
  const packageOf = (of: string): string[] => [
    of === architecture()
      ? 'gcc'
      : `gcc-${COMPILERS[of]?.cc.replace(/-gcc$/, '').replace('_', '-')}`,
    libcOf(of),
  ];
  install([...new Set([...packageOf(architecture()), ...packageOf(arch), 'xz-utils'])]);
  const work = mkdtempSync(join(tmpdir(), 'macvtap-native-'));
  try {
    const source = engineSource(work);
    const qjsc = join(work, 'qjsc');
    const cc = ['-DCONFIG_CC="cc"', '-DCONFIG_PREFIX="/usr"', '-O1', ...DEFINES];
    run(
      host.cc,
      [...cc, '-o', qjsc, 'qjsc.c', 'quickjs-libc.c', ...ENGINE, '-lm', '-ldl', '-lpthread'],
      source,
    );
    const modules = join(work, 'modules');
    const inputs = await bundleNative(modules);
    const program = bytecode(qjsc, modules);
    const flags = isSanitized ? SANITIZE : [...STATIC, ...target.own];
    const compile = (file: string, from: string, more: readonly string[]): string => {
      const object = join(work, file.replace(/\.c$/, '.o'));
      // No path of this machine is in what is built.
      const names = [`-ffile-prefix-map=${from}=.`, '-isystem', source];
      run(target.cc, [
        ...DEFINES,
        ...flags,
        ...names,
        ...more,
        '-c',
        join(from, file),
        '-o',
        object,
      ]);
      return object;
    };
    const objects = [
      ...ENGINE.map((file) => compile(file, source, [])),
      ...OWN.map((file) => compile(file, join(root, 'src/native'), STRICT)),
      ...program.map((file) => compile(file, modules, [])),
    ];
    mkdirSync(outdir, { recursive: true });
    const out = join(outdir, isSanitized ? 'macvtap-render-sanitized' : 'macvtap-render');
    run(target.cc, [...flags, ...(isSanitized ? [] : LINK), '-o', out, ...objects, '-lm']);
    // Names of compilers, those of the C library among them, which `-s` leaves.
    if (!isSanitized) run(target.cc.replace(/gcc$/, 'objcopy'), ['-R', '.comment', out]);
    const license = readFileSync(join(source, 'LICENSE'), 'utf8').trim();
    return {
      path: out,
      inputs,
      engine: { name: 'quickjs', version: QUICKJS.version, license: 'MIT', text: license },
      libc: libcOf(arch),
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const arch = words.find((word) => !word.startsWith('-'));
  const folder =
    arch !== undefined && arch !== architecture() ? `dist/native/${arch}` : 'dist/native';
  const { path } = await buildNative(join(root, folder), arch, words.includes('--sanitize'));
  console.log(path);
}
