/** Files → JSON, for programs. */
import {
  type DocumentDiagnostic,
  type DocumentHost,
  documentText,
  hostKey,
} from '../report/output.ts';
import { renderDocument } from '../report/outputs/render.ts';
import { octal } from '../view/octal.ts';
import { OWNER, type Package, type Packaging } from './package.ts';

type File = DocumentHost<typeof renderDocument>['files'][number];

export function json(
  packages: readonly Package[],
  diagnostics: readonly DocumentDiagnostic[] = [],
): string {
  const hosts = new Map<string, File[]>();
  for (const { host, backend, files } of packages) {
    const known = hosts.get(host) ?? [];
    hosts.set(host, known);
    for (const { path, mode, role, text, origins } of files) {
      const rights = { mode: octal(mode), owner: OWNER, group: OWNER };
      known.push({ backend, path, ...rights, role, text, origins });
    }
  }
  return documentText(renderDocument, {
    hosts: [...hosts].map(([host, files]) => ({ host: hostKey(host), files })),
    diagnostics,
  });
}

export const jsonPackaging = {
  id: 'json',
  summary: 'paths, modes, contents and origins, for programs (help json)',
  takesSeveral: true,
  takesHosts: true,
  activates: false,
  text: json,
} as const satisfies Packaging;
