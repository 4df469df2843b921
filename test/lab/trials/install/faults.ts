/** Every system call of an installation made to fail in turn, and the process killed at each. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interimOf } from '../../../../src/install/interim.ts';
import { runHere } from '../../../in-process.ts';
import {
  type Call,
  callsOf,
  type Ended,
  FAULTS,
  type Fault,
  withFault,
  worker,
} from '../../drive/strace.ts';
import type { Situation } from './situations.ts';
import {
  copyTree,
  faultsOf,
  isLock,
  isTemporary,
  layTree,
  print,
  rolledBack,
  type Tree,
  treeAt,
  visibleFiles,
} from './tree.ts';

export interface Outcome {
  readonly situation: string;
  readonly injected: number;
  /** One for each tree or run that broke the promise. */
  readonly broken: readonly string[];
  /** The prefixes of the order that were seen, and how often. */
  readonly prefixes: readonly number[];
}

/** @param share of the faults, 0 to 1; which ones is the same for every run */
export async function inject(
  program: string,
  situation: Situation,
  folder: string,
  share: number,
): Promise<Outcome> {
  const place = join(folder, situation.name.replace(/\W+/g, '-'));
  const start = join(place, 'start');
  mkdirSync(start, { recursive: true });
  layTree(start, situation.before);
  const intent = join(place, 'macvtap.yaml');
  writeFileSync(intent, situation.intent);
  const words = (root: string): string[] => [
    intent,
    '--backend',
    situation.backend,
    '--root',
    root,
    ...situation.words,
  ];
  const root = join(place, 'reference-tree');
  copyTree(start, root);
  const first = worker(program);
  const { calls, end } = await callsOf(first, words(root), root, join(place, 'log'));
  first.close();
  if (end.status !== 0) throw new Error(`${situation.name}: ${end.stderr}`);
  const before = treeAt(start);
  const complete = treeAt(root);
  const context: Context = {
    situation,
    before,
    modes: new Map(situation.after.map(({ path, mode }) => [path.slice(1), mode])),
    prefixes: prefixesOf(before, complete, calls, root).map(print),
  };
  const problems = [...wrongEnd(context, complete), ...wrongOrder(situation, calls)];
  const chosen = choose(calls, share);
  const seen = new Map<number, number>();
  let injected = 0;
  const tree = join(place, 'again-tree');
  const by = worker(program);
  for (const next of chosen) {
    copyTree(start, tree);
    const ran = await withFault(by, words(tree), next.call, next.fault, join(place, 'log'));
    if (!ran.injected) continue;
    injected += 1;
    const prefix = judge(context, treeAt(tree), ran, next, problems);
    seen.set(prefix, (seen.get(prefix) ?? 0) + 1);
    const again = await runHere(...words(tree));
    const printed = `${next.fault} at ${next.call.line.slice(0, 120)}`;
    if (again.status !== 0) {
      problems.push(`${printed}: the next run: ${again.status}: ${again.stderr.slice(-300)}`);
    } else {
      const end = treeAt(tree);
      problems.push(...wrongEnd(context, end).map((what) => `${printed}, again: ${what}`));
      const back = rolledBack(end);
      if (!back || print(back) !== context.prefixes[0]) {
        problems.push(`${printed}, again: what is kept does not lead back`);
      }
    }
  }
  by.close();
  rmSync(place, { recursive: true, force: true });
  return {
    situation: situation.name,
    injected,
    broken: problems,
    prefixes: context.prefixes.map((_, index) => seen.get(index) ?? 0),
  };
}

interface Planned {
  readonly call: Call;
  readonly fault: Fault;
}

/** What happens before the first name is made can break less: of that, so much less is tried. */
const LOOKING = 0.1;

/** Spread over all of them, the same ones each time: where the running sum passes a whole number. */
function choose(calls: readonly Call[], share: number): Planned[] {
  const first = calls.findIndex(({ line }) => line.includes('O_CREAT'));
  let sum = 0;
  return calls.flatMap((call, index) =>
    FAULTS.flatMap((fault) => {
      const before = Math.floor(sum);
      sum += share === 1 || index >= first ? share : share * LOOKING;
      return Math.floor(sum) > before || share === 1 ? [{ call, fault }] : [];
    }),
  );
}

interface Context {
  readonly situation: Situation;
  readonly before: Tree;
  readonly modes: ReadonlyMap<string, number>;
  /** What daemons see after each step of the order, none first. */
  readonly prefixes: readonly string[];
}

/** From the order of names in the run without faults: what is visible after each of its steps. */
function prefixesOf(
  before: Tree,
  complete: Tree,
  calls: readonly Call[],
  root: string,
): ReturnType<typeof visibleFiles>[] {
  const state = visibleFiles(before);
  const end = visibleFiles(complete);
  const states = [new Map(state)];
  for (const { name, line, changed } of withFolders(calls)) {
    if (changed === undefined || isHidden(changed) || isKept(changed)) continue;
    const isInterim = line.includes('.macvtap-interim.');
    const path = changed.slice(root.length + 1);
    const held = end.get(path);
    if (isPlacing(name) && held) {
      const text = isInterim
        ? interimOf(`/${path}`, state.get(path)?.text ?? '', held.text)
        : held.text;
      state.set(path, { ...held, text: text ?? held.text });
    } else state.delete(path);
    states.push(new Map(state));
  }
  return states;
}

