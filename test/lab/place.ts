/** A machine of the lab, as far as it is a network, a file system and somebody who runs commands. */
import type { Finished } from './process.ts';

export interface Place {
  /** What `ip` calls its network, seen from the other places: a name of ip-netns(8). */
  readonly network: string;
  /** Where its files are, for this machine. */
  readonly root: string;
  /** Runs a program of this machine in its network, to its end. */
  run(argv: readonly string[], input?: string, seconds?: number): Promise<Finished>;
  /** The same with its own programs, in all of it. */
  runInside(argv: readonly string[], input?: string, seconds?: number): Promise<Finished>;
  /** Whether one of several echo requests is answered within two seconds. */
  ping(address: string): Promise<boolean>;
  /** A file below `/proc/net`, as it is in its network. */
  readNetwork(path: string): Promise<string>;
  /** Starts one of its own programs, which ends with it at the latest. */
  start(argv: readonly string[], how?: Start): Program;
}

/** A place that has no service manager: nobody but us gives it its name. */
export interface Bare extends Place {
  setHostname(name: string): Promise<void>;
}

export interface Start {
  readonly environment?: Readonly<Record<string, string>>;
  /** The network of another place, which the program gets as file descriptor 3. */
  readonly network?: Place;
}

export interface Program {
  /** What it has printed so far. */
  output(): string;
  /** How it ended, once it has. */
  ended(): string | undefined;
}

/** What is wanted of the lab itself: any failure is an exception with the output. */
export async function must(finished: Promise<Finished>, what: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await finished;
  if (status !== 0) throw new Error(`${what.join(' ')}: status ${status}: ${stderr.trim()}`);
  return stdout;
}
