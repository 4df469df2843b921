/** The host, and the names of interfaces. */
import { diagnostic, type Path } from '../../diagnostics/diagnostic.ts';
import { NAME } from '../../intent/schema.ts';
import { type Guest, hasAddress, type Tap } from '../types.ts';
import type { Context } from './context.ts';

export function checkHost({ intent, model, damaged, report }: Context): void {
  const isEmpty = model.shims.length + model.taps.length === 0 && !model.parents.some(hasAddress);
  if (isEmpty && !['shims', 'taps', 'parents'].some((key) => damaged([key]))) {
    report(
      diagnostic('no-shims', ['shims'], 'No shims, taps, guests or addressed parents defined.'),
    );
  }
  if (intent.host !== undefined || damaged(['host'])) return;
  const isDerived = ({ macDerived, macaddress }: Pick<Tap, 'macDerived' | 'macaddress'>): boolean =>
    macDerived && macaddress !== undefined;
  const shim = [...model.shims, ...model.taps, ...model.parents].find(
    (link) => isDerived(link) && !damaged([...link.origin, 'macaddress']),
  );
  if (shim) {
    report(
      diagnostic(
        'host-missing',
        shim.origin,
        `\`${shim.name}\` has no \`macaddress\`, and there is no \`host\` to derive one from.`,
        { at: 'key' },
      ),
    );
  }
}

/** Names of domains that every version of libvirt takes, and a file system. */
const GUEST = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$/;

/** Names that the kernel, its `/sys/class/net`, systemd or sysctl use for something else. */
const RESERVED: ReadonlySet<string> = new Set(['lo', 'all', 'default', 'bonding_masters']);

export function checkNames({ intent, model, damaged, report }: Context): void {
  const check = (name: string, path: Path, at: 'key' | 'value', isInterface: boolean): void => {
    if (damaged(path) && name === '') return;
    const shown = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
    if (RESERVED.has(name)) {
      const message = `The system keeps the name ${shown} for itself.`;
      report(diagnostic('name-malformed', path, message, { at, hint: 'Choose another name.' }));
    } else if (!NAME.test(name)) {
      report(
        diagnostic('name-malformed', path, `${shown} cannot be the name of an interface.`, { at }),
      );
    } else if (name.length > (isInterface ? 15 : 64)) {
      const message = isInterface
        ? `${shown} is ${name.length} bytes long; the kernel takes 15.`
        : `${shown} is ${name.length} bytes long; an id has 64 at most.`;
      const hint = isInterface ? undefined : 'Shorten it to 64 bytes.';
      report(diagnostic('name-too-long', path, message, { at, ...(hint && { hint }) }));
    }
  };
  const checkGuestName = ({ name, target, origin }: Guest): void => {
    if (!GUEST.test(name)) {
      const hint = 'Use letters, digits, `_`, `.`, `+` and `-`; 64 at most.';
      const message = `${JSON.stringify(name.slice(0, 40))} cannot be the name of a guest.`;
      report(diagnostic('name-malformed', origin, message, { at: 'key', hint }));
    }
    if (target === undefined) return;
    const path = [...origin, 'target'];
    check(target, path, 'value', true);
    claim(target, `the device of \`${name}\``, path, 'value');
    if (/^(?:macvtap|macvlan|vnet)[0-9]+$/.test(target)) {
      const message = `libvirt drops \`${target}\`, which looks like a name of its own.`;
      report(diagnostic('name-of-libvirt', path, message));
    }
  };
  const owners = new Map<string, string>();
  const claim = (name: string, what: string, path: Path, at: 'key' | 'value'): void => {
    const owner = owners.get(name);
    if (owner !== undefined && owner !== what) {
      report(diagnostic('name-taken', path, `\`${name}\` is also ${owner}.`, { at }));
    } else owners.set(name, what);
  };
  for (const parent of model.parents) {
    const given = intent.parents?.get(parent.id);
    if (given) {
      check(parent.id, parent.origin, 'key', given['set-name'] === undefined);
      claim(parent.id, `the parent \`${parent.id}\``, parent.origin, 'key');
      if (given['set-name'] !== undefined) {
        const path = [...parent.origin, 'set-name'];
        check(given['set-name'], path, 'value', true);
        claim(given['set-name'], `the parent \`${parent.id}\``, path, 'value');
      }
    } else {
      check(parent.id, parent.origin, 'value', true);
      // A shim as parent, or on itself, has a diagnostic of its own.
      if (!intent.shims?.has(parent.id) && !intent.taps?.has(parent.id)) {
        claim(parent.id, `the parent \`${parent.id}\``, parent.origin, 'value');
      }
    }
  }
  for (const shim of [...model.shims, ...model.taps]) {
    const what = intent.shims?.get(shim.name) && shim.origin[0] === 'shims' ? 'shim' : 'tap';
    check(shim.name, shim.origin, 'key', true);
    claim(shim.name, `the ${what} \`${shim.name}\``, shim.origin, 'key');
    if (/^macv(?:tap|lan)[0-9]+$/.test(shim.name)) {
      const message = `libvirt names its own devices as \`${shim.name}\` is.`;
      report(diagnostic('name-of-libvirt', shim.origin, message, { at: 'key' }));
    }
  }
  for (const guest of model.guests) checkGuestName(guest);
}
