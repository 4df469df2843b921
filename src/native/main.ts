/** The program in the native binary. What is evaluated here is recorded by the build, and so asks nothing of the host. */
import packageJson from '../../package.json' with { type: 'json' };
import { run } from '../cli/run.ts';
import { nodeSystem } from '../node/node.ts';
import { posix } from './posix.ts';
import { process } from './process.ts';

posix.main = () =>
  run(nodeSystem(posix.args, process.env), packageJson.version).then(
    (status) => posix.status(status),
    (error: unknown) => {
      nodeSystem([], {}).stderr.write(`${String(error)}\n`);
      posix.status(1);
    },
  );
