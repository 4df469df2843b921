/**
 * What must hold of an intent as a whole, whichever system it is for. One function a subject;
 * each sees the intent (what was said) and the model (what follows), and does not judge what
 * hangs on something already found wrong.
 */
import { type Diagnostic, damageIn } from '../diagnostics.ts';
import type { Intent } from '../intent/schema.ts';
import { checkDuplicateRoutes, checkReach, checkSubnets } from './rules/addresses.ts';
import type { Context } from './rules/context.ts';
import { checkDynamic } from './rules/dynamic.ts';
import { checkMacs, checkMtu, checkParent, checkStanding } from './rules/links.ts';
import { checkHost, checkNames } from './rules/names.ts';
import type { Model } from './types.ts';

/** @param found what is known to be wrong so far; `report` adds to it */
export function checkRules(
  intent: Intent,
  model: Model,
  found: readonly Diagnostic[],
  report: (diagnostic: Diagnostic) => void,
): void {
  const context: Context = { intent, model, damaged: damageIn(found), report };
  checkHost(context);
  checkNames(context);
  for (const parent of model.parents) checkParent(context, parent);
  for (const shim of model.shims) {
    checkStanding(context, shim);
    checkMtu(context, shim);
    checkDynamic(context, shim);
    checkReach(context, shim);
  }
  checkMacs(context);
  checkSubnets(context);
  checkDuplicateRoutes(context);
}
