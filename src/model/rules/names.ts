/** The host, and the names of interfaces and guests. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { NAME } from '../../intent/schema.ts';
import type { Guest, Parent, Shim, Tap } from '../types.ts';
import type { Context } from './context.ts';

export function checkNotEmpty({ model, damaged, report }: Context): void {
  const { parents, shims, taps, guests } = model;
  const isEmpty = parents.length + shims.length + taps.length + guests.length === 0;
  if (!isEmpty || ['shims', 'taps', 'guests', 'parents'].some((key) => damaged([key]))) return;
  const message = 'No shims, taps, guests or managed parents defined.';
  report(diagnostic('no-shims', ['shims'], message));
}

/** MACs are derived from the host and the name of the link. */
export function checkHost({ intent, model, damaged, report }: Context): void {
  if (intent.host !== undefined || damaged(['host'])) return;
  const link = [...model.shims, ...model.taps, ...model.parents].find(
    ({ macDerived, macaddress, origin }) =>
      macDerived && macaddress !== undefined && !damaged([...origin, 'macaddress']),
  );
  if (!link) return;
  const message = `\`${link.name}\` has no \`macaddress\`, and there is no \`host\` to derive one from.`;
  report(diagnostic('host-missing', link.origin, message, { at: 'key' }));
}

/** A name of an interface, or the id of a parent, where it is written. */
interface Named {
  readonly name: string;
  readonly path: Path;
  readonly at: 'key' | 'value';
  /** An id that is not the name of an interface may be longer. */
  readonly isId?: boolean;
  /** What has the name; absent where another diagnostic is about that. */
  readonly owner?: string;
  /** Names that libvirt gives to its own devices, where that matters. */
  readonly libvirt?: RegExp;
}

/** Names and ids are valid, each is of one link, and none is of those that libvirt gives. */
export function checkNames(context: Context): void {
  const { model } = context;
  const owners = new Map<string, string>();
  for (const named of [
    ...[...model.parents, ...model.unmanaged].flatMap((parent) => namesOfParent(context, parent)),
    ...[...model.shims, ...model.taps].map(nameOfUpper),
    ...model.guests.flatMap(nameOfTarget),
  ]) {
    checkForm(context, named);
    checkTaken(context, named, owners);
    checkLibvirt(context, named);
  }
}

function namesOfParent({ intent }: Context, { id, origin }: Parent): Named[] {
  const given = intent.parents?.get(id);
  const owner = `the parent \`${id}\``;
  const setName = given?.['set-name'];
  if (given) {
    const own: Named = { name: id, path: origin, at: 'key', isId: setName !== undefined, owner };
    const path = [...origin, 'set-name'];
    return setName === undefined ? [own] : [own, { name: setName, path, at: 'value', owner }];
  }
  // A shim as parent, or on itself, has a diagnostic of its own.
  const isUpper = intent.shims?.has(id) || intent.taps?.has(id);
  return [{ name: id, path: origin, at: 'value', ...(!isUpper && { owner }) }];
}

function nameOfUpper({ name, origin }: Shim | Tap): Named {
  const owner = `the ${origin[0] === 'shims' ? 'shim' : 'tap'} \`${name}\``;
  return { name, path: origin, at: 'key', owner, libvirt: /^macv(?:tap|lan)[0-9]+$/ };
}

function nameOfTarget({ name, target, origin }: Guest): Named[] {
  if (target === undefined) return [];
  const owner = `the device of \`${name}\``;
  const libvirt = /^(?:macvtap|macvlan|vnet)[0-9]+$/;
  return [{ name: target, path: [...origin, 'target'], at: 'value', owner, libvirt }];
}

/** Names that the kernel, its `/sys/class/net`, systemd or sysctl use for something else. */
const RESERVED: ReadonlySet<string> = new Set(['lo', 'all', 'default', 'bonding_masters']);

/** Bytes of an interface's name (IFNAMSIZ, with the zero at its end), and of an id. */
const LONGEST = { name: 15, id: 64 };

function checkForm({ damaged, report }: Context, { name, path, at, isId }: Named): void {
  if (damaged(path) && name === '') return;
  const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
  if (RESERVED.has(name)) {
    const message = `The name ${shown} is reserved.`;
    report(diagnostic('name-malformed', path, message, { at, hint: 'Choose another name.' }));
  } else if (!NAME.test(name)) {
    const message = `${shown} is not a valid name of an interface.`;
    report(diagnostic('name-malformed', path, message, { at }));
  } else if (isId && name.length > LONGEST.id) {
    const message = `${shown} is ${name.length} bytes long; an id has ${LONGEST.id} at most.`;
    const hint = `Shorten it to ${LONGEST.id} bytes.`;
    report(diagnostic('name-too-long', path, message, { at, hint }));
  } else if (!isId && name.length > LONGEST.name) {
    const message = `${shown} is ${name.length} bytes long; the kernel takes ${LONGEST.name}.`;
    report(diagnostic('name-too-long', path, message, { at }));
  }
}

/** @param owners what has each of the names so far */
function checkTaken(
  { report }: Context,
  { name, path, at, owner }: Named,
  owners: Map<string, string>,
): void {
  if (owner === undefined) return;
  const other = owners.get(name);
  if (other === undefined) owners.set(name, owner);
  else if (other !== owner) {
    report(diagnostic('name-taken', path, `The name \`${name}\` is taken by ${other}.`, { at }));
  }
}

function checkLibvirt({ report }: Context, { name, path, at, libvirt }: Named): void {
  if (!libvirt?.test(name)) return;
  const message =
    at === 'key'
      ? `\`${name}\` is a name that libvirt gives to its own devices.`
      : `libvirt ignores \`${name}\`, a name that it gives to its own devices.`;
  report(diagnostic('name-of-libvirt', path, message, { at }));
}

/** Names of domains that every version of libvirt takes, and a file system. */
const GUEST = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/;

export function checkGuestName({ report }: Context, { name, origin }: Guest): void {
  if (GUEST.test(name)) return;
  const hint = 'Use letters, digits, `_`, `.`, `+` and `-`; 64 at most.';
  const message = `${JSON.stringify(name.slice(0, 40))} is not a valid name of a guest.`;
  report(diagnostic('name-malformed', origin, message, { at: 'key', hint }));
}
