/** What src/node/ uses of Node's globals besides `Buffer`. */
import { posix } from './posix.ts';

let environment: Record<string, string> | undefined;

function readEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const item of posix.environ()) {
    const at = item.indexOf('=', 1);
    const name = item.slice(0, at);
    // The first of two counts, as for getenv(3).
    if (at > 0 && !Object.hasOwn(env, name)) env[name] = item.slice(at + 1);
  }
  return env;
}

export const process = {
  /** Read at the first use: the program is evaluated on the building machine. */
  get env() {
    environment ??= readEnvironment();
    return environment;
  },
  get pid() {
    return posix.getpid();
  },
  cwd: () => posix.getcwd(),
  umask: (mask: number) => posix.umask(mask),
  geteuid: () => posix.geteuid(),
  /** Seconds, and nanoseconds of the next. */
  hrtime(): [number, number] {
    const milliseconds = posix.now();
    const seconds = Math.floor(milliseconds / 1000);
    return [seconds, (milliseconds - seconds * 1000) * 1e6];
  },
};

export const performance = { now: () => posix.now() };

export { Buffer } from './buffer.ts';