/** Below the pending directory, where no daemon looks. */
const isKept = (path: string): boolean => path.includes('/etc/macvtap-render/');

/** What puts a file in place; `link` where nothing was. */
const isPlacing = (name: string): boolean => /^(?:rename|link)/.test(name);

const isHidden = (path: string): boolean => path.slice(path.lastIndexOf('/') + 1).startsWith('.');

interface Located extends Call {
  /** Of a rename the new name, of an unlink the old one: a path as it really is. */
  readonly changed: string | undefined;
}

/**
 * The program names files by `/proc/self/fd/23/name`; strace says of each descriptor, where it is
 * opened or used, what it is.
 */
function withFolders(calls: readonly Call[]): Located[] {
  const folders = new Map<string, string>();
  return calls.map((call) => {
    for (const [, fd = '', path = ''] of call.line.matchAll(/(\d+)<([^>]*)>/g))
      folders.set(fd, path);
    const [last = ''] = [...call.line.matchAll(/"([^"]*)"/g)]
      .map(([, text]) => text ?? '')
      .slice(-1);
    const [, fd = '', name] = /^\/proc\/self\/fd\/(\d+)\/(.+)$/.exec(last) ?? [];
    const folder = folders.get(fd);
    const isChange =
      /^(?:rename|link|unlink|rmdir)/.test(call.name) && name !== undefined && folder;
    return { ...call, changed: isChange ? `${folder}/${name}` : undefined };
  });
}

/** Holds a tree against promise 7. @returns which prefix it is, or -1 */
function judge(
  context: Context,
  tree: Tree,
  { status, signal, stderr }: Ended,
  { call, fault }: { call: Call; fault: Fault },
  problems: string[],
): number {
  const printed = `${context.situation.name}: ${fault} at ${call.line.slice(0, 120)}`;
  const prefix = context.prefixes.lastIndexOf(print(visibleFiles(tree)));
  if (prefix < 0) problems.push(`${printed}: the tree is not a prefix of the order`);
  problems.push(
    ...faultsOf(tree, context.before, context.modes).map((what) => `${printed}: ${what}`),
  );
  if (signal === 'SIGKILL' && fault === 'KILL') return prefix;
  if (status !== 0 && status !== 4) {
    problems.push(`${printed}: ended with ${status ?? signal}: ${stderr.slice(-400)}`);
  }
  if (status === 0 && prefix !== context.prefixes.length - 1) {
    problems.push(`${printed}: status 0, and the tree is not complete`);
  }
  const back = rolledBack(tree);
  if (prefix > 0 && !back) problems.push(`${printed}: files have changed, and nothing is kept`);
  if (back && print(back) !== context.prefixes[0]) {
    problems.push(`${printed}: what is kept does not lead back`);
  }
  const left = [...tree.keys()].filter(isTemporary);
  // What cannot be removed stays for the next run; all else is taken back at once.
  if (left.length > 0 && !/^unlink/.test(call.name)) {
    problems.push(`${printed}: ${left.join(', ')} was not taken back`);
  }
  return prefix;
}

/** Everything of the intent, no other generated file, nothing left over, and the past as it was. */
function wrongEnd({ situation, before, modes }: Context, tree: Tree): string[] {
  const expected = new Map(situation.after.map((file) => [file.path.slice(1), file]));
  const found: string[] = faultsOf(tree, before, modes);
  for (const [path, { text, mode }] of expected) {
    const there = tree.get(path);
    if (there?.text !== text || there.mode !== mode) found.push(`${path} is not as it must be`);
  }
  for (const path of visibleFiles(tree).keys()) {
    const isPast = situation.before.some(([item]) => item === path);
    const wasGenerated = before.get(path)?.text.startsWith('# Written by macvtap-render') === true;
    if (!expected.has(path) && (!isPast || wasGenerated)) found.push(`${path} is still there`);
  }
  for (const path of tree.keys()) {
    if (isTemporary(path) || isLock(path)) found.push(`${path} is left over`);
  }
  if (tree.has('etc/macvtap-render/pending/installing')) found.push('it is not finished');
  return found;
}

/**
 * What a power cut leaves depends on what was synced: each file before any takes effect, and each
 * name before the next.
 */
function wrongOrder({ name }: Situation, calls: readonly Call[]): string[] {
  const found: string[] = [];
  const written = new Set<string>();
  const synced = new Set<string>();
  let unsettled: string | undefined;
  for (const { name: call, line, changed } of withFolders(calls)) {
    const [, path = ''] = /^\w+\(\d+<([^>]*)>/.exec(line) ?? [];
    const isNew = path.endsWith('.macvtap-new') || isKept(path);
    if (/^p?write/.test(call) && isNew) written.add(path);
    if (call === 'fsync') {
      synced.add(path);
      if (path === unsettled) unsettled = undefined;
    }
    if (changed === undefined || isHidden(changed) || isKept(changed)) continue;
    if (unsettled !== undefined) found.push(`${name}: ${line} before ${unsettled} was synced`);
    for (const item of written) {
      if (!synced.has(item)) found.push(`${name}: ${line} before ${item} was synced`);
    }
    unsettled = changed.slice(0, changed.lastIndexOf('/'));
  }
  if (written.size === 0) found.push(`${name}: nothing was seen to be written`);
  if (unsettled !== undefined) found.push(`${name}: ${unsettled} was not synced in the end`);
  return found;
}
