/**
 * Faults put into the files of a case, each of which the check must see. A check that lets one
 * pass proves nothing when it passes the files themselves.
 */
import type { Model } from '../../src/model/types.ts';
import type { TargetFile } from './host.ts';

export interface Negative {
  readonly name: string;
  mutate(files: readonly TargetFile[]): TargetFile[];
  /** Each of these must match a failure: it is to fail for its own reason. */
  readonly fails: readonly RegExp[];
  /** None of these may match: what the fault does not touch. */
  readonly spares?: readonly RegExp[];
}

const DIRECTORY = '/etc/systemd/network/00-macvtap-';

/** The faults, for a model with one shim and an IPv4 address. */
export function negatives({ shims }: Model): Negative[] {
  const [shim] = shims;
  const [own] = shim?.addresses ?? [];
  if (!shim || !own) throw new Error('the negatives need a shim with an address');
  const { name } = shim;
  const parentFile = `${DIRECTORY}${shim.parent.name}.network`;
  const netdev = `${DIRECTORY}${name}.netdev`;
  const network = `${DIRECTORY}${name}.network`;
  const noShim = new RegExp(`^${name}: there is no such link`);
  return [
    {
      name: '`Mode=bridge` removed',
      mutate: (files) => withoutLine(files, netdev, /^Mode=bridge$/),
      fails: [
        /, mode: vepa, must be bridge/,
        /^host → guest .*: no answer/,
        /^guest → host .*: no answer/,
      ],
      spares: [/router/],
    },
    {
      name: "`LinkLocalAddressing=no` removed from the parent's file",
      mutate: (files) => withoutLine(files, parentFile, /^LinkLocalAddressing=no$/),
      fails: [new RegExp(`^${shim.parent.name}, link-local \\(fe80:.*: ipv6, must be none`)],
    },
    {
      name: '`MACVLAN=` removed',
      mutate: (files) => withoutLine(files, parentFile, /^MACVLAN=/),
      fails: [noShim],
    },
    {
      name: 'the `.netdev` missing',
      mutate: (files) => without(files, [netdev]),
      fails: [noShim],
    },
    {
      name: `the address left on ${shim.parent.name}, and no shim`,
      mutate: (files) => [
        ...without(files, [netdev, network, parentFile]),
        {
          path: parentFile,
          mode: 0o644,
          text: [
            `[Match]\nName=${shim.parent.name}\n`,
            `[Network]\nAddress=${own.address}/${own.prefix}`,
            // Without these networkd waits twelve seconds for a router that advertises.
            'LinkLocalAddressing=no\nIPv6AcceptRA=no\n',
          ].join('\n'),
        },
      ],
      // What one sees who puts guests on macvtap and does nothing else.
      fails: [/^host → guest .*: no answer/, /^guest → host .*: no answer/],
      spares: [/router/],
    },
    {
      name: 'the sysctl file missing',
      mutate: (files) => without(files, ['/etc/sysctl.d/90-macvtap.conf']),
      fails: [new RegExp(`^the LAN's neighbour ${own.address}: 52:54:`)],
    },
  ];
}

/** A fault that changes nothing would pass for a blind check, or be blamed on one. */
function without(files: readonly TargetFile[], paths: readonly string[]): TargetFile[] {
  for (const path of paths) {
    if (!files.some((file) => file.path === path))
      throw new Error(`there is no ${path} to leave out`);
  }
  return files.filter(({ path }) => !paths.includes(path));
}

function withoutLine(files: readonly TargetFile[], path: string, line: RegExp): TargetFile[] {
  let removed = 0;
  const changed = files.map((file) => {
    if (file.path !== path) return file;
    const before = file.text.split('\n');
    const after = before.filter((text) => !line.test(text));
    removed += before.length - after.length;
    return { ...file, text: after.join('\n') };
  });
  if (removed !== 1) throw new Error(`${path}: ${removed} lines ${line} to remove, must be one`);
  return changed;
}
