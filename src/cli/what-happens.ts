/** At the top of an installation: what its activation does to the host. */
import { backends } from '../backends/registry.ts';
import { hasChanges, type Written } from '../install/plan.ts';
import { type PrintOptions, whatHappens, whatHappensText } from '../install/what-happens.ts';
import { visible } from '../report/text.ts';
import type { System } from '../system.ts';
import { painter } from './diff.ts';
import { colourful } from './status.ts';

/** Empty for a back end that does not configure the host's network, and if no file changes. */
export function printWhatHappens(
  system: System,
  backend: string,
  written: readonly Written[],
  addressesNow: readonly string[] | undefined,
  printOptions: PrintOptions,
): void {
  const isHost = backends.some(({ id, scope }) => id === backend && scope === 'host');
  if (!isHost || !hasChanges(written)) return;
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

/** Text of an edited file must not control the terminal. */
const printable = (text: string): string => text.split('\n').map(visible).join('\n');
