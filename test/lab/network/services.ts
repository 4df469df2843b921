/**
 * What the router of a LAN runs: a DHCP server for either family (dnsmasq), and router
 * advertisements (radvd). Only for links that ask.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { putFiles } from '../image/host.ts';
import { must, type Place } from '../place.ts';
import { BEHIND, type Offer } from './offers.ts';
import type { Segment } from './plan.ts';

const DIRECTORY = '/run/lab';
const LEASES = `${DIRECTORY}/leases`;

/** The domain that the DHCP servers name. */
export const DOMAIN = 'lab.example';

/** One line of the server's list: who has an address, and what it called itself. */
export interface GivenLease {
  readonly address: string;
  /** `*` where it sent none. */
  readonly hostname: string;
  /** In hexadecimal: the client identifier (DHCPv4), or the DUID (DHCPv6). */
  readonly client: string;
}

/**
 * Starts them in the router's namespace, with which they end.
 * @param delaySeconds how long a DHCP server waits with its answer
 */
export async function startServices(
  router: Place,
  segments: readonly Segment[],
  delaySeconds = 0,
): Promise<void> {
  const asked = segments.filter(({ offers }) => offers.length > 0);
  if (asked.length === 0) return;
  mkdirSync(`${router.root}${DIRECTORY}`, { recursive: true });
  for (const segment of asked) await addServers(router, segment);
  const dhcp = asked.flatMap(dnsmasqLines);
  if (dhcp.length > 0) await startDnsmasq(router, dhcp, delaySeconds);
  const advertisements = asked.map(radvdText).join('');
  if (advertisements !== '') await startRadvd(router, advertisements);
}

/** The servers' own addresses, where the plan has not given them to the router anyway. */
async function addServers(router: Place, { router: station, offers }: Segment): Promise<void> {
  const leases = offers.flatMap(({ ipv4, ipv6 }) =>
    [ipv4, ipv6].filter((item) => item !== undefined),
  );
  for (const { server, network } of leases) {
    const address = `${server}/${network.prefix}`;
    if (station.addresses.includes(address)) continue;
    const add = ['ip', 'addr', 'replace', address, 'dev', station.name, 'nodad'];
    await must(router.run(add), add);
  }
}

const COMMON = [
  'port=0',
  'keep-in-foreground',
  'bind-dynamic',
  'no-ping',
  'dhcp-authoritative',
  'log-dhcp',
  'log-facility=-',
  `dhcp-leasefile=${LEASES}`,
  `domain=${DOMAIN}`,
  'user=root',
];

function dnsmasqLines({ router, offers }: Segment): string[] {
  return offers.flatMap((offer) => [
    ...hostLine(offer),
    ...ofIpv4(router.name, offer),
    ...ofIpv6(router.name, offer),
  ]);
}

/** One address of each family for one MAC: nothing is left to chance. */
function hostLine({ mac, ipv4, ipv6 }: Offer): string[] {
  const addresses = [
    ...(ipv4 ? [ipv4.address] : []),
    ...(ipv6?.isLeased ? [`[${ipv6.address}]`] : []),
  ];
  return addresses.length > 0 ? [`dhcp-host=${mac},${addresses.join(',')}`] : [];
}

/** A request has the name of the interface that it came by as a tag (dnsmasq(8), --dhcp-option). */
function ofIpv4(link: string, { ipv4 }: Offer): string[] {
  if (!ipv4) return [];
  return [
    `dhcp-range=interface:${link},${ipv4.address},${ipv4.address},1h`,
    `dhcp-option=tag:${link},option:router,${ipv4.server}`,
    `dhcp-option=tag:${link},option:dns-server,${ipv4.server}`,
  ];
}

function ofIpv6(link: string, { ipv6 }: Offer): string[] {
  if (!ipv6?.isLeased) return [];
  return [
    `dhcp-range=interface:${link},${ipv6.address},${ipv6.address},64,1h`,
    `dhcp-option=tag:${link},option6:dns-server,[${ipv6.server}]`,
    `dhcp-option=tag:${link},option6:domain-search,${DOMAIN}`,
  ];
}

async function startDnsmasq(
  router: Place,
  lines: readonly string[],
  delaySeconds: number,
): Promise<void> {
  const delay = delaySeconds > 0 ? [`dhcp-reply-delay=${delaySeconds}`] : [];
  const text = [...COMMON, ...delay, ...new Set(lines)].map((line) => `${line}\n`).join('');
  const path = `${DIRECTORY}/dnsmasq.conf`;
  putFiles(router.root, [{ path, mode: 0o644, text }]);
  await startService(router, ['dnsmasq', `--conf-file=${path}`], /DHCP(?:v6)?, /);
}

/** Addresses are managed (M), unless no offer is: whoever follows that asks by DHCPv6, too. */
function radvdText({ router, offers }: Segment): string {
  const networks = new Set(
    offers.flatMap(({ ipv6 }) =>
      ipv6?.isAdvertised ? `${ipv6.network.ip.text}/${ipv6.network.prefix}` : [],
    ),
  );
  if (networks.size === 0) return '';
  const servers = new Set(offers.flatMap(({ ipv6 }) => (ipv6?.isAdvertised ? ipv6.server : [])));
  const prefixes = [...networks].map((network) => `  prefix ${network} { AdvAutonomous on; };\n`);
  return `interface ${router.name} {
  AdvSendAdvert on;
  AdvManagedFlag ${offers.every(({ ipv6 }) => ipv6?.isAutonomous) ? 'off' : 'on'};
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
${prefixes.join('')}${[...servers].map((server) => `  RDNSS ${server} {};\n`).join('')}  DNSSL ${DOMAIN} {};
${BEHIND.map((network) => `  route ${network} {};\n`).join('')}};
`;
}

async function startRadvd(router: Place, text: string): Promise<void> {
  const path = `${DIRECTORY}/radvd.conf`;
  putFiles(router.root, [{ path, mode: 0o644, text }]);
  // It does not advertise for a machine that does not forward.
  const forward = ['sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'];
  await must(router.run(forward), forward);
  const argv = ['radvd', '--nodaemon', '--config', path, '--logmethod', 'stderr', '--debug', '1'];
  await startService(
    router,
    [...argv, '--pidfile', `${DIRECTORY}/radvd.pid`],
    /version .* started/,
  );
}

async function startService(router: Place, argv: readonly string[], isUp: RegExp): Promise<void> {
  const service = router.start(argv);
  for (let waited = 0; !isUp.test(service.output()); waited += 10) {
    if (service.ended() !== undefined || waited > 5000) {
      throw new Error(`${argv[0]}: ${service.output().trim() || 'does not start'}`);
    }
    await sleep(10);
  }
}

/** What the DHCP servers gave to whom, by address. */
export function readLeases(router: Place): Map<string, GivenLease> {
  const path = `${router.root}${LEASES}`;
  if (!existsSync(path)) return new Map();
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, , address, hostname, client] = line.split(' ');
      if (address === undefined || hostname === undefined || client === undefined) return [];
      return [[address, { address, hostname, client: client.toLowerCase() }] as const];
    }),
  );
}
