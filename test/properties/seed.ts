/**
 * The seed of a long run: it follows from the tree under test, so that CI and a developer draw the
 * same intents for one tree, and other ones for another.
 */
import { spawnSync } from 'node:child_process';

/** The name of the committed tree (gitrevisions(7), `<rev>^{<type>}`); undefined without one. */
export function treeOf(folder: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', 'HEAD^{tree}'], {
    cwd: folder,
    encoding: 'utf8',
    // A hook of git runs with the repository's own variables, which would count everywhere.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** The first 28 bits of its name: fast-check takes seeds of 32 bits with a sign. */
export const seedOf = (tree: string): number => Number.parseInt(tree.slice(0, 7), 16);

/** For an archive of the source, or a machine without git. */
export const randomSeed = (): number => Math.floor(Math.random() * 0x7fffffff);
