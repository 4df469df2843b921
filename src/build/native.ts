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
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import { bundledTexts, precompiledTemplates, shared } from './bundle.ts';
import { architecture } from './debian.ts';
import { ENGINE, engineSource, QUICKJS } from './engine.ts';
import { archive, bytecode, firstModules } from './modules.ts';
import type { Bundled } from './notices.ts';
import { PAST_END, snapshotOf } from './snapshot.ts';

const OWN = ['main.c', 'pool.c', 'posix.c', 'files.c', 'programs.c', 'values.c', 'snapshot.c'];

/** Compiler and packages, by Debian's name of the architecture that is built for. */
const COMPILERS: Readonly<
  Record<
    string,
    { readonly cc: string; readonly own: readonly string[]; readonly emulator: readonly string[] }
  >
> = {
  // Returns and jumps are checked by the processor, where it can.
  amd64: { cc: 'x86_64-linux-gnu-gcc', own: ['-fcf-protection'], emulator: ['qemu-x86_64-static'] },
  arm64: {
    cc: 'aarch64-linux-gnu-gcc',
    own: ['-mbranch-protection=standard'],
    emulator: ['qemu-aarch64-static'],
  },
};

const DEFINES = [
  '-D_GNU_SOURCE',
  // As in QuickJS's Makefile: signed overflow wraps.
  '-fwrapv',
  `-DCONFIG_VERSION="${QUICKJS.folder}"`,
  `-DPAST_END=${PAST_END}`,
];
const STATIC = ['-O2', '-fPIE', '-static-pie', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'];
const LINK = ['-Wl,-z,relro,-z,now,-z,noexecstack', '-Wl,--build-id=none'];
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
    onResolve({ filter: /^\.\/(?:sleep|search|heap|interrupt)\.ts$/ }, ({ path, importer }) =>
      importer.includes('/src/node/') ? own(path.slice('./'.length, -'.ts'.length)) : undefined,
    );
  },
};

/**
 * The program as modules: main.js, what it always needs, and what it imports where it does.
 * @returns what esbuild knows of them; paths are from the top of the repository
 */
