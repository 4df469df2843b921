/** What an installation finds, and what it is to make of it. */
import { backends } from '../../../../src/backends/registry.ts';
import { compile } from '../../../../src/compile.ts';
import type { RenderedFile } from '../../../../src/view/rendered.ts';
import { intentOf } from '../../../golden/cases.ts';

export interface Situation {
  readonly name: string;
  readonly backend: string;
  /** Path, text, mode: what is there before. */
  readonly before: readonly (readonly [string, string, number])[];
  /** The intent's text, and further words of the command line. */
  readonly intent: string;
  readonly words: readonly string[];
  /** Which generated files are to be there in the end. */
  readonly after: readonly RenderedFile[];
}

/** Of a site and of the distribution; none of them is in the way. */
const PAST: readonly (readonly [string, string, number])[] = [
  ['etc/systemd/network/20-lan.network', '[Match]\nName=eth0\n\n[Network]\nDHCP=yes\n', 0o644],
  ['etc/sysctl.d/10-site.conf', 'net.ipv4.ip_forward=1\n', 0o644],
  [
    'etc/NetworkManager/system-connections/lan.nmconnection',
    '[connection]\nid=lan\ntype=ethernet\ninterface-name=eth0\n',
    0o600,
  ],
  ['etc/netplan/50-site.yaml', 'network:\n  version: 2\n', 0o600],
];

/** The address moves from one shim to another, one is new, one is gone, one changes its MAC. */
export const CHANGED = `version: 1
host: kvm1
shims:
  aaa0:
    parent: eth0
    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
  lan1: {parent: eth0, addresses: [192.0.2.7/24], macaddress: "52:54:00:00:00:07"}
`;
export const EARLIER = `version: 1
host: kvm1
shims:
  aaa0: {parent: eth0, addresses: [203.0.113.9/24]}
  old0:
    parent: eth0
    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
  lan1: {parent: eth0, addresses: [192.0.2.7/24]}
`;

/** The shim gets another name. */
export const RENAMED = intentOf('original').replaceAll('veth0', 'lan0');
/** The shim is gone, and its address on the NIC. */
export const NORMAL = `version: 1
host: kvm1
parents:
  eth0:
    addresses: [198.51.100.50/24]
    routes: [{to: default, via: 198.51.100.254}]
`;

export const ORIGINAL = intentOf('original');

const rendered = (text: string, backend: string): readonly RenderedFile[] => {
  const { sets, diagnostics } = compile(text, { file: 'x', backends: [backend] });
  const [set] = sets ?? [];
  if (!set) throw new Error(JSON.stringify(diagnostics));
  return set.files;
};

const asBefore = (files: readonly RenderedFile[]): (readonly [string, string, number])[] =>
  files.map(({ path, text, mode }) => [path.slice(1), text, mode] as const);

export function situations(): Situation[] {
  // Those that take each other's place.
  const backendIds = backends.filter(({ scope }) => scope === 'host').map(({ id }) => id);
  return backendIds.flatMap((backend, index) => {
    const other = backendIds[(index + 1) % backendIds.length] ?? backend;
    return [
      {
        name: `${backend}, first`,
        backend,
        before: PAST,
        intent: intentOf('original'),
        words: ['--backup'],
        after: rendered(intentOf('original'), backend),
      },
      {
        name: `${backend}, changed`,
        backend,
        before: [...PAST, ...asBefore(rendered(EARLIER, backend))],
        intent: CHANGED,
        words: ['--backup'],
        after: rendered(CHANGED, backend),
      },
      {
        name: `${backend}, renamed`,
        backend,
        before: [...PAST, ...asBefore(rendered(ORIGINAL, backend))],
        intent: RENAMED,
        words: ['--backup'],
        after: rendered(RENAMED, backend),
      },
      {
        name: `${backend}, after ${other}`,
        backend,
        before: [...PAST, ...asBefore(rendered(intentOf('original'), other))],
        intent: intentOf('original'),
        words: ['--backup'],
        after: rendered(intentOf('original'), backend),
      },
    ];
  });
}
