/**
 * `npm run bench`: what the command costs, as ratios to `node -e 0`, in one run on one machine.
 * Figures of two machines do not compare; ratios do.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { COMMAND, REPOSITORY, temporaryFolder } from '../command.ts';
import { intentOf } from '../golden/cases.ts';
import { benchFleet } from './fleet.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 41);
const folder = temporaryFolder();
mkdirSync(join(folder, '.git'));
copyFileSync(join(REPOSITORY, 'golden/original/intent.yaml'), join(folder, 'macvtap.yaml'));

const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'node -e 0': ['-e', '0'],
  'render, intent named': [COMMAND, 'macvtap.yaml', '-b', 'networkd'],
  'render, intent searched': [COMMAND, '-b', 'networkd'],
  'render, all four ways, --root': [
    COMMAND,
    'macvtap.yaml',
    '-b',
    'networkd',
    '-b',
    'networkmanager',
    '-b',
    'netplan-networkd',
    '-b',
    'netplan-networkmanager',
    '--root',
    'out',
  ],
  explain: [COMMAND, 'explain', 'macvtap.yaml', '-b', 'networkd'],
  '--version': [COMMAND, '--version'],
};

const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
const times = new Map(Object.keys(PROGRAMS).map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round += 1) {
  // Taken in turn, so that what else the machine does falls on all alike.
  for (const [name, words] of Object.entries(PROGRAMS)) {
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, words, {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${name}: ${status}\n${stderr}`);
    times.get(name)?.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const base = median(times.get('node -e 0') ?? []);
console.log(`median of ${ROUNDS} runs, Node ${process.version}`);
for (const [name, values] of times) {
  const ms = median(values);
  console.log(
    `${name.padEnd(32)} ${ms.toFixed(1).padStart(7)} ms  ${(ms / base).toFixed(2).padStart(5)} x node -e 0`,
  );
}

const text = intentOf('original');
const backends = ['networkd', 'networkmanager', 'netplan-networkd', 'netplan-networkmanager'];
const once = (count: number): number => {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) compile(text, { file: 'x', backends });
  return Number(process.hrtime.bigint() - start) / 1e3 / count;
};
once(500);
console.log(`in the process, warm: ${once(2000).toFixed(0)} us for one host, all four back ends`);

const shims = (count: number): string =>
  `version: 1\nhost: a\nshims:\n${Array.from({ length: count }, (_, i) => `  v${i}: {parent: eth0, addresses: [10.${i >> 6}.${(i & 63) * 4}.1/30]}\n`).join('')}`;
const took = (source: string): number => {
  const start = process.hrtime.bigint();
  compile(source, { file: 'x', backends: ['networkd'] });
  return Number(process.hrtime.bigint() - start) / 1e6;
};
took(shims(500));
const [few, many] = [took(shims(500)), took(shims(5000))];
console.log(
  `500 shims ${few.toFixed(0)} ms, 5000 shims ${many.toFixed(0)} ms: ${(many / few).toFixed(1)} times as long`,
);
benchFleet();
