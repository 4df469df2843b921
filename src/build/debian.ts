/** Packages of a suite of Debian that is not this machine's, fetched and verified by apt, not installed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads are kept, outside of the tree. */
export const cacheFolder = (name: string): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'macvtap-render', name);

/** Debian's name of the architecture of this machine. */
export const architecture = (): string =>
  execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();

/**
 * Has apt-get fetch from a suite.
 * @param cache a folder for its lists
 * @param into the folder that gets the downloads
 * @param words of apt-get: `download`, or `source --download-only`, and packages
 * @throws Error where apt-get fails
 */
export function fetchFrom(
  suite: string,
  cache: string,
  into: string,
  words: readonly string[],
): void {
  for (const folder of [join(cache, 'lists/partial'), join(cache, 'archives/partial'), into])
    mkdirSync(folder, { recursive: true });
  const list = join(cache, 'sources.list');
  const from = `[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror()} ${suite} main`;
  writeFileSync(list, `deb ${from}\ndeb-src ${from}\n`);
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(cache, 'lists')}`,
    `Dir::Cache::archives=${join(cache, 'archives')}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
    'APT::Sandbox::User=root',
    'Acquire::Check-Valid-Until=false',
  ].flatMap((option) => ['-o', option]);
  for (const command of [['update'], words]) {
    execFileSync('apt-get', [...options, '-qq', ...command], {
      cwd: into,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** The mirror that this machine's own apt uses. */
function mirror(): string {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  const found = files
    .filter((path) => existsSync(path))
    .map(
      (path) =>
        /^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(\S*\/debian)\/?(?:\s|$)/m.exec(
          readFileSync(path, 'utf8'),
        )?.[1],
    )
    .find((url) => url !== undefined);
  if (!found) throw new Error('no mirror of Debian in /etc/apt');
  return found;
}
