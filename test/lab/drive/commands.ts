/** What makes links by commands and is gone again: it counts as a daemon whose links are all alike. */
import { type Harmless, without } from '../judge/harmless.ts';
import { linkNames } from '../judge/observed.ts';
import type { Place } from '../place.ts';
import type { Daemon } from './daemon.ts';

/**
 * @param script what the host's shell runs, on one line; it ends with 0 when all is well
 * @param good what its links are then
 */
export function startCommands(
  host: Place,
  id: Daemon['id'],
  script: string,
  good: string,
  harmless: readonly Harmless[],
  resolver: Daemon['resolver'],
): Daemon {
  const program = host.start(['sh', '-c', script]);
  const state = (): string => {
    const status = program.ended();
    return status === undefined ? 'under way' : status === '0' ? good : `failed (${status})`;
  };
  return {
    id,
    output: program.output,
    // It ends on purpose.
    ended: () => undefined,
    warnings: () => without(program.output().split('\n'), harmless),
    states: () => new Map(linkNames(host).map((name) => [name, state()])),
    good,
    isFinal: (is) => is !== 'under way',
    resolver,
  };
}
