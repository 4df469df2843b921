/**
 * `npm run build:deb [-- ARCHITECTURE]`: dist/macvtap-render_VERSION_ARCHITECTURE.deb, the native
 * binary as a package for Debian 11 and Ubuntu 22.04 and later; amd64 or arm64, this machine's by
 * default. Needs what `build:native` needs. The same sources and compiler give the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { copyrightOf } from './deb-copyright.ts';
import {
  controlOf,
  debianVersion,
  epochOf,
  NAME,
  type PackageFile,
  packageFiles,
  type Release,
} from './deb-tree.ts';
import { architecture } from './debian.ts';
import { buildNative, type NativeBuild } from './native.ts';
import { bundledPackages } from './notices.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const zipped = (text: string | Buffer): Buffer =>
  // zlib of another Node may compress otherwise; Debian's gzip is part of what builds.
  execFileSync('gzip', ['--best', '--no-name'], { input: text });

/** Sources of a package with a library that is linked in, as Built-Using has them (policy 7.8). */
function sourcesOf(libc: string): string {
  const show = (fields: string): string =>
    execFileSync('dpkg-query', ['--show', '--showformat', fields, libc], { encoding: 'utf8' });
  // A cross compiler's package has the sources in a field of its own.
  const [, cross] = /(?:^|, )(glibc \(= [^)]+\))/.exec(show(`$\{Built-Using}`)) ?? [];
  return cross ?? show(`$\{source:Package} (= $\{source:Version})`);
}

/** As dpkg-gencontrol(1): files in KiB, rounded up; 1 KiB for whatever else there is. */
function installedSize(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + 1 + installedSize(path);
    return sum + Math.ceil(lstatSync(path).size / 1024);
  }, 0);
}

export interface Packed {
  readonly files: ReadonlyMap<string, PackageFile>;
  readonly version: string;
  readonly architecture: string;
  readonly builtUsing: string;
}

/**
 * @param out the package's path
 * @throws Error where dpkg-deb fails
 */
export function pack({ files, version, builtUsing, ...of }: Packed, out: string): void {
  const work = mkdtempSync(join(tmpdir(), 'macvtap-deb-'));
  // Modes are the package's, whatever this process creates files with.
  const umask = process.umask(0o022);
  try {
    chmodSync(work, 0o755);
    const sums: string[] = [];
    for (const [path, { content, isZipped, isProgram }] of [...files].sort()) {
      const bytes = isZipped ? zipped(content) : Buffer.from(content);
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), bytes);
      chmodSync(join(work, path), isProgram ? 0o755 : 0o644);
      sums.push(`${createHash('md5').update(bytes).digest('hex')}  ${path}\n`);
    }
    const size = installedSize(work);
    mkdirSync(join(work, 'DEBIAN'));
    const control = controlOf({ ...of, version, builtUsing, installedSize: size });
    writeFileSync(join(work, 'DEBIAN/control'), control);
    writeFileSync(join(work, 'DEBIAN/md5sums'), sums.join(''));
    mkdirSync(dirname(out), { recursive: true });
    // Debian 11 reads no zstd; several threads would compress in blocks.
    const how = ['--root-owner-group', '-Zxz', '-z9', '--threads-max=1'];
    execFileSync('dpkg-deb', [...how, '--build', work, out], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochOf()) },
    });
  } finally {
    process.umask(umask);
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Makes the package of a binary.
 * @param releases of another version than this
 * @returns its path below `outdir`
 */
export function packageOf(
  { path, inputs, engine, libc }: NativeBuild,
  arch: string,
  outdir: string,
  releases?: readonly Release[],
): string {
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8');
  const copyright = copyrightOf(licence, bundledPackages(root, inputs), engine);
  const version = debianVersion(releases?.[0]?.version ?? packageJson.version);
  const files = packageFiles({
    binary: readFileSync(path),
    copyright,
    ...(releases && { releases }),
  });
  const out = join(outdir, `${NAME}_${version}_${arch}.deb`);
  pack({ files, version, architecture: arch, builtUsing: sourcesOf(libc) }, out);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const arch = process.argv[2] ?? architecture();
  const work = mkdtempSync(join(tmpdir(), 'macvtap-deb-native-'));
  try {
    console.log(packageOf(await buildNative(work, arch), arch, join(root, 'dist')));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
