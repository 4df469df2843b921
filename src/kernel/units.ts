/** Units of systemd: `systemctl show -p Id,LoadState,ActiveState,Result UNIT...`. */
import type { UnitState } from './types.ts';

const MAX_BLOCKS = 1000;

/** Blocks of `KEY=VALUE`, one a unit, in which the keys come in no promised order. */
export function readUnits(text: string): Map<string, UnitState> {
  const found = new Map<string, UnitState>();
  for (const block of text.split(/\n{2,}/, MAX_BLOCKS)) {
    const fields = new Map(
      block
        .split('\n')
        .map((line) => line.split(/=(.*)/s))
        .map(([key = '', value = '']) => [key, value] as const),
    );
    const id = fields.get('Id');
    if (!id) continue;
    found.set(id, {
      load: fields.get('LoadState') ?? '',
      active: fields.get('ActiveState') ?? '',
      result: fields.get('Result') ?? '',
    });
  }
  return found;
}
