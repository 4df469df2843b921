/**
 * The lab (`npm run test:lab`): what is written, run on the real daemons of Debian's suites, in
 * namespaces of its own, and judged by the kernel's state and by pings.
 */
import { soundCases } from './case.ts';
import { cacheDirectory, type Image, images } from './image/images.ts';
import { HELP, parseOptions, type Selection } from './options.ts';
import { endAll, isInside } from './process.ts';
import { countLines, figureLines, reasons, writeReadme } from './report.ts';
import { ensureRequirements } from './requirements.ts';
import { type Result, runAll } from './runner.ts';
import { nameOf, type Trial } from './trial.ts';
import { applyTrials } from './trials/apply/trials.ts';
import { tier2Trials } from './trials/boot/trials.ts';
import { casesOf } from './trials/cases.ts';
import { changeTrials } from './trials/change/trials.ts';
import { PART as CLEAN, cleanTrials } from './trials/clean.ts';
import { debTrials } from './trials/deb/trials.ts';
import { doctorTrials } from './trials/doctor/trials.ts';
import { collectStates } from './trials/equality.ts';
import { foreignTrials } from './trials/foreign.ts';
import { grammarOf } from './trials/grammar.ts';
import { initTrials } from './trials/init/trials.ts';
import { installPart } from './trials/install/trials.ts';
import { libvirtOf } from './trials/libvirt/trials.ts';
import { managedTrials } from './trials/managed/trials.ts';
import { wrongPredictionsOf } from './trials/negatives/reach.ts';
import { negativesOf } from './trials/negatives/trials.ts';
import { needsOtherKernel } from './trials/not-tested.ts';
import { ownerTrials } from './trials/owner.ts';
import { packagingPart } from './trials/packagings/trials.ts';
import { allPastTrials } from './trials/past/trials.ts';
import { scriptsOf } from './trials/scripts.ts';
import { udevTrials } from './trials/udev.ts';
import { undoTrials } from './trials/undo.ts';
import { runInMachine } from './vm.ts';

/** Trials wait for most of their time: more at a time than there are cores. */
const LANES = { tier1: isInside() ? 2 : 18, tier2: isInside() ? 2 : 4, others: 5 };

async function main(): Promise<Result[] | undefined> {
  const selection = parseOptions(process.argv.slice(2));
  if (selection.wantsHelp) {
    console.log(HELP);
    return undefined;
  }
  // Directories made for the host must be open to networkd's user, whoever runs this.
  process.umask(0o022);
  await ensureRequirements(selection.wantsVm);
  if (selection.wantsVm) {
    await images(selection.suites, selection.isFresh);
    process.exitCode = await runInMachine(
      optionsInside(process.argv.slice(2), selection),
      cacheDirectory(),
    );
    return undefined;
  }
  const made = await images(selection.suites, selection.isFresh);
  const results: Result[] = [];
  for (const tier of selection.tiers) {
    const begin = performance.now();
    const own = await (tier === 1 ? tier1 : tier2)(selection, made);
    const seconds = (performance.now() - begin) / 1000;
    const run = { results: own, images: made, backends: selection.backends, seconds };
    for (const line of [...reasons(run), ...figureLines(run), ...countLines(run)])
      console.log(line);
    if (selection.writesReadme) writeReadme(tier, run);
    results.push(...own);
  }
  const { isWhole, only } = selection;
  // One at a time: each looks at the whole machine.
  const clean = isWhole || only.includes(CLEAN) ? cleanTrials(made) : [];
  results.push(...(await runSelected('clean', clean, selection, 1)));
  // One waits for the network (pre-commit), others work (Ansible) or boot: together, the longest first.
  const [longest, ...install] = installPart(selection, made);
  const all = [
    ...(longest ? [longest] : []),
    ...debTrials(selection),
    ...packagingPart(selection, made),
    ...install,
  ];
  results.push(...(await runSelected('install, packagings, deb', all, selection, LANES.others)));
  return results;
}

/** The same trials, without what a virtual machine has no use for: tier 1, or of tier 2 those of `init`. */
function optionsInside(argv: readonly string[], { tiers }: Pick<Selection, 'tiers'>): string[] {
  const given = argv.filter((word) => word !== '--vm' && word !== '--fresh');
  if (!tiers.includes(1)) return [...given, '--only', 'init: '];
  const cases = given.includes('--case')
    ? []
    : soundCases()
        .filter(needsOtherKernel)
        .flatMap((name) => ['--case', name]);
  return [...given, ...cases, '--tier', '1', '--only', 'tier 1'];
}

async function tier1(selection: Selection, made: readonly Image[]): Promise<Result[]> {
  const { backends } = selection;
  const sound = new Set(soundCases());
  const cases = selection.cases.filter((name) => sound.has(name));
  const states = collectStates();
  const trials = spread(
    [
      ...foreignTrials(made, backends),
      ...grammarOf(cases, made, backends),
      ...negativesOf(cases, made, backends),
      ...wrongPredictionsOf(cases, made, backends),
      ...libvirtOf(cases, made, backends, selection.namesNoBackend),
      ...scriptsOf(cases, backends),
      ...doctorTrials(made, backends, selection.only),
      ...undoTrials(made, backends),
      ...(selection.namesNoBackend ? udevTrials(made) : []),
    ],
    casesOf(cases, made, backends, { seen: states.seen, isSample: selection.namesNoBackend }),
  );
  const results = await runSelected('tier 1', trials, selection, LANES.tier1);
  return [...results, ...(await runSelected('equality', states.trials(), selection, 1))];
}

/** Faults are mostly waited for, cases mostly worked at: each fills the other's gaps. */
function spread(few: readonly Trial[], many: readonly Trial[]): Trial[] {
  const every = Math.ceil(many.length / few.length);
  return [
    ...few.flatMap((item, index) => [item, ...many.slice(index * every, (index + 1) * every)]),
    ...many.slice(few.length * every),
  ];
}

/** Boots: of the cases that they matter to, of hosts with a past, and before and after a change of a running host. */
const tier2 = (selection: Selection, made: readonly Image[]): Promise<Result[]> =>
  runSelected(
    'tier 2',
    [
      ...tier2Trials(selection, made),
      ...allPastTrials(selection, made),
      ...managedTrials(selection, made),
      ...changeTrials(selection, made),
      ...applyTrials(selection, made),
      ...initTrials(selection, made, isInside()),
      ...ownerTrials(selection, made),
    ],
    selection,
    LANES.tier2,
  );

async function runSelected(
  what: string,
  all: readonly Trial[],
  { only, lanes, isVerbose }: Selection,
  usual: number,
): Promise<Result[]> {
  const trials = all.filter((trial) =>
    only.every((words) => words.split('|').some((word) => nameOf(trial).includes(word))),
  );
  if (trials.length === 0) return [];
  return runAll(what, trials, { lanes: lanes ?? usual, isVerbose });
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
  const results = await main();
  if (results) {
    const count = (outcome: Result['outcome']): number =>
      results.filter((result) => result.outcome === outcome).length;
    const isRight = count('failed') === 0 && count('passed') > 0;
    console.log(`${count('passed')} passed, ${count('failed')} failed`);
    process.exitCode = isRight ? 0 : 1;
  }
} catch (error) {
  console.error(`the lab cannot run: ${(error as Error).message}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
// A daemon that does not end is not waited for.
endAll();
