/** The program in the native binary. */
import packageJson from '../../package.json' with { type: 'json' };
import { run } from '../cli/run.ts';
import { nodeSystem } from '../node/node.ts';
import { posix } from './posix.ts';
import { process } from './process.ts';

run(nodeSystem(posix.args, process.env), packageJson.version).then(
  (status) => posix.status(status),
  (error: unknown) => {
    nodeSystem([], {}).stderr.write(`${String(error)}\n`);
    posix.status(1);
  },
);
