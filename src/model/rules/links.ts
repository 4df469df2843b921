/** Parents and shims as links: what stands on what, mode, MTU, MAC addresses. */
import { diagnostic, type Path } from '../../diagnostics.ts';
import type { Parent, Shim } from '../types.ts';
import { type Context, hasIpv6 } from './context.ts';

export function checkParent({ intent, damaged, report }: Context, parent: Parent): void {
  const said = intent.parents?.get(parent.id);
  if (said) {
    if (said.match && said['set-name'] === undefined) {
      const message = `\`${parent.id}\` is matched by its MAC, but has no \`set-name\`.`;
      report(diagnostic('match-without-set-name', [...parent.origin, 'match'], message));
    }
    if (said['set-name'] !== undefined && !said.match && !damaged([...parent.origin, 'match'])) {
      const message = `\`set-name\` needs a \`match\` that says which NIC is meant.`;
      report(diagnostic('set-name-without-match', [...parent.origin, 'set-name'], message));
    }
    if (parent.shims.length === 0 && !damaged(['shims'])) {
      const message = `No shim stands on \`${parent.id}\`.`;
      report(diagnostic('parent-unused', parent.origin, message, { at: 'key' }));
    }
    for (const [index, address] of (said.addresses ?? []).entries()) {
      const path = [...parent.origin, 'addresses', index];
      report(diagnostic('parent-has-address', path, `\`${parent.id}\` would keep \`${address}\`.`));
    }
  }
  if (/^wl/.test(parent.name)) {
    const message = `\`${parent.name}\` looks like a Wi-Fi interface.`;
    report(
      diagnostic('wifi-parent', parent.origin, message, {
        at: said ? 'key' : 'value',
      }),
    );
  }
}

/** What the shim stands on, and how. */
export function checkStanding({ intent, model, report }: Context, shim: Shim): void {
  const at = [...shim.origin, 'parent'];
  if (shim.parent.name === shim.name) {
    report(diagnostic('shim-on-itself', at, `\`${shim.name}\` is its own parent.`));
  } else if (intent.shims?.has(shim.parent.name)) {
    report(diagnostic('shim-on-shim', at, `\`${shim.parent.name}\` is a shim itself.`));
  }
  if (shim.mode === 'bridge') return;
  const mode = [...shim.origin, 'mode'];
  const message = `In mode \`${shim.mode}\`, host and guests on \`${shim.parent.name}\` do not reach each other.`;
  report(diagnostic('mode-not-bridge', mode, message));
  if (shim.mode !== 'passthru') return;
  const others = model.shims.filter((s) => s !== shim && s.parent.id === shim.parent.id);
  if (others.length > 0 && shim.parent.name !== '') {
    const message = `\`${shim.parent.name}\` carries ${others.map((s) => `\`${s.name}\``).join(', ')} too.`;
    report(diagnostic('passthru-not-alone', mode, message));
  }
  if (!shim.macDerived) {
    const message = `In passthru mode, \`${shim.name}\` has the MAC of \`${shim.parent.name}\`.`;
    report(diagnostic('passthru-macaddress', [...shim.origin, 'macaddress'], message));
  }
}

export function checkMtu({ intent, damaged, report }: Context, shim: Shim): void {
  const own = intent.shims?.get(shim.name)?.mtu;
  const path = own === undefined ? [...shim.parent.origin, 'mtu'] : [...shim.origin, 'mtu'];
  const limit = shim.parent.mtu ?? 1500;
  const parentKnown = !damaged([...shim.parent.origin, 'mtu']) && shim.parent.name !== '';
  if (own !== undefined && own > limit && parentKnown) {
    const message = `${own} is above the MTU of \`${shim.parent.name}\`, which is ${limit}.`;
    report(diagnostic('mtu-above-parent', path, message));
  }
  if (shim.mtu !== undefined && shim.mtu < 1280 && hasIpv6(shim)) {
    const message = `\`${shim.name}\` has IPv6, which an MTU of ${shim.mtu} cannot carry.`;
    report(diagnostic('mtu-too-small-for-ipv6', path, message));
  }
}

export function checkMacs({ intent, model, damaged, report }: Context): void {
  const owners = new Map<string, string>();
  const check = (mac: string, path: Path): void => {
    if (Number.parseInt(mac.slice(0, 2), 16) & 1) {
      report(diagnostic('mac-multicast', path, `\`${mac}\` is a group address.`));
    } else if (mac === '00:00:00:00:00:00') {
      report(diagnostic('mac-malformed', path, `\`${mac}\` is no address of an interface.`));
    }
  };
  const claim = (mac: string, owner: string, path: Path): void => {
    const other = owners.get(mac);
    if (other !== undefined) {
      report(diagnostic('mac-taken', path, `\`${mac}\` is also the MAC of \`${other}\`.`));
    } else owners.set(mac, owner);
  };
  const permanent = new Map<string, string>();
  for (const { id, name, permanentMac, macaddress, origin } of model.parents) {
    const matchPath = [...origin, 'match', 'macaddress'];
    if (permanentMac !== undefined) {
      check(permanentMac, matchPath);
      const other = permanent.get(permanentMac);
      if (other !== undefined) {
        report(
          diagnostic('mac-taken', matchPath, `\`${permanentMac}\` also matches \`${other}\`.`),
        );
      } else permanent.set(permanentMac, id);
    }
    if (macaddress !== undefined) check(macaddress, [...origin, 'macaddress']);
    // The permanent MAC is free for a shim once the parent has been given another.
    const effective = macaddress ?? (damaged([...origin, 'macaddress']) ? undefined : permanentMac);
    if (effective !== undefined && effective !== permanentMac) {
      claim(effective, name, [...origin, 'macaddress']);
    } else if (effective !== undefined && permanent.get(effective) === id) {
      claim(effective, name, matchPath);
    }
  }
  for (const shim of model.shims) {
    if (shim.macaddress === undefined || damaged([...shim.origin, 'macaddress'])) continue;
    if (intent.host === undefined && shim.macDerived) continue;
    const path = shim.macDerived ? shim.origin : [...shim.origin, 'macaddress'];
    if (!shim.macDerived) check(shim.macaddress, path);
    claim(shim.macaddress, shim.name, path);
  }
}
