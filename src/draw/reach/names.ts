/** Names in a sentence or a table. */
import { visible } from '../../diagnostics/visible.ts';

/** At most four names; more are counted. */
export function listed(all: readonly string[]): string {
  const shown = all.length > 4 ? all.slice(0, 3) : all;
  const rest = all.length - shown.length;
  return `${shown.map(visible).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
