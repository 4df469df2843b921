/** A command at one of the four moments of interfaces(5). */
import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Entry, entry } from '../../view/rendered.ts';

export type Moment = 'pre-up' | 'post-up' | 'pre-down' | 'post-down';

export const hook = (
  moment: Moment,
  command: string,
  why: string,
  authority: string,
  at: Path,
): Entry => entry(`${moment} ${command}`, why, `interfaces(5), ${moment}; ${authority}`, at);
