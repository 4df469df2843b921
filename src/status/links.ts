/** Links: are they there, what they are, up, with a carrier. */
import type { KernelLink } from '../kernel/types.ts';
import type { Attachment, Model, Shim } from '../model/types.ts';
import { type Context, type Expected, reapply } from './context.ts';
import { type Drift, drift } from './finding.ts';

export const linkDrift = (context: Context): Drift[] => [
  ...context.unmanaged.flatMap((expected) => ofUnmanaged(context, expected)),
  ...context.links.flatMap((expected) => ofLink(context, expected)),
];

/** What others configure is not drift; without it, nothing on top of it works. */
function ofUnmanaged(context: Context, { link: { name } }: Expected): Drift[] {
  const link = context.kernelLink(name);
  const hint = `Another program or file configures \`${name}\` (\`managed: false\`): see to it there.`;
  if (!link) {
    return [drift('link-missing', `There is no link \`${name}\`.`, { link: name, hint })];
  }
  if (!link.isUp) return [drift('link-down', `\`${name}\` is down.`, { link: name, hint })];
  return link.hasCarrier
    ? []
    : [drift('no-carrier', `\`${name}\` has no carrier.`, { link: name })];
}

function ofLink(context: Context, expected: Expected): Drift[] {
  const { name } = expected.link;
  const link = context.kernelLink(name);
  if (!link) return missing(context, expected);
  return [
    ...settings(context, expected, link),
    ...macAndMtu(expected, link, context.model),
    ...carrier(context, expected, link),
  ];
}

function missing(context: Context, expected: Expected): Drift[] {
  const { link, below } = expected;
  // The link below is missing, too: that is the cause, and reported.
  if (below !== undefined && !context.kernelLink(below) && isOfIntent(context, below)) return [];
  const isMade = below !== undefined || isMadeByDaemon(context, link.name);
  return [
    drift('link-missing', `There is no link \`${link.name}\`.`, {
      link: link.name,
      hint: isMade
        ? `Run \`${reapply(context, expected)}\`; if it is still missing, ${lastResort(context)}.`
        : `Is the NIC plugged in, its driver loaded, and is \`${link.name}\` still its name? \`ip link\` lists what is there.`,
      mayStillCome: isMade,
      ...(link.optional && !isMade && { severity: 'note' }),
    }),
  ];
}

/** systemd 247 never creates again what was deleted, except when it starts. */
const lastResort = ({ state }: Context): string =>
  state.manager.id === 'networkd'
    ? 'run `systemctl restart systemd-networkd`, then read its log'
    : 'read the log of the daemon';

const isOfIntent = ({ links, unmanaged }: Context, name: string): boolean =>
  [...links, ...unmanaged].some(({ link }) => link.name === name);

/** A NIC is there or not; every other kind of parent is made from the intent. */
const isMadeByDaemon = ({ model }: Context, name: string): boolean =>
  model.parents.some((parent) => parent.name === name && parent.kind !== 'ethernet');

/** What the intent says of a link that only a new one can change, or `ip link set`. */
function settings(context: Context, expected: Expected, link: KernelLink): Drift[] {
  const { name } = expected.link;
  const differs = (what: string, is: string, must: string, hint?: string): Drift[] =>
    is === must
      ? []
      : [
          drift(
            'link-setting-drift',
            `\`${name}\` has ${what} ${is || 'none'}, not ${must || 'none'}.`,
            {
              link: name,
              ...(hint !== undefined && { hint }),
            },
          ),
        ];
  const kind = kindOf(context.model, expected);
  const parent = context.model.parents.find((one) => one.name === name);
  const upper = attachmentOf(context.model, name);
  const shim = context.model.shims.find((one) => one.name === name);
  const tap = context.model.taps.find((one) => one.name === name);
  const isOther = kind !== undefined && kind !== link.kind;
  return [
    ...(isOther ? differs('the kind', link.kind || 'NIC', kind, recreate(name, link)) : []),
    ...(expected.below === undefined || isOther
      ? []
      : differs('the parent', link.parent ?? '', expected.below)),
    ...(parent?.vlan && !isOther
      ? differs('the VLAN id', String(link.vlanId ?? ''), String(parent.vlan.id))
      : []),
    ...(upper && !isOther ? modeDrift(upper, link, differs) : []),
    ...(shim && !isOther ? queueDrift(shim, link, differs) : []),
    ...(tap?.allMulticast && !isOther
      ? differs(
          'allmulticast',
          link.hasAllMulticast ? 'on' : 'off',
          'on',
          `Run \`ip link set dev ${name} allmulticast on\`; without it, IPv6 of the guest fails.`,
        )
      : []),
    ...differs(
      'the master',
      link.master ?? '',
      parent?.master?.name ?? '',
      parent?.master
        ? `Run \`${reapply(context, expected)}\`.`
        : `Find who made it a port of \`${link.master}\`, and remove that from its configuration: a port has no address of its own, and no macvlan can be created on it.`,
    ),
  ];
}

