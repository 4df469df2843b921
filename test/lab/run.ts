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
import { targetOf } from '../golden/cases.ts';
import { check } from './check.ts';
import { expect } from './expected.ts';
import type { TargetFile } from './host.ts';
import { NEGATIVES, type Negative } from './negatives.ts';
import { planLab } from './plan.ts';
import { endAll } from './process.ts';
import { ensureRequirements } from './requirements.ts';
import { observe } from './scenario.ts';
import { notJudged } from './unjudged.ts';

const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url));

/** So many scenarios at a time: they wait for most of their time. */
const LANES = 3;

const tally = { passed: 0, failed: 0 };

/** What is printed of a test or of a case that is passed over. */
interface Report {
  readonly lines: readonly string[];
  /** Absent where nothing was judged. */
  readonly passed?: boolean;
}

type Job = () => Promise<Report>;

interface TestResult {
  readonly failures: readonly string[];
  readonly notes?: readonly string[];
}

/** A test of that name; whatever its body throws is a failure. */
function test(name: string, body: () => Promise<TestResult>): Job {
  return async () => {
    const begin = performance.now();
    const { failures, notes = [] } = await body().catch(
      (error: unknown): TestResult => ({ failures: [`the lab: ${(error as Error).message}`] }),
    );
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const passed = failures.length === 0;
    return {
      passed,
      lines: [
        `${passed ? 'ok    ' : 'FAILED'}  ${name}  (${seconds} s)`,
        ...notes.map((line) => `          ${line}`),
        ...failures.map((line) => `        ! ${line}`),
      ],
    };
  };
}

const failing = (name: string, failure: string): Job[] => [
  test(name, async () => ({ failures: [failure] })),
];

/** The case itself, and after it the faults that are put into it. */
async function jobsOf(name: string): Promise<Job[]> {
  const file = join(GOLDEN, name, 'intent.yaml');
  if (!existsSync(file)) return failing(name, 'there is no such case');
  const text = readFileSync(file, 'utf8');
  const { intent } = parse(file, text);
  const model = intent && resolve(intent).value;
  const asked = targetOf(name);
  const set = compile(text, { file, ways: ['networkd'], ...asked }).sets?.[0];
  if (!model || !set) return failing(name, 'the intent does not compile');
  const reason = await notJudged(model, asked.target);
  if (reason !== undefined) {
    return [async () => ({ lines: [`not judged here: ${name} (${reason})`] })];
  }
  const judge = async (files: readonly TargetFile[]): Promise<string[]> => {
    const segments = planLab(model);
    const expected = expect(model, segments);
    return check(await observe(files, segments, expected), expected);
  };
  return [
    test(name, async () => ({ failures: await judge(set.files) })),
    ...(NEGATIVES.get(name)?.(model) ?? []).map((negative) =>
      test(`${name}, ${negative.name}: must fail`, async () =>
        judgeNegative(negative, await judge(negative.mutate(set.files)))),
    ),
  ];
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
  // A folder that git knows nothing of may have been left over; it has no list of files.
  const hasTree = (name: string): boolean => existsSync(join(GOLDEN, name, 'networkd/MANIFEST'));
  const others = readdirSync(GOLDEN).filter(hasTree).sort();
  // Those with faults come first, and must be there.
  return [...new Set([...NEGATIVES.keys(), ...others])];
}

/** Starts jobs in their order, so many at a time. */
function inLanes(jobs: readonly Job[], lanes: number): Promise<Report>[] {
  const waiting: (() => void)[] = [];
  let free = lanes;
  return jobs.map(async (job) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  });
}

function print({ lines, passed }: Report): void {
  for (const line of lines) console.log(line);
  if (passed !== undefined) tally[passed ? 'passed' : 'failed'] += 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { case: { type: 'string', multiple: true } } });
  // Directories made for the host must be open to networkd's user, whoever runs this.
  process.umask(0o022);
  await ensureRequirements();
  const jobs: Job[] = [];
  for (const name of values.case ?? allCases()) {
    const found = jobsOf(name).catch((error: unknown) => failing(name, (error as Error).message));
    jobs.push(...(await found));
  }
  for (const report of inLanes(jobs, LANES)) print(await report);
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
