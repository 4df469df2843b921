/** What goes wrong otherwise: disks, links, two at once, and very many runs. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../../../src/compile.ts';
import { intentOf } from '../../../golden/cases.ts';
import { runHere } from '../../../in-process.ts';
import { type Ended, ended } from '../../drive/strace.ts';
import { isLock, isTemporary, treeAt, visibleFiles } from './tree.ts';

interface Other {
  readonly name: string;
  /** @returns what is wrong */
  readonly run: (folder: string) => Promise<string[]>;
}

export function others(command: readonly string[], isLong: boolean): Other[] {
  const other = (name: string, act: (bench: Bench) => Promise<string[]>): Other => ({
    name,
    run: (folder) => act(benchIn(join(folder, name.replace(/\W+/g, '-')), command)),
  });
  const [swaps, pairs, runs] = isLong ? [400, 300, 10_000] : [20, 15, 500];
  return [
    other('a file system that is read-only', readOnly),
    other('a file system that is full, after each page and each inode', full),
    other(`a folder swapped for a link, ${swaps} runs`, (bench) => swapped(bench, swaps)),
    other(`two at once, ${pairs} times`, (bench) => atOnce(bench, pairs)),
    other(`${runs} runs, one after the other`, (bench) => many(bench, runs)),
  ];
}

function benchIn(place: string, command: readonly string[]): Bench {
  mkdirSync(place);
  const [item = '', two = ''] = ['veth0', 'shim0'].map((name) => {
    const file = join(place, `${name}.yaml`);
    writeFileSync(file, intentOf('original').replaceAll('veth0', name));
    return file;
  });
  return {
    place,
    item,
    two,
    run: (intent, root, ...more) =>
      ended([...command, intent, '-b', 'networkd', '--root', root, ...more]),
  };
}

interface Bench {
  readonly place: string;
  readonly item: string;
  readonly two: string;
  readonly run: (intent: string, root: string, ...more: string[]) => Promise<Ended>;
}

/** The names that each intent is to have in the end. */
const expected = (name: string): string[] =>
  (
    compile(intentOf('original').replaceAll('veth0', name), { file: 'x', backends: ['networkd'] })
      .sets?.[0]?.files ?? []
  )
    .map(({ path }) => path.slice(1))
    .sort();

/** Of one of the two intents, whole, with nothing beside it. */
function wrongIn(root: string): string[] {
  const tree = treeAt(root);
  const there = [...visibleFiles(tree).keys()].sort().join('\n');
  const isWhole = ['veth0', 'shim0'].some((name) => there === expected(name).join('\n'));
  return [
    ...(isWhole ? [] : [`neither intent: ${there}`]),
    ...[...tree.keys()].filter((path) => isTemporary(path) || isLock(path)),
  ];
}

