/**
 * The small lab (`npm run test:lab`): what the networkd back end writes, run on this machine's
 * own systemd-networkd, in namespaces of its own, and judged by the kernel's state.
 *
 *     node --import tsx test/lab/run.ts [--case NAME]…
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from '../../src/compile.ts';
import { parse } from '../../src/intent/parse.ts';
import { resolve } from '../../src/model/resolve.ts';
import { check } from './check.ts';
import { expect } from './expected.ts';
import type { TargetFile } from './host.ts';
import { type Negative, negatives } from './negatives.ts';
import { notJudged, planLab } from './plan.ts';
import { endAll } from './process.ts';
import { ensureRequirements } from './requirements.ts';
import { observe } from './scenario.ts';

const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url));
/** The case that the faults are put into. */
const ORIGINAL = 'original';

const tally = { passed: 0, failed: 0 };

/** Runs one test and prints its line; whatever it throws is a failure. */
async function test(name: string, body: () => Promise<TestResult>): Promise<void> {
  const begin = performance.now();
  const { failures, notes = [] } = await body().catch(
    (error: unknown): TestResult => ({ failures: [`the lab: ${(error as Error).message}`] }),
  );
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'}  ${name}  (${seconds} s)`);
  for (const line of notes) console.log(`          ${line}`);
  for (const line of failures) console.log(`        ! ${line}`);
  tally[failures.length === 0 ? 'passed' : 'failed'] += 1;
}

interface TestResult {
  readonly failures: readonly string[];
  readonly notes?: readonly string[];
}

async function judgeCase(name: string): Promise<void> {
  const file = join(GOLDEN, name, 'intent.yaml');
  if (!existsSync(file)) return test(name, async () => ({ failures: ['there is no such case'] }));
  const text = readFileSync(file, 'utf8');
  const { intent } = parse(file, text);
  const model = intent && resolve(intent).value;
  const set = compile(text, { file, ways: ['networkd'] }).sets?.[0];
  if (!model || !set) {
    return test(name, async () => ({ failures: ['the intent does not compile'] }));
  }
  const reason = notJudged(model);
  if (reason !== undefined) return console.log(`not judged here: ${name} (${reason})`);
  const judge = async (files: readonly TargetFile[]): Promise<string[]> => {
    const segments = planLab(model);
    const expected = expect(model, segments);
    return check(await observe(files, segments, expected), expected);
  };
  await test(name, async () => ({ failures: await judge(set.files) }));
  if (name !== ORIGINAL) return;
  for (const negative of negatives(model)) {
    await test(`${name}, ${negative.name}: must fail`, async () =>
      judgeNegative(negative, await judge(negative.mutate(set.files))));
  }
}

/** A fault is seen if the check failed, for the fault's own reason, and not for another. */
function judgeNegative({ fails, spares = [] }: Negative, seen: readonly string[]): TestResult {
  const reasons = seen.filter((line) => fails.some((must) => must.test(line)));
  const failures = [
    ...(seen.length === 0 ? ['the check let it pass'] : []),
    ...fails
      .filter((must) => !seen.some((line) => must.test(line)))
      .map((must) => `not seen: ${must}`),
    ...seen
      .filter((line) => spares.some((not) => not.test(line)))
      .map((line) => `not its own: ${line}`),
  ];
  const others = seen.length - reasons.length;
  const rest = others > 0 ? [`and ${others} more`] : [];
  return { failures, notes: [...reasons.map((line) => `seen: ${line}`), ...rest] };
}

/** Without names: every case that the golden files hold a networkd tree of. */
function allCases(): string[] {
  const hasTree = (name: string): boolean => existsSync(join(GOLDEN, name, 'networkd'));
  const others = readdirSync(GOLDEN).filter((name) => name !== ORIGINAL && hasTree(name));
  return [ORIGINAL, ...others.sort()];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { case: { type: 'string', multiple: true } } });
  // Directories made for the host must be open to networkd's user, whoever runs this.
  process.umask(0o022);
  await ensureRequirements();
  for (const name of values.case ?? allCases()) await judgeCase(name);
}

for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => {
    endAll();
    console.error(`ended by ${signal}`);
    process.exit(128 + number);
  });
}

try {
  await main();
} catch (error) {
  console.error(`the lab cannot run: ${(error as Error).message}`);
  tally.failed += 1;
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
