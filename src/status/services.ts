/** What is not the kernel's: the daemon's word, name servers, settings, and the boot. */
import { arpSettings, type KernelSetting } from '../backends/shared/sysctl.ts';
import { NO_LIST_OF_IFUPDOWN2 } from '../kernel/read.ts';
import type { Part } from '../kernel/types.ts';
import { type Context, type Expected, isUsable, reapply } from './context.ts';
import { type Drift, drift } from './finding.ts';

export const serviceDrift = (context: Context): Drift[] => [
  ...unread(context),
  ...context.links.flatMap((expected) => wordOf(context, expected)),
  ...nameservers(context),
  ...arpSettings(context.model).flatMap((setting) => ofSetting(context, setting)),
  ...online(context),
];

/** What could not be read cannot be judged, and must not pass for right. */
function unread({ model, state }: Context): Drift[] {
  const isUsed = (part: Part): boolean =>
    part !== 'taps' || model.taps.some(({ permissions }) => permissions !== undefined);
  // Without `ip` every part of it is unreadable for the same reason.
  const first = state.problems.filter(
    ({ part, message }, index, all) =>
      isUsed(part) && all.findIndex((other) => other.message === message) === index,
  );
  return first.map(({ part, message }) => {
    const isOwner = part === 'manager' && state.manager.id !== 'ifupdown';
    const isKernel = part === 'links' || part === 'routes' || part === 'rules';
    return drift(isOwner ? 'daemon-not-running' : 'state-unreadable', `${message}.`, {
      mayStillCome: isOwner,
      ...(message === NO_LIST_OF_IFUPDOWN2 && { hint: 'Nothing to do.' }),
      ...(!isOwner && { severity: isKernel ? 'error' : 'note' }),
    });
  });
}

const DAEMON = {
  networkd: 'systemd-networkd',
  networkmanager: 'NetworkManager',
  ifupdown: 'ifupdown',
  none: 'nobody',
} as const;

function wordOf(context: Context, expected: Expected): Drift[] {
  const { link } = expected;
  const { id, links } = context.state.manager;
  if (links.size === 0 || !context.kernelLink(link.name)) return [];
  // Without a carrier it has nothing to configure: `no-carrier` says so.
  if (!isUsable(context, link.name)) return [];
  const own = links.get(link.name);
  if (own?.verdict === 'ready') return [];
  const message =
    own === undefined || own.verdict === 'unmanaged'
      ? `${DAEMON[id]} does not manage \`${link.name}\`${own && own.state !== 'unmanaged' ? ` (${own.state})` : ''}.`
      : `${DAEMON[id]} has not configured \`${link.name}\`: its state is \`${own.state}\`.`;
  return [
    drift('daemon-state', message, {
      link: link.name,
      mayStillCome: true,
      hint: `Run \`${reapply(context, expected)}\`, then ${LOG[id]}.`,
      ...(link.optional && own?.verdict === 'working' && { severity: 'note' }),
    }),
  ];
}

const LOG = {
  networkd: 'read `journalctl -b -u systemd-networkd`',
  networkmanager: 'read `journalctl -b -u NetworkManager`',
  ifupdown: 'read `journalctl -b -u networking`',
  none: 'look at what it prints',
} as const;

function nameservers(context: Context): Drift[] {
  // A trial sets none, and the compiler reports so: those of the host stay in use.
  if (context.state.manager.id === 'none') return [];
  const { servers, resolved } = context.state.resolver;
  const inUse = new Set([...servers, ...[...(resolved?.values() ?? [])].flat()]);
  return context.links.flatMap(({ link }) => {
    if (!isUsable(context, link.name)) return [];
    const known = new Set(context.managed(link.name)?.nameservers ?? []);
    const unused = link.nameservers.filter(({ address }) => !inUse.has(address));
    const missing = unused.filter(({ address }) => !known.has(address));
    const idle = unused.filter(({ address }) => known.has(address));
    const list = (all: readonly { readonly address: string }[]): string =>
      all.map(({ address }) => address).join(', ');
    return [
      ...(missing.length > 0
        ? [
            drift(
              'nameserver-missing',
              `Name servers of \`${link.name}\` are not in use: ${list(missing)}.`,
              {
                link: link.name,
                mayStillCome: true,
                // Nothing else reads `dns-nameservers` of interfaces(5).
                ...(context.state.manager.id === 'ifupdown' && {
                  hint: 'Install resolvconf or enable systemd-resolved, and run `ifup --force`.',
                }),
              },
            ),
          ]
        : []),
      ...(idle.length > 0
        ? [
            drift(
              'nameserver-unused',
              `${DAEMON[context.state.manager.id]} knows the name servers of \`${link.name}\` (${list(idle)}), and /etc/resolv.conf does not lead to them.`,
              { link: link.name },
            ),
          ]
        : []),
    ];
  });
}

/** The kernel takes the larger of `all` and the interface's own (ip-sysctl, arp_ignore, rp_filter). */
function ofSetting(context: Context, { link, family, key, value, why }: KernelSetting): Drift[] {
  if (!context.kernelLink(link)) return [];
  const of = (name: string): number | undefined => {
    const text = context.state.sysctls.get(`net/${family}/conf/${name}/${key}`);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const own = of(link);
  if (own === undefined) return [];
  const effective = Math.max(own, of('all') ?? 0);
  // No filter at all lets pass what a loose one does; arp_ignore 2 answers those in the subnet only.
  const isFine = key === 'rp_filter' ? effective !== 1 : effective === value || effective === 2;
  if (isFine) return [];
  return [
    drift('sysctl-drift', `\`${key}\` of \`${link}\` is ${effective}, not ${value}.`, {
      link,
      hint: `Run \`sysctl -w net/${family}/conf/${link}/${key}=${value}\`. ${why}`,
    }),
  ];
}

/** Boot waits for the network by one unit; others go on when its time is up. */
function online({ state }: Context): Drift[] {
  return [...state.units]
    .filter(([id, { active }]) => /wait-online/.test(id) && active === 'failed')
    .map(([id]) =>
      drift('wait-online-failed', `\`${id}\` failed: boot waited for a link until the timeout.`, {
        hint: `Read \`journalctl -b -u ${id}\`: it names the link, unless that came later. \`systemctl reset-failed ${id}\` clears it.`,
      }),
    );
}
