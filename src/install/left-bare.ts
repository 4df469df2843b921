/**
 * The NIC by which the running host has its default route, where the intent leaves it bare and no
 * other link gets one: `apply` would verify that and roll back, an installation would not.
 */
import { type Finding, finding } from '../diagnostics/finding.ts';
import { type Family, hasAddress, type Link, type Model } from '../model/types.ts';
import type { Directory } from '../system.ts';
import { textBelow } from './tree.ts';

/** Links of the host's default routes in the main table, by family. */
export type DefaultLinks = Readonly<Record<Family, readonly string[]>>;

/**
 * Those of the network that process 1 is in (proc(5), proc_pid_net(5)); `/proc/net` is a link, and
 * links are not followed here.
 */
const IPV4_ROUTES = '/proc/1/net/route';
const IPV6_ROUTES = '/proc/1/net/ipv6_route';
/** Enough for a host with very many routes; of more nothing is known. */
const MAX_BYTES = 16 * 1024 * 1024;
/** RTF_UP (linux/route.h); RTF_REJECT: the kernel refuses what would go there. */
const UP = 0x1;
const REJECT = 0x200;

/** @param top the root of the host */
export function defaultLinksOf(top: Directory): DefaultLinks {
  const lines = (path: string): string[] =>
    (textBelow(top, path.split('/').slice(1), MAX_BYTES) ?? '').split('\n');
  const isRoute = (flags: string | undefined): boolean =>
    (Number.parseInt(flags ?? '0', 16) & (UP | REJECT)) === UP;
  return {
    // Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask …
    ipv4: lines(IPV4_ROUTES).flatMap((line) => {
      const [link = '', to, , flags, , , , mask] = line.trim().split(/\s+/);
      return to === '00000000' && mask === '00000000' && isRoute(flags) ? [link] : [];
    }),
    // Destination, its length, source, its length, next hop, metric, references, use, flags, link.
    ipv6: lines(IPV6_ROUTES).flatMap((line) => {
      const words = line.trim().split(/\s+/);
      const [to = '', length, , , , , , , flags, link = ''] = words;
      return /^0{32}$/.test(to) && length === '00' && isRoute(flags) && link !== 'lo' ? [link] : [];
    }),
  };
}

/** An error where the host would have no address either; else a warning. */
export function leftBare(model: Model, today: DefaultLinks): Finding[] {
  const links = [...model.parents, ...model.shims];
  const bare = new Set(
    model.parents.filter((parent) => parent.managed && !hasAddress(parent)).map(({ name }) => name),
  );
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const [first] = today[family];
    const isKept = today[family].some((name) => !bare.has(name));
    if (first === undefined || isKept || links.some((link) => mayHaveDefault(link, family)))
      return [];
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    const isCutOff = family === 'ipv4' && !links.some(hasAddress);
    return [
      finding(
        'uplink-left-bare',
        family === 'ipv4' ? IPV4_ROUTES : IPV6_ROUTES,
        `The ${name} default route of this host is by \`${first}\`, which the intent leaves without addresses, and no link of the intent has one${isCutOff ? ', nor any address' : ''}.`,
        { severity: isCutOff ? 'error' : 'warning' },
      ),
    ];
  });
}

/** A route of the intent, or one that a server or router may give, in whatever table. */
const mayHaveDefault = ({ routes, dhcp4, acceptRa }: Link, family: Family): boolean =>
  routes.some((route) => route.isDefault && route.family === family) ||
  (family === 'ipv4' ? dhcp4?.useRoutes === true : acceptRa);
