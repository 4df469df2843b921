/** What a back end finds in files of a host, without a host: its watches decide what it is shown. */
import { readFileSync } from 'node:fs';
import type { HostFile } from '../../src/backends/host/foreign.ts';
import { backendOf } from '../../src/backends/registry.ts';
import { compile, type RenderedSet } from '../../src/compile.ts';
import type { Finding } from '../../src/diagnostics/finding.ts';
import type { Model } from '../../src/model/types.ts';

const ORIGINAL = readFileSync(
  new URL('../../golden/original/intent.yaml', import.meta.url),
  'utf8',
);

export const HOSTS = [
  'networkd',
  'netplan-networkd',
  'networkmanager',
  'netplan-networkmanager',
  'ifupdown',
] as const;

/** Path below `/` → text. */
export type Tree = Readonly<Record<string, string>>;

interface Compiled {
  readonly model: Model;
  readonly set: RenderedSet;
}

const compiled = new Map<string, Compiled>();

/** Each intent is compiled once for a back end, as there are hundreds of trees for it. */
function compiledFor(backend: string, intent: string): Compiled {
  const key = JSON.stringify([backend, intent]);
  const known = compiled.get(key);
  if (known) return known;
  const { model, sets, diagnostics } = compile(intent, { backends: [backend], file: 'x' });
  const [set] = sets ?? [];
  if (!model || !set) throw new Error(JSON.stringify(diagnostics));
  compiled.set(key, { model, set });
  return { model, set };
}

/** @throws Error where the intent is wrong */
export function findingsOf(backend: string, tree: Tree, intent = ORIGINAL): Finding[] {
  const { model, set } = compiledFor(backend, intent);
  const { watches, judge } = backendOf(backend, 'networkd');
  const files: HostFile[] = Object.entries(tree).flatMap(([path, text]) => {
    const at = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, at), path.slice(at + 1)];
    const up = folder.lastIndexOf('/');
    const isWatched = watches.some(
      (watch) =>
        watch.name.test(name) &&
        (watch.below
          ? watch.folder === folder.slice(0, up) && watch.below.test(folder.slice(up + 1))
          : watch.folder === folder),
    );
    return isWatched ? [{ path, folder, name, text }] : [];
  });
  return judge(model, set.files, files);
}

/** `severity[code] path:line`, each once, for a comparison at a glance. */
export const brief = (findings: readonly Finding[]): string[] => [
  ...new Set(
    findings.map(
      ({ severity, code, path, line }) =>
        `${severity}[${code}] ${path}${line === undefined ? '' : `:${line}`}`,
    ),
  ),
];