/** A tmpfs for as long as `act` runs. */
async function onTmpfs<T>(root: string, options: string, act: () => Promise<T>): Promise<T> {
  mkdirSync(root, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=0755,${options}`, 'macvtap-install', root]);
  try {
    return await act();
  } finally {
    execFileSync('umount', [root]);
  }
}

async function readOnly({ place, item, two, run }: Bench): Promise<string[]> {
  const root = join(place, 'read-only');
  return onTmpfs(root, 'size=1m', async () => {
    const found: string[] = [];
    await run(item, root);
    const before = JSON.stringify([...treeAt(root)]);
    execFileSync('mount', ['-o', 'remount,ro', root]);
    const { status, stderr } = await run(two, root);
    if (status !== 4 || !stderr.includes('the file system is read-only')) {
      found.push(`status ${status}: ${stderr}`);
    }
    if (JSON.stringify([...treeAt(root)]) !== before) found.push('the tree has changed');
    execFileSync('mount', ['-o', 'remount,rw', root]);
    const again = await run(two, root);
    if (again.status !== 0) found.push(`the next run: ${again.stderr}`);
    return [...found, ...wrongIn(root)];
  });
}

/** Sizes from nothing to what is enough: each page, and each inode, is once the one too many. */
async function full({ place, item, run }: Bench): Promise<string[]> {
  const found: string[] = [];
  const statuses = new Set<number | null>();
  const limits = [
    ...Array.from({ length: 30 }, (_, pages) => `size=${(pages + 1) * 4}k,nr_inodes=1000`),
    ...Array.from({ length: 40 }, (_, inodes) => `size=1m,nr_inodes=${inodes + 2}`),
  ];
  for (const options of limits) {
    const root = join(place, 'full');
    await onTmpfs(root, options, async () => {
      const { status, stderr } = await run(item, root, '--backup');
      statuses.add(status);
      const visible = [...visibleFiles(treeAt(root)).keys()];
      const left = [...treeAt(root).keys()].filter((path) => isTemporary(path) || isLock(path));
      if (status === 4 && visible.length > 0) found.push(`${options}: ${visible.join(' ')}`);
      if (left.length > 0) found.push(`${options}: left ${left.join(' ')}`);
      if (status !== 0 && !(status === 4 && stderr.includes('no space left on the device'))) {
        found.push(`${options}: status ${status}: ${stderr}`);
      }
      execFileSync('mount', ['-o', 'remount,size=1m,nr_inodes=1000', root]);
      const again = await run(item, root, '--backup');
      if (again.status !== 0) found.push(`${options}, with room: ${again.stderr}`);
      found.push(...wrongIn(root).map((what) => `${options}, with room: ${what}`));
    });
  }
  if (!statuses.has(0) || !statuses.has(4)) found.push(`only statuses ${[...statuses].join(' ')}`);
  return found;
}

/** Somebody swaps a folder of the tree for a link out of it, again and again, while we write. */
async function swapped({ place, item, two, run }: Bench, times: number): Promise<string[]> {
  const found: string[] = [];
  const statuses = new Map<string, number>();
  const root = join(place, 'swapped');
  const outside = join(place, 'outside');
  mkdirSync(outside);
  for (let time = 0; time < times; time += 1) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    await run(item, root);
    const folder = join(root, time % 2 === 0 ? 'etc/systemd/network' : 'etc/systemd');
    const away = `${folder}.away`;
    let goesOn = true;
    const swapping = (async () => {
      for (let turn = 0; goesOn; turn += 1) {
        renameSync(folder, away);
        symlinkSync(outside, folder);
        await new Promise((done) => setTimeout(done, (turn * 7 + time) % 5));
        rmSync(folder);
        renameSync(away, folder);
        await new Promise((done) => setTimeout(done, (turn * 3 + time) % 7));
      }
    })();
    const { status, signal, stderr } = await run(two, root);
    goesOn = false;
    // A folder of that name may have been made in the gap: then it cannot be restored.
    await swapping.catch(() => undefined);
    statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1);
    if (status !== 0 && status !== 4) found.push(`run ${time}: ${status ?? signal}: ${stderr}`);
    if (readdirSync(outside).length > 0) {
      found.push(`run ${time}: written outside: ${readdirSync(outside).join(' ')}`);
      rmSync(outside, { recursive: true });
      mkdirSync(outside);
    }
  }
  if (!statuses.has('4')) found.push(`never refused: ${JSON.stringify([...statuses])}`);
  return found;
}

async function atOnce({ place, item, two, run }: Bench, times: number): Promise<string[]> {
  const found: string[] = [];
  const root = join(place, 'at-once');
  for (let time = 0; time < times; time += 1) {
    const runs = [run(item, root), run(two, root), ...(time % 3 === 0 ? [run(item, root)] : [])];
    for (const { status, stderr } of await Promise.all(runs)) {
      if (status !== 0) found.push(`time ${time}: ${status}: ${stderr.slice(-300)}`);
    }
    found.push(...wrongIn(root).map((what) => `time ${time}: ${what}`));
  }
  return found;
}

/** In one process: what is not given back (descriptors, locks) would run out. */
async function many({ place, item, two }: Bench, times: number): Promise<string[]> {
  const root = join(place, 'many');
  // Other trials have descriptors of their own, but none in this tree.
  const open = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(root)).length;
  for (let time = 0; time < times; time += 1) {
    const { status, stderr } = await runHere(
      time % 2 === 0 ? item : two,
      '-b',
      'networkd',
      '--root',
      root,
    );
    if (status !== 0) return [`run ${time}: ${status}: ${stderr}`];
  }
  const found = wrongIn(root);
  if (open() > 0) found.push(`${open()} descriptors are still open`);
  return found;
}

const linkOf = (fd: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The one that this list was read by.
    return '';
  }
};
