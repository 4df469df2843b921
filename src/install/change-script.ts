/**
 * The script that keeps replaced files, activates the change, and rolls it back unless it is
 * confirmed: one static text of `templates/change/`, and a block of data at its head. It decides on
 * the host, from the files before and after the change.
 */

import type { Backend } from '../backends/backend.ts';
import { activationOrder } from '../backends/shared/activation.ts';
import type { Model } from '../model/types.ts';
import { ownershipLine } from '../view/ownership.ts';
import type { RenderedFile } from '../view/rendered.ts';
import { quote } from '../view/shell.ts';
import { plainText } from '../view/template.ts';

/** Its place once a change is pending. */
export const PENDING = '/etc/macvtap-render/pending';
export const CHANGE = `${PENDING}/change`;
/** Its place for a tree that is copied; `keep` moves it from there. */
export const SENT = '/etc/macvtap-render/change';

const PARTS = [
  'head',
  'keep',
  'timer',
  'boot',
  'switch',
  'guests',
  'devices',
  'networkd',
  'networkmanager',
  'ifupdown',
  'announce',
  'state',
  'follow',
  'restored',
  'main',
] as const;

/**
 * The text of the script, to be written with mode 0700.
 * @param backend one that configures a host for good
 * @param files the set; its paths are what counts
 */
export function changeScript(
  backend: Pick<Backend, 'id'>,
  model: Model,
  files: readonly Pick<RenderedFile, 'path'>[],
): string {
  const values = {
    header: ownershipLine(model.host),
    host: quote(model.host === '' ? 'this host' : model.host),
    system: quote(backend.id),
    files: quote(files.map(({ path }) => path).join('\n')),
    nics: quote(nicsOf(model).join(' ')),
    links: quote(linksOf(model).join(' ')),
    order: quote(activationOrder(model).join(' ')),
  };
  return PARTS.map((part) => plainText(`change/${part}.sh`, values)).join('');
}

export const nicsOf = ({ parents }: Model): string[] =>
  parents.filter(({ kind }) => kind === 'ethernet').map(({ name }) => name);

/** Every link, each after what it is on top of. */
export const linksOf = ({ parents, shims, taps }: Model): string[] => [
  ...[...parents].sort((a, b) => a.height - b.height).map(({ name }) => name),
  ...[...shims, ...taps].map(({ name }) => name),
];
