/** What one host costs as its intent grows: shims, and faults that are reported. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND } from '../command.ts';
import { faultsOf, shimsOf } from './intents.ts';
import { type Program, rounds } from './measure.ts';
import { NATIVE_BUILD } from './programs.ts';
import { type Summary, summary } from './statistics.ts';

export interface GrowthCost {
  readonly of: 'shims' | 'diagnostics';
  readonly program: 'Node' | 'native';
  readonly count: number;
  readonly milliseconds: Summary;
}

const SHIMS = [1, 10, 100, 1000];
const FAULTS = [1, 10, 100, 1000, 10_000];

export function growthCosts(
  folder: string,
  isQuick: boolean,
  note: (text: string) => void,
): GrowthCost[] {
  const counts = (all: readonly number[]) => (isQuick ? all.slice(0, 3) : all);
  return [
    ...counts(SHIMS).flatMap((count) => costs('shims', count, shimsOf(count), [0])),
    ...counts(FAULTS).flatMap((count) => costs('diagnostics', count, faultsOf(count), [2])),
  ];
  function costs(
    of: GrowthCost['of'],
    count: number,
    text: string,
    statuses: readonly number[],
  ): GrowthCost[] {
    note(`${count} ${of}`);
    const intent = join(folder, `${of}.yaml`);
    writeFileSync(intent, text);
    const words = [intent, '-b', 'networkd'];
    const programs: (Program & { readonly name: GrowthCost['program'] })[] = [
      { name: 'Node', words: [process.execPath, COMMAND, ...words], statuses },
      ...(existsSync(NATIVE_BUILD)
        ? [{ name: 'native' as const, words: [NATIVE_BUILD, ...words], statuses }]
        : []),
    ];
    const times = rounds(programs, isQuick || count >= 1000 ? 3 : 11, folder);
    return programs.map(({ name }) => ({
      of,
      program: name,
      count,
      milliseconds: summary(times.get(name) ?? []),
    }));
  }
}
