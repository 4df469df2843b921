/** What src/node/ uses of Node's globals besides `Buffer`. */
import { posix } from './posix.ts';

const env: Record<string, string> = {};
for (const item of posix.environ()) {
  const at = item.indexOf('=', 1);
  const name = item.slice(0, at);
  // The first of two counts, as for getenv(3).
  if (at > 0 && !Object.hasOwn(env, name)) env[name] = item.slice(at + 1);
}

export const process = {
  env,
  pid: posix.getpid(),
  cwd: () => posix.getcwd(),
  umask: (mask: number) => posix.umask(mask),
  geteuid: () => posix.geteuid(),
};

export const performance = { now: () => posix.now() };

export { Buffer } from './buffer.ts';
