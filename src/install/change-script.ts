/**
 * The script that keeps what a change replaces, activates the change, and rolls it back unless it is
 * confirmed: one static text of `templates/change/`, and a block of data at its head. It decides on
 * the host, from the files before and after the change.
 */
import { ownershipLine } from '../ownership.ts';
import type { Model } from '../model/types.ts';
import { quote } from '../shell.ts';
import { plainText } from '../template.ts';

/** Where it is once a change is pending. */
export const PENDING = '/etc/macvtap-render/pending';
export const CHANGE = `${PENDING}/change`;

/** Back ends whose files it can activate: those that configure a host for good. */
export interface ChangeOptions {
  /** The id of the back end, with its renderer: `netplan-networkd`. */
  readonly backend: string;
  readonly model: Model;
  /** Absolute paths of the set, on the target. */
  readonly paths: readonly string[];
}

const PARTS = [
  'head',
  'keep',
  'timer',
  'devices',
  'networkd',
  'networkmanager',
  'ifupdown',
  'announce',
  'state',
  'follow',
  'main',
] as const;

const INTERFACES = '/etc/network/interfaces';

/** All that must be kept before the files of a set change: a first activation changes more than they. */
export const pathsToKeep = ({ backend, paths }: Omit<ChangeOptions, 'model'>): string[] => [
  ...paths,
  ...(backend === 'ifupdown' ? [INTERFACES] : []),
];

/** The text of the script, mode 0700. */
export function changeScript({ backend, model, paths }: ChangeOptions): string {
  const values = {
    header: ownershipLine(model.host),
    host: quote(model.host === '' ? 'this host' : model.host),
    system: quote(backend),
    files: quote(paths.join('\n')),
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

/**
 * The order in which NetworkManager's profiles come up: a bond or bridge before its members; a shim
 * before its parent, which then gives up the address, unless the parent changes its MAC first.
 */
function activationOrder({ parents, shims, taps }: Model): string[] {
  const uppers = [...shims, ...taps].map(({ name }) => name);
  const lowers = [...parents]
    .sort((a, b) => Number(Boolean(a.master)) - Number(Boolean(b.master)))
    .map(({ name }) => name);
  const takesOver = parents.some(({ macaddress }) => macaddress !== undefined);
  return takesOver ? [...lowers, ...uppers] : [...uppers, ...lowers];
}
