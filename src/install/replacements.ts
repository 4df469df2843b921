/** One file that differs → the texts that take its place, one after the other. */

import type { Directory } from '../system.ts';
import { interimName, temporaryName } from '../view/ownership.ts';
import type { Compared } from './compare.ts';
import { interimOf } from './interim.ts';

/** One text that takes the place of another. */
export interface Step {
  readonly folder: Directory;
  readonly name: string;
  /** Absolute, on the target. */
  readonly target: string;
  readonly temporary: string;
  readonly mode: number;
  readonly before: string | undefined;
  readonly after: string;
  /** Nothing was there: what is there by now is somebody else's. */
  readonly isNew: boolean;
  /** It takes something away that is needed until all else is done. */
  readonly isLast: boolean;
}

export function stepsOf({ placement, state, text: before }: Compared, folder: Directory): Step[] {
  const { path, mode, text: after } = placement.file;
  const name = placement.steps.at(-1) ?? '';
  const item = { folder, name, target: path, mode, before, isNew: state === 'missing' };
  const last = { ...item, temporary: temporaryName(name), after };
  // Another host's as well: the host may have got another name, and runs on what is there.
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
