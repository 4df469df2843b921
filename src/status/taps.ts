/** Who may open the taps: the devices `/dev/tapN` of those for which the intent sets it. */
import type { Account, NodeFound, TapNode } from '../kernel/types.ts';
import type { Tap } from '../model/types.ts';
import type { Context } from './context.ts';
import { type Drift, drift } from './finding.ts';

export const tapDrift = (context: Context): Drift[] =>
  context.model.taps.flatMap((tap) => {
    const node = context.state.taps.nodes.get(tap.name);
    // A link that is missing, or no macvtap, is reported as such.
    return node && tap.permissions !== undefined ? ofNode(context, tap, node) : [];
  });

function ofNode(context: Context, tap: Tap, node: TapNode): Drift[] {
  const { name } = tap;
  const { path, device, found } = node;
  if (device === undefined) {
    // Without its number nobody can say whose device is there.
    const message = `sysfs does not show the device number of \`${name}\`: the owner of \`${path}\` is not known.`;
    return [drift('state-unreadable', message, { link: name, severity: 'note' })];
  }
  if (!found) return [missing(context, tap, path, device)];
  if (found.device !== device) return [taken(tap, path, device, found)];
  return isAsWanted(tap, found) ? [] : [differs(context, tap, node, found)];
}

/** The kernel makes the device where `/dev` is a devtmpfs; udev sets its owner. In a container neither is there. */
function missing({ state }: Context, tap: Tap, path: string, device: string): Drift {
  const { name } = tap;
  return state.taps.hasUdev
    ? drift('tap-device-missing', `\`${name}\` has no device \`${path}\`.`, {
        link: name,
        hint: `Create it: \`${createCommand(tap, path, device)}\`.`,
        mayStillCome: true,
      })
    : drift(
        'tap-device-missing',
        `\`${name}\` has no device \`${path}\`: udev is not running here, as in a container.`,
        {
          link: name,
          severity: 'note',
          hint: `A program that opens the tap here needs one: \`${createCommand(tap, path, device)}\`.`,
        },
      );
}

function taken(tap: Tap, path: string, device: string, { device: other }: NodeFound): Drift {
  const { name } = tap;
  const message =
    other === undefined
      ? `\`${path}\` is not the device of \`${name}\`: it must be the character device ${device}.`
      : `\`${path}\` (device ${other}) belongs to a macvtap of another network namespace, not to \`${name}\` (${device}).`;
  const own = `/dev/macvtap-${name}`;
  return drift('tap-device-taken', message, {
    link: name,
    hint: `Create a device of another name, and have the guest open that: \`${createCommand(tap, own, device)}\`.`,
  });
}

function differs({ state }: Context, tap: Tap, { path }: TapNode, found: NodeFound): Drift {
  const { name, permissions = '' } = tap;
  const is = `${nameOf(found.owner)}:${nameOf(found.group)} with permissions ${found.permissions}`;
  const must = `${accountOf(tap)} with ${permissions}`;
  const { hasUdev } = state.taps;
  const isByUdev = hasUdev && state.manager.id !== 'none';
  const why = hasUdev ? '' : '; udev is not running';
  return drift(
    'tap-access-drift',
    `\`${path}\` of \`${name}\` belongs to ${is}, not to ${must}${why}.`,
    {
      link: name,
      mayStillCome: hasUdev,
      hint: isByUdev
        ? `Run \`udevadm control --reload; udevadm trigger --action=change --subsystem-match=macvtap\`. If it stays, \`getent passwd\` and \`getent group\` show whether both accounts exist.`
        : `Run \`${setCommand(tap, path)}\`.`,
      // No rollback of a change brings udev back.
      ...(!hasUdev && { severity: 'warning' as const }),
    },
  );
}

const isAsWanted = ({ owner, group, permissions }: Tap, found: NodeFound): boolean =>
  found.permissions === permissions && isOf(owner, found.owner) && isOf(group, found.group);

/** The intent has a name or a number; without either it is root. */
const isOf = (wanted = '0', { id, name }: Account): boolean =>
  /^\d+$/.test(wanted) ? wanted === id : wanted === name;

const nameOf = ({ id, name }: Account): string => name ?? id;
const accountOf = ({ owner = 'root', group = 'root' }: Tap): string => `${owner}:${group}`;

const setCommand = (tap: Tap, path: string): string =>
  `chown ${accountOf(tap)} ${path} && chmod ${tap.permissions} ${path}`;
const createCommand = (tap: Tap, path: string, device: string): string =>
  `mknod -m 0600 ${path} c ${device.replace(':', ' ')} && ${setCommand(tap, path)}`;
