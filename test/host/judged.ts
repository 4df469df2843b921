/** What a back end finds in files of a host, without a host: its watches decide what it is shown. */
import { readFileSync } from 'node:fs';
import type { HostFile, Watch } from '../../src/backends/host/foreign.ts';
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

const placeOf = (path: string): Pick<HostFile, 'folder' | 'name'> => {
  const at = path.lastIndexOf('/');
  return { folder: path.slice(0, at), name: path.slice(at + 1) };
};

function isWatched(watches: readonly Watch[], path: string): boolean {
  const { folder, name } = placeOf(path);
  const up = folder.lastIndexOf('/');
  return watches.some(
    (watch) =>
      watch.name.test(name) &&
      (watch.below
        ? watch.folder === folder.slice(0, up) && watch.below.test(folder.slice(up + 1))
        : watch.folder === folder),
  );
}

/** Whether some back end is shown a file because of its place; others are found by what includes them. */
export const isShown = (path: string): boolean =>
  HOSTS.some((id) => isWatched(backendOf(id, 'networkd').watches, path));

/** @throws Error where the intent is wrong */
export function findingsOf(backend: string, tree: Tree, intent = ORIGINAL): Finding[] {
  const { model, set } = compiledFor(backend, intent);
  const { watches, judge } = backendOf(backend, 'networkd');
  const files: HostFile[] = Object.entries(tree).flatMap(([path, text]) =>
    isWatched(watches, path) ? [{ path, ...placeOf(path), text }] : [],
  );
  return judge(model, set.files, files);
}

/** `severity[code] path:line`, for a comparison at a glance. */
export const inShort = ({ severity, code, path, line }: Finding): string =>
  `${severity}[${code}] ${path}${line === undefined ? '' : `:${line}`}`;

/** Each once. */
export const brief = (findings: readonly Finding[]): string[] => [
  ...new Set(findings.map(inShort)),
];
