/**
 * What must hold of an intent as a whole, whichever system it is for. One function a subject;
 * each sees the intent (what was said) and the model (what follows), and does not judge what
 * hangs on something already found wrong.
 */
import { type Diagnostic, damageIn } from '../diagnostics/diagnostic.ts';
import type { Intent } from '../intent/schema.ts';
import { checkDuplicateRoutes, checkSubnets } from './rules/addresses.ts';
import { checkAssumed } from './rules/assumed.ts';
import { checkBridge } from './rules/bonds.ts';
import { type Context, lookupOf } from './rules/context.ts';
import { checkCutOff } from './rules/cut-off.ts';
import { checkDynamic, checkParentDynamic } from './rules/dynamic.ts';
import { checkGuest } from './rules/guests.ts';
import { checkJoined } from './rules/joined.ts';
import { checkAttachment, checkMacs, checkMtu, checkParentMtu } from './rules/links.ts';
import { checkHost, checkNames } from './rules/names.ts';
import { checkNotes } from './rules/notes.ts';
import { checkParent } from './rules/parents.ts';
import { checkPolicy } from './rules/policy.ts';
import { reachRule } from './rules/reach.ts';
import { checkBare, sideRule } from './rules/side.ts';
import type { Model } from './types.ts';

/** @param found what is known to be wrong so far; `report` adds to it */
export function checkRules(
  intent: Intent,
  model: Model,
  found: readonly Diagnostic[],
  report: (diagnostic: Diagnostic) => void,
): void {
  const lookup = lookupOf(model);
  const context: Context = { intent, model, damaged: damageIn(found), report, lookup };
  const checkReach = reachRule(context);
  const checkSide = sideRule(context);
  checkHost(context);
  checkNames(context);
  for (const parent of model.parents) {
    checkParent(context, parent);
    checkBridge(context, parent);
    checkParentMtu(context, parent);
    checkParentDynamic(context, parent);
    checkBare(context, parent);
    checkReach(parent);
  }
  checkJoined(context);
  for (const shim of model.shims) {
    checkAttachment(context, shim);
    checkMtu(context, shim);
    checkDynamic(context, shim);
    checkSide(shim);
    checkReach(shim);
  }
  for (const tap of model.taps) {
    checkAttachment(context, tap);
    checkMtu(context, tap);
  }
  for (const guest of model.guests) checkGuest(context, guest);
  checkAssumed(context);
  checkCutOff(context);
  checkMacs(context);
  checkSubnets(context);
  checkDuplicateRoutes(context);
  checkPolicy(context);
  checkNotes(context);
}
