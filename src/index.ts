/** The library: `compile`, what it takes and gives, and the steps around it. */
export {
  DISTRIBUTIONS,
  parseTarget,
  supportedFor,
  targetFor,
  targetNames,
  targetOfOsRelease,
} from './backends/distributions.ts';
export { backends } from './backends/registry.ts';
export { sinceLines } from './backends/since.ts';
export type { Asked, Distribution, Target } from './backends/target.ts';
export type { Backend, Entry, RenderedFile } from './backends/types.ts';
export { type Compilation, compile, type Options, type RenderedSet } from './compile.ts';
export {
  CODES,
  type Diagnostic,
  type DiagnosticCode,
  hasErrors,
  type Path,
  type Severity,
} from './diagnostics.ts';
export {
  flatPlacements,
  type Placement,
  type Problem,
  treePlacements,
  type Written,
  writeFiles,
} from './emit/dir.ts';
export { json } from './emit/json.ts';
export { stream } from './emit/stream.ts';
export { type ExplainedLine, explain, explainText } from './explain.ts';
export { type Loaded, load, SEARCH_PLACES } from './intent/load.ts';
export { MAX_BYTES } from './intent/parse.ts';
export type { Source, Span } from './intent/source.ts';
export type { Guest, Model, Parent, Shim, Tap } from './model/types.ts';
export { jsonText, reportJson, reportText, visible } from './report.ts';
export { type Directory, type Output, type System, SystemError } from './system.ts';
