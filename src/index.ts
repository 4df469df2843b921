/** The library: `compile`, what it takes and gives, and the steps around it. */
export {
  DISTRIBUTIONS,
  parseTarget,
  supportedFor,
  targetFor,
  targetNames,
  targetOfOsRelease,
} from './backends/distributions.ts';
export { type Finding, finding, type HostFile, type Watch } from './backends/foreign.ts';
export { backends } from './backends/registry.ts';
export { sinceLines } from './backends/since.ts';
export type { Asked, Distribution, Target } from './backends/target.ts';
export type { Backend, Entry, RenderedFile } from './backends/types.ts';
export {
  type Change,
  type ChangeSeverity,
  changesBetween,
  SEVERITIES,
} from './changes.ts';
export {
  type ChangeGroup,
  groupChanges,
  groupPatches,
  type HostChanges,
  type PatchGroup,
} from './changes-fleet.ts';
export { differences, isMended } from './check.ts';
export {
  type Asking,
  type Compilation,
  compile,
  type Options,
  type RenderedSet,
} from './compile.ts';
export { contradictions, hostFacts } from './contradictions.ts';
export {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  hasErrors,
  type Path,
  type Severity,
} from './diagnostics.ts';
export { type Compared, type Comparison, compareTree } from './diff.ts';
export { changesMarkdown, changesText } from './emit/changes.ts';
export { planFiles, writeFiles, writeNew } from './emit/dir.ts';
export {
  type FilesOfHosts,
  fleetChangesMarkdown,
  fleetChangesText,
  patchNote,
} from './emit/fleet-changes.ts';
export type { Member, Origin, Package, PackagedFile, Packaging } from './emit/package.ts';
export { type PackagingId, packagings } from './emit/packagings.ts';
export type { Keeping, Pending } from './emit/pending.ts';
export { type Base, flatPlacements, type Placement, treePlacements } from './emit/places.ts';
export type { Installation, Problem, Wishes, Written } from './emit/plan.ts';
export { sarif } from './emit/sarif.ts';
export { type ExplainedLine, explain, explainText } from './explain.ts';
export { compileFleet, type Fleet, type FleetOptions, type HostCompilation } from './fleet.ts';
export { CHANGE, changeScript } from './install/change-script.ts';
export { type FileChange, type Recreated, recreated } from './install/recreated.ts';
export { type StepsOptions, stepsText } from './install/steps.ts';
export type { IntentText } from './intent/fleet.ts';
export { load, loadRevision, SEARCH_PLACES } from './intent/load.ts';
export { MAX_BYTES } from './intent/parse.ts';
export { HOST } from './intent/schema.ts';
export type { Source, SourceFile, Span } from './intent/source.ts';
export type { Guest, Model, Parent, Shim, Tap } from './model/types.ts';
export { isOurs, PLACES } from './ownership.ts';
export { packagesOf } from './packages.ts';
export { type Pair, patchOf } from './patch.ts';
export {
  counted,
  hostList,
  jsonText,
  locatedFindings,
  reportFindings,
  reportJson,
  reportText,
  visible,
} from './report.ts';
export { quote } from './shell.ts';
export type { Stray } from './strays.ts';
export { judged, survey } from './survey.ts';
export { type Directory, type Output, type System, SystemError } from './system.ts';