/**
 * Of the parent's queue for broadcasts; absent where `ip` does not show it. A host is reachable with any: no reason to
 * roll a change back.
 */
function queueDrift(
  { name, broadcastQueueLength: length, broadcastQueueThreshold: threshold }: Shim,
  link: KernelLink,
  differs: (what: string, is: string, must: string, hint?: string) => Drift[],
): Drift[] {
  const compared = [
    ['a broadcast queue of', link.broadcastQueueLength, length, 'bcqueuelen'],
    ['a broadcast queue threshold of', link.broadcastQueueThreshold, threshold, 'bclim'],
  ] as const;
  return compared
    .flatMap(([what, is, must, word]) =>
      is === undefined || must === undefined
        ? []
        : differs(
            what,
            String(is),
            String(must),
            `Run \`ip link set dev ${name} type macvlan ${word} ${must}\`.`,
          ),
    )
    .map((found): Drift => ({ ...found, severity: 'warning' }));
}

/** The other drift of a link that is gone has the command that creates it again. A NIC cannot be deleted. */
const recreate = (name: string, { kind }: KernelLink): string | undefined =>
  kind === '' || kind === undefined
    ? undefined
    : `Reboot, or run \`ip link delete dev ${name}\`, and then \`macvtap-render status\`: it prints what creates it again.`;

function modeDrift(
  { mode, sourceMacs }: Attachment,
  link: KernelLink,
  differs: (what: string, is: string, must: string, hint?: string) => Drift[],
): Drift[] {
  const show = (macs: readonly string[]): string => [...macs].sort().join(', ');
  // macvlan_changelink() refuses a change from or to passthru.
  const isLive = mode !== 'passthru' && link.mode !== 'passthru';
  return [
    ...differs(
      'mode',
      link.mode ?? '',
      mode,
      isLive
        ? `Run \`ip link set dev ${link.name} type ${link.kind} mode ${mode}\`; addresses stay.`
        : recreate(link.name, link),
    ),
    ...differs(
      'the source MACs',
      show(link.sourceMacs),
      show(sourceMacs.map((one) => one.macaddress)),
    ),
  ];
}

const attachmentOf = ({ shims, taps }: Model, name: string): Attachment | undefined =>
  [...shims, ...taps].find((one) => one.name === name);

function kindOf({ parents, shims }: Model, { link, role }: Expected): string | undefined {
  if (role === 'tap') return 'macvtap';
  if (role === 'shim') return shims.find(({ name }) => name === link.name)?.device;
  const kind = parents.find(({ name }) => name === link.name)?.kind;
  // Whatever is there under the name of a NIC: in a container it is a veth.
  return kind === 'ethernet' ? undefined : kind;
}

function macAndMtu(
  { link: { name, macaddress, mtu } }: Expected,
  link: KernelLink,
  model: Model,
): Drift[] {
  // A bond gives its members its own MAC (fail_over_mac).
  const isBonded = model.parents.some((one) => one.name === name && one.master?.kind === 'bond');
  const isMac = macaddress === undefined || macaddress === link.mac || isBonded;
  return [
    ...(isMac
      ? []
      : [
          drift('mac-drift', `\`${name}\` has the MAC ${link.mac ?? 'none'}, not ${macaddress}.`, {
            link: name,
            hint: `Run \`ip link set dev ${name} address ${macaddress}\`; the LAN has to learn it, and a lease may change.`,
          }),
        ]),
    ...(mtu === undefined || mtu === link.mtu
      ? []
      : [
          drift('mtu-drift', `\`${name}\` has an MTU of ${link.mtu} bytes, not ${mtu}.`, {
            link: name,
            hint: `Run \`ip link set dev ${name} mtu ${mtu}\`; the link below it needs as much.`,
          }),
        ]),
  ];
}

/** Reported of the lowest link alone: what is on top of it has none for that reason. */
function carrier(context: Context, expected: Expected, link: KernelLink): Drift[] {
  const { link: wanted, below } = expected;
  const name = wanted.name;
  if (!link.isUp) {
    return [
      drift('link-down', `\`${name}\` is down.`, {
        link: name,
        hint: `Run \`${reapply(context, expected)}\`.`,
        mayStillCome: true,
      }),
    ];
  }
  if (link.hasCarrier) return [];
  const lower = below === undefined ? undefined : context.kernelLink(below);
  if (lower && !(lower.isUp && lower.hasCarrier)) return [];
  const isFine = wanted.optional || wanted.ignoreCarrier;
  const why = link.isHeldDown ? ': a program took it away (`protodown`)' : '';
  return [
    drift('no-carrier', `\`${name}\` has no carrier${why}.`, {
      link: name,
      ...(link.isHeldDown && {
        hint: `Run \`ip link set dev ${name} protodown off\`, and find the program (VRRP, a bond's monitor).`,
      }),
      mayStillCome: true,
      ...(isFine && { severity: 'note' }),
    }),
  ];
}
