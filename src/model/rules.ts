/**
 * The policy: what must hold of an intent as a whole, whichever system it is for. One rule a
 * function; each sees the intent (what was written) and the model (what follows), and does not judge
 * what depends on something already found wrong.
 */
import { type Diagnostic, damageIn } from '../diagnostics/diagnostic.ts';
import type { Intent } from '../intent/schema.ts';
import { checkDuplicateRoutes, checkSubnets } from './rules/addresses.ts';
import { checkAssumed } from './rules/assumed.ts';
import { checkBond, checkBridge } from './rules/bonds.ts';
import { type Context, lookupOf } from './rules/context.ts';
import { checkCutOff } from './rules/cut-off.ts';
import {
  checkParentClients,
  checkParentMac,
  checkShimAddress,
  checkShimClients,
  checkShimMac,
} from './rules/dynamic.ts';
import { checkFilters, checkGuestMode, checkGuestParent } from './rules/guests.ts';
import {
  checkKind,
  checkOfMacvlan,
  checkRouted,
  checkShared,
  checkSharedMac,
} from './rules/ipvlan.ts';
import { checkJoined, checkMembersOnce } from './rules/joined.ts';
import { checkLeases } from './rules/leases.ts';
import {
  checkAttachment,
  checkMode,
  checkMtu,
  checkParentMtu,
  checkPassthru,
  checkPermissions,
  checkQueueThresholds,
  checkSources,
} from './rules/links.ts';
import { checkMacForms, checkMacsTaken, checkPermanentMacs } from './rules/macs.ts';
import { checkGuestName, checkHost, checkNames, checkNotEmpty } from './rules/names.ts';
import {
  checkKernelNames,
  checkMatched,
  checkOptional,
  checkSeveral,
  checkSideShimIpv6,
  checkSilentIpv6,
} from './rules/notes.ts';
import {
  checkBelow,
  checkForGuests,
  checkMatch,
  checkMember,
  checkMemberSettings,
  checkMisspelt,
  checkParentCarrier,
  checkType,
  checkUsed,
} from './rules/parents.ts';
import {
  checkDuplicateRules,
  checkRuleOrder,
  checkTables,
  checkUnusedTables,
} from './rules/policy.ts';
import { checkNameservers, checkRoutes } from './rules/reach.ts';
import { checkBare, checkSides } from './rules/side.ts';
import { checkTokens } from './rules/tokens.ts';
import {
  checkNetworkFile,
  checkOnUnmanaged,
  checkUnmanaged,
  checkUnmanagedPassthru,
} from './rules/unmanaged.ts';
import type { Guest, Model, Parent, Shim, Tap } from './types.ts';

type Rule = (context: Context) => void;
type RuleOf<T> = (context: Context, subject: T) => void;

/** A rule of each thing of a kind, one after the other. */
const each =
  <T>(list: (model: Model) => readonly T[]) =>
  (rule: RuleOf<T>): Rule =>
  (context) => {
    for (const subject of list(context.model)) rule(context, subject);
  };

const parents = each<Parent>((model) => model.parents);
const unmanaged = each<Parent>((model) => model.unmanaged);
const shims = each<Shim>((model) => model.shims);
const taps = each<Tap>((model) => model.taps);
const uppers = each<Shim | Tap>((model) => [...model.shims, ...model.taps]);
const guests = each<Guest>((model) => model.guests);

/** In this order: a rule may ask which faults those before it have found. */
const RULES: readonly Rule[] = [
  // The whole, and names
  checkNotEmpty,
  checkHost,
  checkNames,
  guests(checkGuestName),
  // Parents: what they are, and what is joined with what
  parents(checkMatch),
  parents(checkType),
  parents(checkBelow),
  parents(checkMember),
  parents(checkMemberSettings),
  parents(checkBond),
  parents(checkBridge),
  parents(checkParentMtu),
  parents(checkParentCarrier),
  parents(checkParentClients),
  parents(checkParentMac),
  parents(checkBare),
  unmanaged(checkUnmanaged),
  unmanaged(checkUsed),
  parents(checkNetworkFile),
  parents(checkOnUnmanaged),
  checkMembersOnce,
  checkJoined,
  // Shims, taps and guests on top of them
  uppers(checkAttachment),
  uppers(checkSources),
  shims(checkKind),
  shims(checkSharedMac),
  shims(checkOfMacvlan),
  parents(checkShared),
  unmanaged(checkShared),
  parents(checkQueueThresholds),
  unmanaged(checkQueueThresholds),
  shims(checkRouted),
  uppers(checkMode),
  uppers(checkPassthru),
  uppers(checkUnmanagedPassthru),
  uppers(checkMtu),
  taps(checkPermissions),
  shims(checkShimClients),
  shims(checkShimMac),
  shims(checkShimAddress),
  guests(checkGuestParent),
  guests(checkGuestMode),
  guests(checkFilters),
  // Addresses, routes and rules
  checkSides,
  checkTokens,
  checkNameservers,
  checkRoutes,
  checkAssumed,
  checkCutOff,
  checkMacForms,
  checkPermanentMacs,
  checkMacsTaken,
  checkSubnets,
  checkLeases,
  checkDuplicateRoutes,
  checkDuplicateRules,
  checkRuleOrder,
  checkTables,
  checkUnusedTables,
  // Notes: nothing is wrong, but people have been surprised
  shims(checkOptional),
  shims(checkSeveral),
  parents(checkSilentIpv6),
  parents(checkSideShimIpv6),
  parents(checkForGuests),
  parents(checkMisspelt),
  checkKernelNames,
  parents(checkMatched),
];

/** @param found diagnostics so far; `report` adds to them */
export function checkRules(
  intent: Intent,
  model: Model,
  found: readonly Diagnostic[],
  report: (diagnostic: Diagnostic) => void,
): void {
  const context: Context = {
    intent,
    model,
    damaged: damageIn(found),
    report,
    lookup: lookupOf(model),
  };
  for (const rule of RULES) rule(context);
}
