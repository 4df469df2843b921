/** A world for tests that run programs: answers come from a table, and what was run is on record. */
import { nodeSystem } from '../src/node/node.ts';
import { type ProgramResult, type RunOptions, type System, SystemError } from '../src/system.ts';

/** What a program answers; a text is its standard output with status 0. */
export type Answer = string | Partial<ProgramResult>;

/** Of one program: always the same, or by its words. Undefined: it is not installed. */
export type Program =
  | Answer
  | ((args: readonly string[], options: RunOptions) => Answer | undefined);

export interface FakeWorld {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What `/` is: a folder of the test's. Absent: nothing is there. */
  readonly root?: string;
  /** Texts of files by their path, before those below `root`. */
  readonly files?: Readonly<Record<string, string>>;
  /** By name. A command line in full (`ip -j link`) wins over the program's name. */
  readonly programs?: Readonly<Record<string, Program>>;
  /** Whether both outputs are a terminal. */
  readonly isTerminal?: boolean;
  /** What is entered: an answer for each `waitForEnter` but those that discard; then `timeout`. */
  readonly entered?: readonly ('enter' | 'timeout' | 'closed')[];
}

export interface FakeSystem extends System {
  /** Command lines, and `sleep MS` and `wait MS`, in their order. */
  readonly record: string[];
  /** What was written so far. */
  readonly written: { stdout: string; stderr: string };
}

/** Its clock goes on by what is slept and waited for. */
export function fakeSystem(world: FakeWorld = {}): FakeSystem {
  const { args = [], env = {}, root, files = {}, programs = {}, isTerminal = false } = world;
  const real = nodeSystem(args, env);
  const record: string[] = [];
  const written = { stdout: '', stderr: '' };
  const entered = [...(world.entered ?? [])];
  let clock = 0;
  const output = (name: 'stdout' | 'stderr') => ({
    isTerminal,
    write: (text: string): void => {
      written[name] += text;
    },
  });
  const absent = (path: string) => new SystemError('not-found', path, 'is not there');
  return {
    ...real,
    record,
    written,
    stdout: output('stdout'),
    stderr: output('stderr'),
    milliseconds: () => clock,
    search: async () => undefined,
    readText(path, limit) {
      const text = files[path];
      if (text !== undefined) return text;
      if (root === undefined) throw absent(path);
      return real.readText(`${root}${path}`, limit);
    },
    openDirectory(path) {
      if (root === undefined) throw absent(path);
      return { ...real.openDirectory(`${root}${path}`), path };
    },
    openExisting(path) {
      const there = root === undefined ? undefined : real.openExisting(`${root}${path}`);
      return there && { ...there, path };
    },
    run(program, words, options = {}) {
      const line = [program, ...words].join(' ');
      record.push(line);
      const scripted = programs[line] ?? programs[program];
      const answer = typeof scripted === 'function' ? scripted(words, options) : scripted;
      if (answer === undefined) throw new SystemError('not-found', program, 'is not installed');
      const result = typeof answer === 'string' ? { stdout: answer } : answer;
      return { status: 0, stdout: '', stderr: '', ...result };
    },
    sleep(milliseconds) {
      record.push(`sleep ${milliseconds}`);
      clock += milliseconds;
    },
    untilInterrupt: (act) => act(),
    waitForEnter(milliseconds) {
      record.push(`wait ${milliseconds}`);
      clock += milliseconds;
      return (milliseconds > 0 ? entered.shift() : undefined) ?? 'timeout';
    },
  };
}
