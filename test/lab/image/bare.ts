/** Root file systems with only what reads a package: Debian's suites and Ubuntu's, made once. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchFrom } from '../../../src/build/debian.ts';
import { must } from '../process.ts';
import { once } from '../trial.ts';
import { build, cacheDirectory, findMirror } from './images.ts';

/** Suites by distribution; the package is for all of them. */
export const BARE = {
  bullseye: 'debian',
  bookworm: 'debian',
  trixie: 'debian',
  jammy: 'ubuntu',
  noble: 'ubuntu',
} as const;

export type BareSuite = keyof typeof BARE;

/** Suites whose lintian(1) reads the package. */
export const LINTED: readonly BareSuite[] = ['bookworm', 'trixie'];

const UBUNTU = 'http://archive.ubuntu.com/ubuntu';

/** Manual pages are looked for, completions loaded. */
const PACKAGES = ['man-db', 'bash-completion', 'zsh', 'fish'];

/** Signed by Debian, who has it since its release 13. */
const KEYRING = 'ubuntu-keyring';

const recipeOf = (suite: BareSuite, keyrings: string): string[] => [
  'mmdebstrap',
  '--mode=root',
  '--variant=minbase',
  `--include=${[...PACKAGES, ...(LINTED.includes(suite) ? ['lintian'] : [])].join(',')}`,
  // What lintian and zsh recommend is not read.
  '--aptopt=APT::Install-Recommends "false"',
  // fish is in Ubuntu's second component.
  ...(BARE[suite] === 'ubuntu' ? ['--components=main,universe'] : []),
  `--keyring=${keyrings}`,
];

/**
 * The root file system of a suite; half a minute, the first time.
 * @returns its folder; undefined where Ubuntu's mirror is not reached
 * @throws Error where it cannot be made, with the output of mmdebstrap
 */
export async function bareImage(suite: BareSuite): Promise<string | undefined> {
  const isUbuntu = BARE[suite] === 'ubuntu';
  const hash = createHash('sha256').update(recipeOf(suite, '').join('\0')).digest('hex');
  const root = join(cacheDirectory(), `${suite}-bare-${hash.slice(0, 8)}`);
  if (existsSync(root)) return root;
  if (isUbuntu && !(await isReached())) return undefined;
  const keyrings = isUbuntu ? await ubuntuKeyrings() : '/usr/share/keyrings';
  await build(suite, root, isUbuntu ? UBUNTU : await findMirror(), recipeOf(suite, keyrings));
  return root;
}

const isReached = once(async () => {
  const limit = AbortSignal.timeout(10_000);
  const asked = fetch(`${UBUNTU}/dists/jammy/Release`, { method: 'HEAD', signal: limit });
  return asked.then(({ ok }) => ok).catch(() => false);
});

const ubuntuKeyrings = once(async () => {
  const cache = join(cacheDirectory(), KEYRING);
  const unpacked = join(cache, 'unpacked');
  if (!existsSync(unpacked)) {
    const downloads = join(cache, 'downloads');
    mkdirSync(downloads, { recursive: true });
    fetchFrom('trixie', cache, downloads, ['download', KEYRING]);
    await must(['sh', '-euc', 'dpkg-deb -x "$1"/*.deb "$2"', 'sh', downloads, unpacked]);
  }
  return join(unpacked, 'usr/share/keyrings');
});
