/**
 * A host → an intent: files of all systems → who configures each link → the uplink → what its links set →
 * the intent, and findings for what it does not have. Reads nothing itself, and changes nothing.
 */
import { cloudInitWatches } from '../backends/host/cloud-init.ts';
import type { Claim, HostFile, Watch } from '../backends/host/foreign.ts';
import { ownerWatches } from '../backends/host/owner/owner.ts';
import { sysctlWatches } from '../backends/host/sysctl.ts';
import { type Finding, finding } from '../diagnostics/finding.ts';
import { domainWatches, storedDomains } from '../domains/stored.ts';
import type { ContainerAnswers, KernelState } from '../kernel/types.ts';
import { buildIntent, isDynamic, isMacvlan } from './build.ts';
import { parentOf, renamed, split } from './component.ts';
import { containerWatches } from './containers/containers.ts';
import { containersOn } from './containers/on-parent.ts';
import { findingsOf, ownerFindings } from './findings.ts';
import { fitted } from './fitted.ts';
import { type FoundLink, type Kind, kindOfClaim, type Origin, scalarOf } from './found.ts';
import { adoptGenerated } from './generated.ts';
import { guestsIn, unnamedGuests } from './guests.ts';
import { factWatches, hostName, macIn, targetOf, withPermanentMacs } from './host-facts.ts';
import { keepParent } from './keep-parent.ts';
import { type MovedGuests, movedGuests } from './moved-guests.ts';
import { deviceFile } from './networkd.ts';
import { namesIn, type Owned, ownedLink, patternsIn } from './owners.ts';
import { tableNameWatches } from './table-names.ts';
import type { Branch } from './tree.ts';
import { unexplained } from './unexplained.ts';
import { chooseUplink, kernelUplinks, membersUnknown, notRead } from './uplink.ts';

/** Places of generated files beside those of network systems. */
const GENERATED_WATCHES: readonly Watch[] = [
  { folder: '/etc/udev/rules.d', name: /^90-macvtap\.rules$/ },
  {
    folder: '/etc/systemd/system',
    below: /\.(?:service|target)\.d$/,
    name: /^(?:90-macvtap|10-netplan)\.conf$/,
  },
];

/** Where the network of a host is configured. */
export const adoptWatches: readonly Watch[] = [
  ...ownerWatches,
  ...GENERATED_WATCHES,
  ...cloudInitWatches,
  ...sysctlWatches,
  ...domainWatches,
  ...containerWatches,
  ...factWatches,
  ...tableNameWatches,
  { folder: '/etc/sysconfig/network-scripts', name: /^(?:route6?|rule6?)-/ },
];

export interface AdoptOptions {
  /** The link under the shim; default: the one with the default route. */
  readonly parent?: string;
  /** The name of the shim; default: `veth0`. */
  readonly shim?: string;
  /** The parent keeps its configuration, and the shim is beside it. */
  readonly keepParent?: {
    readonly addresses: readonly string[];
    readonly ranges: readonly string[];
  };
  /** The shim has a MAC of its own, even if a lease depends on the old one. */
  readonly newMac?: boolean;
  /** Folders that cannot be read. */
  readonly refused?: readonly string[];
  /** The name of the host, where it is not to be that of the files. */
  readonly host?: string;
  /** Of the running host. */
  readonly kernel?: KernelState;
  /** Of the running host. */
  readonly containers?: ContainerAnswers;
  /** Compose files that the command line names. */
  readonly compose?: readonly { readonly path: string; readonly text: string }[];
}

export interface Adoption {
  /** Absent where there is an error. */
  readonly intent?: Branch;
  readonly findings: readonly Finding[];
  /** The back end of the system that has the uplink, and the target of the distribution. */
  readonly backend?: string;
  readonly target?: { readonly name: string; readonly origin: Origin };
  /** From a bridge to macvtap: what is to be done for its guests. */
  readonly moved?: MovedGuests;
}

/** @param files what is at `adoptWatches`, generated files included */
export function adopt(files: readonly HostFile[], options: AdoptOptions): Adoption {
  const adoption = adoptFiles(files, options);
  const known = new Set(adoption.findings.map(({ path }) => path));
  const unread = unreadIn(files, options.refused ?? []).filter(({ path }) => !known.has(path));
  return { ...adoption, findings: [...unread, ...adoption.findings] };
}

/** What the intent cannot have, as nobody could read it. */
const unreadIn = (files: readonly HostFile[], refused: readonly string[]): Finding[] =>
  [
    ...refused,
    // A value of the kernel may be gone meanwhile, as its NIC; a generator is a program, which sets nothing.
    ...files.flatMap(({ path, text }) =>
      text === undefined && !/^\/(?:proc|sys)\/|\/system-generators\//.test(path) ? [path] : [],
    ),
  ].map((path) =>
    finding(
      'host-file-not-read',
      path,
      'It cannot be read, and what it sets is not in the intent.',
    ),
  );

