/** The program on Node. */
import packageJson from '../package.json' with { type: 'json' };
import { run } from './cli/run.ts';
import { nodeSystem } from './node/node.ts';

run(nodeSystem(process.argv.slice(2), process.env), packageJson.version).then((status) => {
  process.exitCode = status;
});
