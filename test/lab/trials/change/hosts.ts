/** The host of a change, as it is before any generated file is there; and what an intent makes of it. */
import { backends } from '../../../../src/backends/registry.ts';
import { compile } from '../../../../src/compile.ts';
import { parse } from '../../../../src/intent/parse.ts';
import { resolve } from '../../../../src/model/resolve.ts';
import type { Host } from '../../drive/boot.ts';
import type { System } from '../../drive/disk.ts';
import { type Driver, driversOf } from '../../drive/drivers.ts';
import { expectOf } from '../../drive/less.ts';
import type { Binds } from '../../drive/machine.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Expected } from '../../judge/expected.ts';
import type { Segment } from '../../network/plan.ts';
import { type OldAddress, ofSystem } from '../past/old.ts';
import { ADDRESS, type Aim, type Kind } from './kinds.ts';
import { cables, GATEWAY, macOf } from './lan.ts';

const OLD: OldAddress = {
  nic: 'eth0',
  kind: 'static',
  address: `${ADDRESS}/24`,
  gateway: GATEWAY,
  nameserver: '198.51.100.53',
};

/** The line that reads our folder, but for ifupdown-ng, which creates no bridge by `bridge_ports` either (seen on 0.12.1). */
export const SOURCE = 'source /etc/network/interfaces.d/*';
const SOURCE_OF_NG = 'source-directory /etc/network/interfaces.d';

/** A file that classic ifupdown reads, as the two others do. */
export const asRead = (file: TargetFile, flavour: string | undefined): TargetFile =>
  flavour === 'ifupdown-ng'
    ? { ...file, text: file.text.replace(SOURCE, SOURCE_OF_NG).replaceAll(' bridge_', ' bridge-') }
    : file;

/** As Debian's installer writes it. */
const interfaces = ({ nic, kind, address, gateway }: OldAddress): TargetFile => ({
  path: '/etc/network/interfaces',
  mode: 0o644,
  text: `${SOURCE}

auto lo
iface lo inet loopback

auto ${nic}
iface ${nic} inet ${kind}
${kind === 'dhcp' ? '' : `    address ${address}\n    gateway ${gateway}\n`}`,
});

/**
 * Nobody on this LAN advertises, and networkd calls a link that waits for it configured twelve
 * seconds later only.
 */
const WITHOUT_ADVERTISEMENTS: readonly (readonly [RegExp, string])[] = [
  [/^\[Network\]\n/m, '[Network]\nIPv6AcceptRA=no\n'],
  [/^ {6}addresses:\n/m, '      accept-ra: false\n      addresses:\n'],
  [/^\[ipv6\]\nmethod=auto\n/m, '[ipv6]\nmethod=link-local\n'],
];

const oldFiles = (backend: string, old: OldAddress): TargetFile[] =>
  ofSystem(backend, old).map((file) => ({
    ...file,
    // What sorts before the name that netplan gives would be in its way.
    path: file.path.replace('/10-eth0.network', '/20-eth0.network'),
    text: WITHOUT_ADVERTISEMENTS.reduce(
      (text, [printed, better]) => text.replace(printed, better),
      file.text,
    ),
  }));

/** Else NetworkManager asks on each NIC without a profile, and a boot waits a minute for it. */
const NO_AUTO_DEFAULT: TargetFile = {
  path: '/etc/NetworkManager/conf.d/10-site.conf',
  mode: 0o644,
  text: '[main]\nno-auto-default=*\n',
};

/** The programs that may run a back end on a suite. */
export const driversFor = (backend: string, image: Image): readonly Driver[] => {
  const found = backends.find(({ id }) => id === backend);
  return found ? driversOf(found, image) : [];
};

/** The daemon of the other back end, and networkd where netplan's generator starts it for one only. */
function others(kind: Kind, backend: string): System[] {
  const second = kind.becomes?.[backend];
  if (second === undefined || kind.isSwitched) return [];
  if (second === 'networkmanager' && backend === 'networkd') return [second];
  return [backend, second].includes('networkd') ? ['networkd'] : [];
}

export function hostFor(
  kind: Kind,
  backend: string,
  image: Image,
  driver: Driver,
  binds: Binds,
): Host {
  const found = backends.find(({ id }) => id === backend);
  if (!found) throw new Error(`there is no back end ${backend}`);
  const { flavour } = driver;
  const old: OldAddress = { ...OLD, kind: kind.isLeased ? 'dhcp' : 'static' };
  const gateway = { from: 'host', to: 'router', address: GATEWAY, answered: true } as const;
  return {
    image,
    binds,
    segments: [cables(kind.nics)],
    systems: found.needs,
    ...(flavour && { flavour }),
    others: others(kind, backend),
    hostname: 'kvm1',
    files: [
      ...(kind.site?.[backend] ?? (flavour ? [interfaces(old)] : oldFiles(backend, old))).map(
        (file) => asRead(file, flavour),
      ),
      NO_AUTO_DEFAULT,
    ],
    expected: { ...NOTHING, pings: [gateway] },
  };
}

const NOTHING: Expected = {
  links: [],
  routes: [],
  rules: [],
  pings: [],
  neighbours: new Map(),
  resolver: { servers: [], domains: [] },
  optionalDomains: [],
  leases: new Map(),
};

/** The plan of the lab has networks of its own for leases: here they are of the one LAN. */
function withLease(expected: Expected, segments: readonly Segment[], address: string): Expected {
  const lease = segments.flatMap(({ offers }) => offers.flatMap(({ ipv4 }) => ipv4 ?? []))[0];
  if (!lease) return expected;
  const here = (text: string): string =>
    text.replace(lease.address, address).replace(lease.server, GATEWAY);
  return {
    ...expected,
    links: expected.links.map((link) => ({ ...link, addresses: link.addresses.map(here) })),
    routes: expected.routes.map((route) => ({
      ...route,
      to: here(route.to),
      ...(route.via !== undefined && { via: here(route.via) }),
    })),
    leases: new Map(),
  };
}

/**
 * What must come of an intent, but for its neighbours, who are asked by other means here.
 * @returns or what the program says, where it refuses
 */
export function expectFor(
  { intent, address }: Aim,
  backend: string,
  image: Image,
  driver: Driver,
): Expected | { readonly refusal: string } {
  const { sets, diagnostics } = compile(intent, {
    file: 'intent.yaml',
    backends: [backend],
    target: image.target,
  });
  const parsed = parse('intent.yaml', intent).intent;
  const model = parsed && resolve(parsed).value;
  if (!sets?.[0] || !model) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    return { refusal: [...new Set(errors.map(({ code }) => code))].join(', ') };
  }
  const leftOut = diagnostics
    .filter(({ code }) => code === 'left-out-for-target')
    .map(({ message }) => message);
  const { segments, expected } = expectOf(model, driver, leftOut);
  for (const { nic, mac } of segments.flatMap(({ cables: all }) => all)) {
    if (mac !== macOf(nic))
      throw new Error(`${nic} has ${macOf(nic)} here, and ${mac} in the plan`);
  }
  return { ...withLease(expected, segments, address), pings: [], neighbours: new Map() };
}
