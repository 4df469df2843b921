/** At the top of an installation: what its activation does to the host. */
import { backends } from '../backends/registry.ts';
import type { Written } from '../install/plan.ts';
import { type PrintOptions, whatHappens, whatHappensText } from '../install/what-happens.ts';
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { painter } from './diff.ts';
import { colourful } from './status.ts';

/** Nothing for a back end that leaves the host's network alone, nor where no file changes. */
export function printWhatHappens(
  system: System,
  backend: string,
  written: readonly Written[],
  addressesNow: readonly string[] | undefined,
  printOptions: PrintOptions,
): void {
  const isHost = backends.some(({ id, scope }) => id === backend && scope === 'host');
  const isChange = written.some(({ change }) => change !== 'unchanged' && change !== 'left');
  if (!isHost || !isChange) return;
  const texts = written.map(({ target, before, after }) => ({
    target,
    before: before && printable(before),
    after: after && printable(after),
  }));
  const paint = painter(colourful(system));
  system.stderr.write(
    whatHappensText(whatHappens(backend, texts, addressesNow), paint, printOptions),
  );
}

/** What an edited file says must not steer the terminal. */
const printable = (text: string): string => text.split('\n').map(visible).join('\n');
