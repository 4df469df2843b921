/** `npm run bench`: what the command costs, as ratios in one run on one machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chart } from './chart.ts';
import { panelsOf } from './growth-panels.ts';
import { type BenchOptions, benchOptions, HELP } from './options.ts';
import type { Report } from './table.ts';

const ROUNDS = 41;
const QUICK_ROUNDS = 7;

async function bench(options: BenchOptions): Promise<void> {
  // What is measured is built by the first import of it: not for `--help`.
  const { fleetCosts, memoryFolder, warmCompile } = await import('./fleet.ts');
  const { growthCosts } = await import('./growth.ts');
  const { programCosts } = await import('./programs.ts');
  const { reportTable } = await import('./table.ts');
  const { parts, isQuick, root } = options;
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'macvtap-bench-'));
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  try {
    const isAsked = (part: (typeof parts)[number]) => parts.includes(part);
    const programs = isAsked('programs')
      ? programCosts(folder, isQuick ? QUICK_ROUNDS : ROUNDS, root)
      : [];
    const report: Report = {
      node: process.version,
      cores: availableParallelism(),
      programs,
      fleets: isAsked('fleets') ? fleetCosts(folder, isQuick, note) : [],
      ...(isAsked('fleets') && { warmCompile: await warmCompile(isQuick ? 500 : 2000) }),
      growth: isAsked('growth') ? growthCosts(folder, isQuick, note) : [],
    };
    const isJson = options.format === 'json';
    process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : reportTable(report));
    if (options.svg !== undefined) {
      writeFileSync(options.svg, chart(panelsOf(report.fleets, report.growth)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let options: BenchOptions | undefined;
try {
  options = benchOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 3;
}
if (options?.help) process.stdout.write(HELP);
else if (options) await bench(options);
