/** Compiled hosts → the input of packagings. */

import { backendOf } from '../backends/registry.ts';
import type { Compilation } from '../compile.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { changeScript } from '../install/change-script.ts';
import { locator, placeOf } from '../intent/positions.ts';
import type { Source } from '../intent/source.ts';
import { hasAddress, type Model } from '../model/types.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { quote } from '../view/shell.ts';
import { entriesOfView } from '../view/template.ts';
import type { Origin, Package, PackagedFile } from './package.ts';

/**
 * One for each back end. What a packaging may not use is made when it is read.
 * @param folder of a fleet: the host's own
 * @throws Error for a compilation with errors: there is nothing to pack
 */
export function packagesOf({ sets, model, source }: Compilation, folder?: string): Package[] {
  if (!sets || !model) throw new Error('nothing to pack');
  const filesOf = packagedFiles(source);
  return sets.map(({ backend: backendId, files }) => {
    const backend = backendOf(backendId, model.renderer);
    return {
      backend: backendId,
      host: model.host,
      ...(folder !== undefined && { folder }),
      files: files.map(filesOf),
      get activate() {
        return backend.activation(model).commands.join('\n');
      },
      get settle() {
        return files.flatMap(({ path, place: { applies } }) =>
          applies === undefined ? [] : applies(quote(path)),
        );
      },
      get change() {
        return changeScript(backend, model, files);
      },
      get verify() {
        return verification(model);
      },
      nics: model.parents.filter(({ kind }) => kind === 'ethernet').map(({ name }) => name),
      hasUnmanaged: model.unmanaged.length > 0,
    };
  });
}

/** Makes rendered files of one intent, each with the places in the intent that it comes from. */
export function packagedFiles(source: Source): (file: RenderedFile) => PackagedFile {
  const at = locator(source);
  const originOf = (path: Path): Origin => ({ ...placeOf(source, path, at), path });
  return (file) => ({
    ...file,
    get origins() {
      return originsOf(file, originOf);
    },
  });
}

function originsOf({ about, view }: RenderedFile, originOf: (path: Path) => Origin): Origin[] {
  const all = [about, ...entriesOfView(view)].map(({ origin }) => origin);
  const byKey = new Map(all.map((path) => [path.join('\0'), path]));
  return [...byKey.values()].map(originOf);
}

/**
 * Commands that verify the running network. They check MACs, because an existing device keeps its old
 * one, and that the NIC has lost its address. A link that boot does not wait for may have no carrier,
 * and so no address. They ping nobody: some gateways do not answer.
 */
function verification({ parents, shims, taps }: Model): string[] {
  const made = [...shims, ...taps];
  const addressed = [...parents, ...shims].filter(({ optional }) => !optional);
  return [
    ...made.map(({ name, macaddress }) =>
      macaddress === undefined
        ? `ip link show dev ${quote(name)}`
        : `ip link show dev ${quote(name)} | grep -q 'link/ether ${macaddress} '`,
    ),
    ...addressed.flatMap(({ name, addresses }) =>
      addresses.map(
        ({ address, prefix }) =>
          `ip -o addr show dev ${quote(name)} | grep -qF ' ${address}/${prefix} '`,
      ),
    ),
    ...parents
      .filter((parent) => parent.hasMacvlans && !hasAddress(parent))
      .map(({ name }) => `test -z "$(ip -o addr show dev ${quote(name)} scope global)"`),
  ];
}