function adoptFiles(given: readonly HostFile[], options: AdoptOptions): Adoption {
  const files = withPermanentMacs(given, options.kernel);
  const target = targetOf(files);
  const generated = adoptGenerated(files, target);
  if (generated) return generated;
  const all = linksOf(files, options);
  const chosen = chooseUplink(files, all, options);
  if ('code' in chosen) return { findings: [chosen] };
  const owned = chosen;
  if (owned.isUnread && !options.keepParent) return { findings: [notRead(owned)] };
  const host = hostOf(files, options);
  if (!host)
    return {
      findings: [
        finding('host-name-missing', '/etc/hostname', 'It has no name that an intent can have.'),
      ],
    };
  const common = {
    ...(owned.backend !== undefined && { backend: owned.backend }),
    ...(target && { target: { name: target.spec.name, origin: target.origin } }),
  };
  const uplink = owned.link;
  const links = all.map(({ link }) => link);
  const parent = options.keepParent ? uplink : parentOf(uplink, links);
  const containers = containersOn(files, { uplink, parent, links }, options);
  if (options.keepParent) {
    const shim = options.shim ?? 'veth0';
    const kept = { host, link: uplink, ...common, shim, ...options.keepParent, containers };
    const { intent, findings } = keepParent(kept);
    return withoutErrors({
      ...common,
      ...(intent && { intent }),
      findings: [...ownerFindings(owned, true), ...findings],
    });
  }
  const { component, rest } = split(parent, uplink, links);
  const bond = component.find(({ kind, ports }) => kind === 'bond' && ports.length === 0);
  if (bond) return { findings: [membersUnknown(bond)] };
  const shims = component.filter((link) => isMacvlan(link) && link !== uplink);
  const others = component.filter((link) => !isMacvlan(link) && link !== uplink && link !== parent);
  const on = new Set([parent.name, uplink.name]);
  const mac = macOf(files, uplink, parent, options.kernel);
  const beside = unexplained(options.kernel, {
    links: [...new Set([uplink, parent, ...others, ...shims])],
    all: links,
    ofContainers: containers.parents,
    marked: new Set(
      all.flatMap(({ link, backend }) =>
        /networkd|networkmanager/.test(backend ?? '') ? [link.name] : [],
      ),
    ),
  });
  const findings = findingsOf({
    owned,
    parent,
    others,
    shims,
    rest,
    patterns: patternsIn(files).filter(
      ({ path, line }) =>
        !links.some(
          ({ origin }) => origin.path === path && (origin.line === line || !isShared(path)),
        ),
    ),
    hasMac: mac !== undefined || options.newMac === true,
    isIpvlan: containers.device !== undefined,
  });
  const domains = storedDomains(files);
  const shim = isMacvlan(uplink) ? uplink.name : (options.shim ?? 'veth0');
  const intent = buildIntent({
    host,
    uplink,
    parent,
    others: others.map((link) => renamed(link, uplink, parent)),
    shims,
    guests: guestsIn(domains, on),
    shim,
    ...(mac && { mac }),
    newMac: options.newMac ?? false,
    ...(containers.device && { device: containers.device }),
    ...common,
  });
  const moved =
    uplink.kind === 'bridge' && parent !== uplink
      ? movedGuests(domains, {
          ...{ bridge: uplink, parent, shim, ...common },
          device: deviceFile(files, uplink.name),
        })
      : undefined;
  const reported = [
    ...findings(),
    ...beside,
    ...unnamedGuests(domains, on),
    ...containers.findings,
  ];
  const adoption = { ...common, intent, findings: reported, ...(moved && { moved }) };
  return withoutErrors(fitted(adoption, target?.spec));
}

/** An intent that would not work is none. */
const withoutErrors = ({ intent, ...adoption }: Adoption): Adoption =>
  intent && adoption.findings.every(({ severity }) => severity !== 'error')
    ? { ...adoption, intent }
    : adoption;

/** Every link that the files name, or the kernel has. */
function linksOf(files: readonly HostFile[], { parent, kernel }: AdoptOptions): Owned[] {
  const names = new Map<string, Kind>(namesIn(files));
  for (const { name, kind } of kernel?.links ?? []) {
    if (kind === '' && name !== 'lo' && !names.has(name)) names.set(name, 'ethernet');
  }
  // A NIC of a container is a veth.
  for (const name of kernel ? kernelUplinks(kernel) : []) {
    if (!names.has(name)) names.set(name, 'ethernet');
  }
  if (parent !== undefined && !names.has(parent)) names.set(parent, 'ethernet');
  return [...names].flatMap(([name, kind]) => {
    const own = ownedLink(files, claimOf(files, name, kind, kernel));
    // What a system does by default sets nothing of loopback.
    const isUnset = name === 'lo' && own?.link.origin.path === undefined;
    return own && !isUnset ? [own] : [];
  });
}

function claimOf(
  files: readonly HostFile[],
  name: string,
  kind: Kind,
  kernel: KernelState | undefined,
): Claim {
  const link = kernel?.links.find((item) => item.name === name);
  const mac = link?.permanentMac ?? link?.mac ?? macIn(files, name);
  const isNic = kind === 'ethernet' || kind === 'other';
  return {
    name,
    kind: kindOfClaim(kind),
    ...(isNic && mac !== undefined && { permanentMac: mac }),
  };
}

function hostOf(files: readonly HostFile[], { host }: AdoptOptions) {
  return host === undefined ? hostName(files) : { name: host, origin: {} };
}

/** Files with definitions of several links. */
const isShared = (path: string): boolean => /^\/etc\/(?:netplan|network)\//.test(path);

/** The MAC that the LAN knows the host by. */
function macOf(
  files: readonly HostFile[],
  uplink: FoundLink,
  parent: FoundLink,
  kernel: KernelState | undefined,
): { readonly text: string; readonly origin: Origin } | undefined {
  if (!isDynamic(uplink)) return undefined;
  const running = kernel?.links.find(({ name }) => name === uplink.name)?.mac;
  if (running !== undefined) return { text: running, origin: { note: '`ip -d addr`' } };
  const nic = parent.kind === 'ethernet' ? parent : undefined;
  const matched = nic?.entries.find(({ key }) => key === 'match.macaddress');
  if (matched)
    return { text: String(scalarOf(nic ?? parent, 'match.macaddress')), origin: matched.origin };
  const text = nic && macIn(files, nic.name);
  return text === undefined
    ? undefined
    : { text, origin: { path: `/sys/class/net/${nic?.name ?? ''}/address` } };
}
