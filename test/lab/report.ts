/** What a run has come to: the closing lines, and the tables of the lab's page. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Image } from './image/images.ts';
import type { Result } from './runner.ts';
import { nameOf } from './trial.ts';

const README = new URL('README.md', import.meta.url);
const beginOf = (tier: number): string =>
  `<!-- measured: npm run test:lab -- --tier ${tier} --readme -->`;
const END = '<!-- end -->';

export interface Run {
  readonly results: readonly Result[];
  readonly images: readonly Image[];
  readonly backends: readonly string[];
  readonly seconds: number;
}

const having = (results: readonly Result[], ...words: readonly string[]): Result[] =>
  results.filter(({ trial }) => words.every((word) => trial.words.includes(word)));

const count = (results: readonly Result[], outcome: Result['outcome']): number =>
  results.filter((result) => result.outcome === outcome).length;

/** What was refused, could not be judged, or was right at the second try only: a line for each. */
export function reasons({ results }: Run): string[] {
  const unsteady = results.flatMap(({ trial, verdict }) =>
    verdict.unsteady ? [`unsteady: ${nameOf(trial)}: ${verdict.unsteady[0]}`] : [],
  );
  const others = (['refused', 'not judged'] as const).flatMap((outcome) => {
    const some = results.filter((result) => result.outcome === outcome);
    return [...byReason(some)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([reason, group]) => {
        const cases = [...new Set(group.map(({ trial }) => trial.words[0]))];
        return `${outcome}: ${group.length} × ${reason} (${cases.join(', ')})`;
      });
  });
  return [...others, ...unsteady];
}

function byReason(results: readonly Result[]): Map<string, Result[]> {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const reason = result.verdict.reason ?? '';
    groups.set(reason, [...(groups.get(reason) ?? []), result]);
  }
  return groups;
}

/** `12 passed, 3 refused`, with what there is none of left out. */
function tally(results: readonly Result[]): string {
  const outcomes = ['passed', 'failed', 'refused', 'not judged'] as const;
  const counted = outcomes
    .map((outcome) => [count(results, outcome), outcome] as const)
    .filter(([number]) => number > 0);
  return counted.map(([number, outcome]) => `${number} ${outcome}`).join(', ');
}

/** Puts a tier's tables into the page beside this. */
export function writeReadme(tier: number, run: Run): void {
  const text = readFileSync(README, 'utf8');
  const mark = beginOf(tier);
  const begin = text.indexOf(mark);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the page has no place: ${mark}`);
  const tables = [matrix(run), figures(run), faults(run), notTested(run)]
    .filter((part) => part !== '')
    .join('\n\n');
  writeFileSync(README, `${text.slice(0, begin + mark.length)}\n\n${tables}\n\n${text.slice(end)}`);
}

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** A row for each part and suite, a column for each back end. */
function matrix({ results, images, backends, seconds }: Run): string {
  const parts = [...new Set(results.map(({ trial }) => trial.part))];
  const rows = parts.flatMap((part) => {
    const ofPart = results.filter(({ trial }) => trial.part === part);
    const bySuite = images.flatMap((image) => {
      const ofSuite = having(ofPart, image.suite);
      const cells = backends.map((backend) => tally(having(ofSuite, backend)));
      return cells.every((cell) => cell === '') ? [] : [[`${part}, ${image.suite}`, ...cells]];
    });
    if (bySuite.length > 0) return bySuite;
    const byBackend = backends.map((backend) => tally(having(ofPart, backend)));
    return byBackend.some((cell) => cell !== '')
      ? [[part, ...byBackend]]
      : [[part, tally(ofPart), ...backends.slice(1).map(() => '')]];
  });
  const versions = images.map(
    ({ suite, versions: { systemd, networkmanager, netplan } }) =>
      `${suite} (systemd ${systemd}, NetworkManager ${networkmanager}, netplan ${netplan})`,
  );
  return [
    `${count(results, 'passed')} trials passed, ${count(results, 'failed')} failed, in ${Math.round(seconds / 60)} minutes on two cores, on ${versions.join(', ')}.`,
    table(['', ...backends.map((backend) => `\`${backend}\``)], rows),
  ].join('\n\n');
}

/** The same in short, a line for each back end: for the end of a run. */
export function figureLines({ results, backends }: Run): string[] {
  return figureRows({ results, backends }).map(
    ([name = '', backend = '', trials = '', , median = '', most = '']) =>
      `seconds: ${name}, ${backend.replaceAll('`', '')}: ${trials} trials, median ${median}, worst ${most}`,
  );
}

/** What trials have counted: a line for each thing, back end and suite. */
export function countLines({ results, images, backends }: Run): string[] {
  const names = [...new Set(results.flatMap(({ verdict }) => Object.keys(verdict.counts ?? {})))];
  return names.flatMap((name) =>
    backends.flatMap((backend) =>
      images.flatMap(({ suite }) => {
        const counted = having(results, backend, suite).flatMap(
          ({ verdict }) => verdict.counts?.[name] ?? [],
        );
        const sum = counted.reduce((all, one) => all + one, 0);
        return counted.length === 0 ? [] : [`${name}: ${backend}, ${suite}: ${sum}`];
      }),
    ),
  );
}

/** Every figure that trials have reported: the least, the middle and the most of it. */
function figures(run: Run): string {
  const rows = figureRows(run);
  return rows.length === 0 ? '' : table(['seconds', '', 'trials', 'least', 'median', 'most'], rows);
}

function figureRows({ results, backends }: Pick<Run, 'results' | 'backends'>): string[][] {
  const names = [...new Set(results.flatMap(({ verdict }) => Object.keys(verdict.figures ?? {})))];
  return names.flatMap((name) =>
    backends.flatMap((backend) => {
      const values = having(results, backend)
        .flatMap(({ verdict }) => verdict.figures?.[name] ?? [])
        .sort((a, b) => a - b);
      if (values.length === 0) return [];
      const middle = values[Math.floor(values.length / 2)] ?? 0;
      const shown = [values[0] ?? 0, middle, values.at(-1) ?? 0];
      return [
        [name, `\`${backend}\``, String(values.length), ...shown.map((value) => value.toFixed(2))],
      ];
    }),
  );
}

/** The line that gave each fault away, on the first suite that it was tried on. */
function faults({ results }: Run): string {
  const seen = new Map<string, string[]>();
  for (const { trial, verdict } of results) {
    const note = verdict.notes?.find((line) => line.startsWith('seen: '));
    if (note === undefined) continue;
    const [name = '', backend = '', , ...fault] = trial.words;
    const key = `${name} ${backend} ${fault.join(', ')}`;
    if (!seen.has(key)) {
      const line = note.slice('seen: '.length).replaceAll('`', '');
      seen.set(key, [fault.join(', '), `\`${backend}\``, `\`${line}\``]);
    }
  }
  return seen.size === 0 ? '' : table(['a fault put in', '', 'seen by'], [...seen.values()]);
}

/** A line for each reason, which is a code of a diagnostic or what the lab lacks. */
function notTested(run: Run): string {
  const lines = reasons(run);
  if (lines.length === 0) return '';
  const list = lines.map((line) => `- ${line}`).join('\n');
  return `What was refused, by the diagnostic that says so, what nothing here can judge, and what was right at\nthe second try only, alone on the machine:\n\n${list}`;
}
