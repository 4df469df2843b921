/** What the library knows of the objects that it has returned, and does not show. */
import type { Compilation } from '../compile.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Source } from '../intent/source.ts';
import type { Host, Outcome, RenderedFile } from './public.d.ts';

type Origin = RenderedFile['origins'][number];

/** Behind a host. */
export interface HostHandle {
  readonly compilation: Compilation;
  /** Whether it comes from text, which has lines. */
  readonly hasLines: boolean;
}

/** Behind an outcome. */
export interface Report {
  readonly source: Source;
  readonly diagnostics: readonly Diagnostic[];
  readonly hasLines: boolean;
}

const hosts = new WeakMap<Host, HostHandle>();
const reports = new WeakMap<Outcome<unknown>, Report>();

export function withHandle(host: Host, handle: HostHandle): Host {
  hosts.set(host, handle);
  return host;
}

/** @throws TypeError for what `compile` and `compileFleet` did not return */
export function handleOf(host: Host): HostHandle {
  const handle = hosts.get(host);
  if (!handle) throw new TypeError('not a host that `compile` or `compileFleet` returned');
  return handle;
}

export function withReport<T extends Outcome<unknown>>(outcome: T, report: Report): T {
  reports.set(outcome, report);
  return outcome;
}

/** @throws TypeError for what the library did not return */
export function reportOf(outcome: Outcome<unknown>): Report {
  const report = reports.get(outcome);
  if (!report) throw new TypeError('not an outcome that the library returned');
  return report;
}

/** A place in an intent; of a value the path alone. */
export const originAs = (origin: Required<Origin>, hasLines: boolean): Origin =>
  hasLines ? origin : { path: origin.path };
