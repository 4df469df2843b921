/** The package that is tried, an older version of it, and packages with a fault. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../../../package.json' with { type: 'json' };
import { packageOf } from '../../../../src/build/deb.ts';
import { debianVersion, NAME } from '../../../../src/build/deb-tree.ts';
import { architecture } from '../../../../src/build/debian.ts';
import { buildNative, type NativeBuild } from '../../../../src/build/native.ts';
import { must } from '../../process.ts';

export const NEW = debianVersion(packageJson.version);
/** Of the same sources, before any version that was released. */
export const OLD = '0.0.9';

export interface Packages {
  readonly next: string;
  readonly old: string;
  /** Made a second time, by a process with other habits. */
  readonly again: string;
}

/** Some half a minute. */
export async function makePackages(folder: string): Promise<Packages> {
  const native = await buildNative(join(folder, 'native'));
  const next = packageOf(native, architecture(), join(folder, 'new'));
  const again = repacked(native, join(folder, 'again'));
  const script = join(folder, 'native/old');
  writeFileSync(script, `#!/bin/sh\necho ${NAME} old\n`);
  const releases = [{ version: OLD, date: Date.UTC(2026, 0, 1), changes: ['Older.'] }];
  const plain = packageOf(
    { ...native, path: script },
    architecture(),
    join(folder, 'old'),
    releases,
  );
  const old = await changed(plain, join(folder, 'old'), [
    ['sh', '-c', `cd usr/share/man/man7 && cp ${NAME}-fleet.7.gz ${NAME}-old.7.gz`],
  ]);
  return { next, old, again };
}

function repacked(native: NativeBuild, folder: string): string {
  const [umask, zone] = [process.umask(0o077), process.env['TZ']];
  process.env['TZ'] = 'Pacific/Kiritimati';
  try {
    return packageOf(native, architecture(), folder);
  } finally {
    process.umask(umask);
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
}

/**
 * A package with a change, made by dpkg-deb(1) alone.
 * @param commands run at the top of its unpacked files, one after the other
 * @returns its path below `folder`
 */
export async function changed(
  deb: string,
  folder: string,
  commands: readonly (readonly string[])[],
): Promise<string> {
  const tree = join(mkdtempSync(join(folder, 'changed-')), 'tree');
  await must(['dpkg-deb', '-R', deb, tree], '', 60);
  for (const command of commands) await must(['env', `--chdir=${tree}`, ...command], '', 60);
  const out = `${tree}.deb`;
  await must(['dpkg-deb', '-Zxz', '-z0', '--root-owner-group', '-b', tree, out], '', 60);
  rmSync(tree, { recursive: true });
  return out;
}

/** Whether two files have the same bytes. */
export const isSame = (one: string, other: string): boolean =>
  readFileSync(one).equals(readFileSync(other));

/** A folder of its own with these packages for a root file system. */
export function laid(
  folder: string,
  next: string,
  old: string,
  texts: Record<string, string>,
): string {
  const own = mkdtempSync(join(folder, 'host-'));
  cpSync(next, join(own, 'new.deb'));
  cpSync(old, join(own, 'old.deb'));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(own, name), text);
  return own;
}
