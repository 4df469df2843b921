/** The library: `compile`, what it takes and gives, and the steps around it. */

export type { Backend } from './backends/backend.ts';
export type { HostFile, Watch } from './backends/host/foreign.ts';
export { backends } from './backends/registry.ts';
export { changesBetween } from './changes/changes.ts';
export { changesUnder, type DeviceEffect } from './changes/devices.ts';
export {
  type ChangeGroup,
  groupChanges,
  groupPatches,
  type HostChanges,
  type PatchGroup,
} from './changes/fleet.ts';
export {
  type FilesOfHosts,
  fleetChangesMarkdown,
  fleetChangesText,
  patchNote,
} from './changes/fleet-text.ts';
export { type Pair, patchOf } from './changes/patch.ts';
export { changesMarkdown, changesText } from './changes/text.ts';
export { type Change, type ChangeSeverity, SEVERITIES } from './changes/words.ts';
export {
  type Compilation,
  type CompileOptions,
  compile,
  type RenderedSet,
  type RenderOptions,
} from './compile.ts';
export {
  compileFleet,
  type Fleet,
  type FleetOptions,
  type HostCompilation,
} from './compile-fleet.ts';
export {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  hasErrors,
  type Path,
  type Severity,
} from './diagnostics/diagnostic.ts';
export { type Finding, finding } from './diagnostics/finding.ts';
export { type ExplainedLine, explain, explainText } from './explain/lines.ts';
export { CHANGE, changeScript } from './install/change-script.ts';
export { type Compared, type Comparison, compareTree } from './install/compare.ts';
export { contradictions, hostFacts } from './install/contradictions.ts';
export { differences, isFixedByInstall, isStuck } from './install/differences.ts';
export type { Leftover } from './install/leftovers.ts';
export { ownerFindings } from './install/network-owner.ts';
export type { Pending, PendingFolder } from './install/pending.ts';
export { type Base, flatPlacements, type Placement, treePlacements } from './install/places.ts';
export type { Installation, InstallOptions, Problem, Written } from './install/plan.ts';
export { type FileChange, type Recreated, recreated } from './install/recreated.ts';
export { addressesOfHost, IPV4_FILE, IPV6_FILE } from './install/running-host.ts';
export { type StepsOptions, stepsText } from './install/steps.ts';
export { findingsAt as judged, survey } from './install/survey.ts';
export { surveyAll } from './install/survey-all.ts';
export { resolveTarget } from './install/target-host.ts';
export {
  type InstalledFile,
  type PrintOptions,
  type WhatHappens,
  whatHappens,
  whatHappensText,
} from './install/what-happens.ts';
export { planFiles, writeFiles, writeNew } from './install/write.ts';
export type { IntentText } from './intent/fleet.ts';
export { load, loadRevision, SEARCH_PLACES } from './intent/load.ts';
export { MAX_BYTES } from './intent/parse.ts';
export { HOST } from './intent/schema.ts';
export type { Source, SourceFile, Span } from './intent/source.ts';
export type { Guest, Model, Parent, Shim, Tap } from './model/types.ts';
export type { Member, Origin, Package, PackagedFile, Packaging } from './package/package.ts';
export { packagesOf } from './package/packages.ts';
export { type PackagingId, packagings } from './package/packagings.ts';
export { sarif } from './report/sarif.ts';
export {
  counted,
  hostList,
  jsonText,
  locatedFindings,
  reportFindings,
  reportText,
  visible,
} from './report/text.ts';
export {
  type Directory,
  type Output,
  type ProgramResult,
  type RunOptions,
  type System,
  SystemError,
} from './system.ts';
export {
  DISTRIBUTIONS,
  parseTarget,
  supportedFor,
  targetFor,
  targetNames,
  targetOfOsRelease,
} from './targets/distributions.ts';
export { sinceLines } from './targets/since.ts';
export type { Distribution, Target, TargetSpec } from './targets/target.ts';
export { isGenerated, PLACES } from './view/ownership.ts';
export type { Entry, RenderedFile } from './view/rendered.ts';
export { quote } from './view/shell.ts';