export async function bundleNative(outdir: string): Promise<Metafile> {
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
  return metafile;
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

/** Behind all else: what is there has another size in the two binaries that are linked. */
const LAST = 'SECTIONS { .snapshot ALIGN(0x10000) : { *(.snapshot) } } INSERT AFTER .bss;\n';

interface ImageParts {
  readonly first: Buffer;
  readonly others: Buffer;
  readonly snapshot: Buffer;
}

/** C that has the parts as main.c declares them, each with as many bytes more as `unpack` reads. */
function imageSource(parts: ImageParts, work: string): string {
  const part = (section: string, symbol: string, bytes: Buffer): string => {
    writeFileSync(join(work, `${symbol}.bin`), bytes);
    const lines = [
      `.section ${section},\\"a\\",%progbits`,
      `.globl ${symbol}, ${symbol}_size`,
      '.balign 8',
      `${symbol}_size: .quad ${bytes.length}`,
      `${symbol}: .incbin \\"${symbol}.bin\\"`,
      `.zero ${PAST_END}`,
      '.previous',
    ];
    return `__asm__("${lines.join('\\n')}");\n`;
  };
  return [
    part('.snapshot', 'first_modules', parts.first),
    part('.snapshot', 'snapshot', parts.snapshot),
    part('.rodata', 'other_modules', parts.others),
  ].join('');
}

/** An emulator loads every program at one place, unless it has only so many addresses to load it at. */
const ELSEWHERE = [
  ['-R', '0x80000000'],
  ['-R', '0x1000000000'],
] as const;

/** What a binary without a snapshot prints. */
function recordedBy(recorder: string, emulator: readonly string[]): Buffer {
  const [program = '', ...words] = [...emulator, recorder];
  return execFileSync(program, words, {
    env: { PATH: process.env['PATH'] },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Where everything is, but what is behind all else; `$d` and `$x` are names for parts of it on arm64. */
const symbols = (cc: string, path: string): string =>
  execFileSync(cc.replace(/gcc$/, 'nm'), [path], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
    .split('\n')
    .filter((line) => !/ (?:(?:first_modules|snapshot)(?:_size)?|_end|__end__|\$[dx])$/.test(line))
    .join('\n');

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
  const emulator = arch === architecture() ? [] : ['qemu-user-static'];
  const packages = [...packageOf(architecture()), ...packageOf(arch), ...emulator, 'xz-utils'];
  install([...new Set(packages)]);
  const work = mkdtempSync(join(tmpdir(), 'macvtap-native-'));
  try {
    const source = engineSource(work);
    const qjsc = join(work, 'qjsc');
    const cc = [
      '-include',
      join(root, 'src/native/engine.h'),
      '-DENGINE_ALONE',
      '-DCONFIG_CC="cc"',
      '-DCONFIG_PREFIX="/usr"',
      '-O1',
      ...DEFINES,
    ];
    run(
      host.cc,
      [...cc, '-o', qjsc, 'qjsc.c', 'quickjs-libc.c', ...ENGINE, '-lm', '-ldl', '-lpthread'],
      source,
    );
    const modules = join(work, 'modules');
    const metafile = await bundleNative(modules);
    const program = bytecode(qjsc, modules);
    const first = firstModules(metafile);
    const others = [...program.keys()].filter((name) => !first.includes(name));
    const flags = isSanitized ? SANITIZE : [...STATIC, ...target.own];
    const compile = (file: string, from: string, more: readonly string[] = []): string => {
      const object = join(work, file.replace(/\.c$/, '.o'));
      // No path of this machine is in what is built.
      const names = [`-ffile-prefix-map=${from}=.`, '-isystem', source];
      const engine = ['-include', join(root, 'src/native/engine.h')];
      const words = [...DEFINES, ...flags, ...names, ...engine, ...more];
      run(target.cc, [...words, '-c', join(from, file), '-o', object], from);
      return object;
    };
    const objects = [
      ...ENGINE.map((file) => compile(file, source)),
      ...OWN.map((file) => compile(file, join(root, 'src/native'), STRICT)),
    ];
    writeFileSync(join(work, 'last.ld'), LAST);
    const link = (name: string, parts: ImageParts, more: readonly string[]): string => {
      writeFileSync(join(work, 'image.c'), imageSource(parts, work));
      const all = [...objects, compile('image.c', work), '-lm', '-Wl,-T,last.ld'];
      run(target.cc, [...flags, ...more, '-o', name, ...all], work);
      return join(work, name);
    };
    mkdirSync(outdir, { recursive: true });
    const out = join(outdir, isSanitized ? 'macvtap-render-sanitized' : 'macvtap-render');
    const parts = {
      first: archive(program, first),
      others: archive(program, others),
      snapshot: Buffer.of(),
    };
    if (isSanitized) copyFileSync(link('sanitized', parts, []), out);
    else {
      const recorder = link('recorder', parts, LINK);
      const recorded = (elsewhere: readonly string[]): Buffer =>
        recordedBy(recorder, arch === architecture() ? [] : [...target.emulator, ...elsewhere]);
      const [one, another] = ELSEWHERE;
      const snapshot = snapshotOf([recorded(one), recorded(another)]);
      const binary = link('macvtap-render', { ...parts, first: Buffer.of(), snapshot }, LINK);
      const names = (path: string): string => symbols(target.cc, path);
      if (names(recorder) !== names(binary)) throw new Error('the snapshot is of another layout');
      copyFileSync(binary, out);
      const objcopy = target.cc.replace(/gcc$/, 'objcopy');
      // `.comment` has names of compilers, those of the C library among them.
      run(objcopy, ['--strip-all', '-R', '.comment', out]);
    }
    const license = readFileSync(join(source, 'LICENSE'), 'utf8').trim();
    return {
      path: out,
      inputs: Object.keys(metafile.inputs),
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
