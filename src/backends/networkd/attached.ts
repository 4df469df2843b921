/** What a parent with `managed: false` needs of systemd-networkd: its own file, with a drop-in. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model, Parent, Shim } from '../../model/types.ts';
import { inPlace } from '../../view/place.ts';
import { entry, type RenderedFile } from '../../view/rendered.ts';
import { file } from '../../view/template.ts';
import { DIRECTORY, networkEntry } from '../shared/networkd-words.ts';
import { header } from '../shared/online.ts';
import { ATTACHED } from './places.ts';

/** The comment that names the parent: the file itself matches nothing. */
export const ATTACHED_TO = /^# Parent: (\S+), which is configured by (?:its own files|netplan)\.$/m;

/** Those of some shims that are of one kind: each kind has a key of its own. */
export function shimsOf(
  { shims }: Model,
  names: readonly string[],
  device: Shim['device'],
): string[] {
  const all = new Set(shims.filter((shim) => shim.device === device).map(({ name }) => name));
  return names.filter((name) => all.has(name));
}

/** Path of the drop-in for a `.network` file. */
export const attachedPath = (networkFile: string): string =>
  `${DIRECTORY}/${networkFile}.d/90-macvtap.conf`;

/** The drop-in that puts shims and taps on an unmanaged parent; none where there are none. */
export function attachedFile(
  model: Model,
  parent: Parent,
  networkFile: string,
  configuredBy: 'its own files' | 'netplan' = 'its own files',
): RenderedFile[] {
  const { name, shims, taps, origin } = parent;
  if (shims.length + taps.length === 0) return [];
  const why = 'Created on top of this link, whose own file says all else (`managed: false`).';
  const rendered = file({
    path: attachedPath(networkFile),
    mode: 0o644,
    role: 'required',
    ...inPlace(ATTACHED),
    about: entry(
      `what is on ${name}`,
      `Creates shims and taps on \`${name}\`, and changes nothing else of it.`,
      'systemd.network(5)',
      origin,
    ),
    template: 'networkd/attached.conf',
    view: {
      header: header(model),
      parent: entry(
        `# Parent: ${name}, which is configured by ${configuredBy}.`,
        'A drop-in has no [Match]: it applies to the links that its file matches.',
        'systemd.network(5), [Match] Name=',
        origin,
      ),
      shims: shimsOf(model, shims, 'macvlan').map((shim) =>
        networkEntry('Network', 'MACVLAN', shim, why, ['shims', shim, 'parent']),
      ),
      ipvlans: shimsOf(model, shims, 'ipvlan').map((shim) =>
        networkEntry('Network', 'IPVLAN', shim, why, ['shims', shim, 'parent']),
      ),
      taps: taps.map((tap) =>
        networkEntry('Network', 'MACVTAP', tap, why, ['taps', tap, 'parent']),
      ),
    },
  });
  return [rendered];
}

/**
 * Without netplan, the file of an unmanaged parent has any name; and it is of one parent.
 * @param fileOf the name of the file that configures a parent; undefined: unknown
 */
export function checkNetworkFiles(
  model: Model,
  backend: string,
  fileOf: (parent: Parent) => string | undefined = ({ networkFile }) => networkFile,
): Diagnostic[] {
  const owners = new Map<string, string>();
  return model.unmanaged.flatMap((parent) => {
    const { name, shims, taps, origin } = parent;
    const networkFile = fileOf(parent);
    const [first] = [...shims, ...taps];
    if (first === undefined) return [];
    if (networkFile === undefined) {
      const key = keyOf(model, first);
      const line = `\`${first}\` needs \`${key}=${first}\` in the \`.network\` file of \`${name}\`.`;
      const hint = `Add \`network-file:\` with the name of that file; \`networkctl status ${name}\` prints it as \`Network File\`. On the host itself, \`check\` and \`apply\` find it.`;
      return diagnostic('network-file-needed', origin, line, { backend, at: 'key', hint });
    }
    const other = owners.get(networkFile);
    owners.set(networkFile, name);
    if (other === undefined) return [];
    const message = `\`${networkFile}\` is also the file of \`${other}\`.`;
    return diagnostic('network-file-taken', [...origin, 'network-file'], message, { backend });
  });
}

function keyOf({ shims }: Model, name: string): 'MACVLAN' | 'IPVLAN' | 'MACVTAP' {
  const shim = shims.find((candidate) => candidate.name === name);
  return shim === undefined ? 'MACVTAP' : shim.device === 'ipvlan' ? 'IPVLAN' : 'MACVLAN';
}
