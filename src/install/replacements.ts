/** One file that differs → the texts that replace it, one after the other. */

import type { Directory } from '../system.ts';
import { interimName, temporaryName } from '../view/ownership.ts';
import type { Compared } from './compare.ts';
import { interimOf } from './interim.ts';

/** One text that replaces another. */
export interface Step {
  readonly folder: Directory;
  readonly name: string;
  /** Absolute, on the target. */
  readonly target: string;
  readonly temporary: string;
  readonly mode: number;
  readonly before: string | undefined;
  readonly after: string;
  /** There was no file: one that appears meanwhile is not overwritten. */
  readonly isNew: boolean;
  /** It removes something that is needed until the end. */
  readonly isLast: boolean;
}

export function stepsOf({ placement, state, text: before }: Compared, folder: Directory): Step[] {
  const { path, mode, text: after } = placement.file;
  const name = placement.steps.at(-1) ?? '';
  const item = { folder, name, target: path, mode, before, isNew: state === 'missing' };
  const last = { ...item, temporary: temporaryName(name), after };
  // Also another host's: this host may have been renamed, and runs with those files.
  const isGenerated = state === 'changed' || state === 'other-host';
  const interim = before !== undefined && isGenerated ? interimOf(path, before, after) : undefined;
  if (interim === undefined) return [{ ...last, isLast: false }];
  return [
    ...(interim === before
      ? []
      : [{ ...item, temporary: interimName(name), after: interim, isLast: false }]),
    { ...last, isLast: true },
  ];
}
