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
const SYSCTL = '/etc/sysctl.d/90-macvtap.conf';

const networkOf = (link: { readonly name: string }): string => `${DIRECTORY}${link.name}.network`;
const netdevOf = (link: { readonly name: string }): string => `${DIRECTORY}${link.name}.netdev`;

/** Golden case → the faults put into it. */
export const NEGATIVES: ReadonlyMap<string, (model: Model) => Negative[]> = new Map([
  ['original', ofShim],
  ['bridge-parent', ofBridge],
  ['side-shim', ofSideShim],
  ['taps', ofTaps],
  ['mode-source', ofSourceMode],
  ['policy-routing', ofPolicyRouting],
]);

/** What a fault needs of a model must be there. */
function need<T>(what: T | undefined): T {
  if (what === undefined) throw new Error('the case has not what its faults are put into');
  return what;
}

/** One shim with an IPv4 address. */
function ofShim({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  const own = need(shim.addresses[0]);
  const { name } = shim;
  const parentFile = networkOf(shim.parent);
  const netdev = netdevOf(shim);
  const network = networkOf(shim);
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
      mutate: (files) => without(files, [SYSCTL]),
      fails: [new RegExp(`^the LAN's neighbour ${own.address}: 52:54:`)],
    },
  ];
}

/** A bridge as parent. */
function ofBridge({ parents }: Model): Negative[] {
  const bridge = need(parents.find(({ kind }) => kind === 'bridge'));
  const member = need(parents.find(({ master }) => master?.name === bridge.name));
  return [
    {
      name: '`Bridge=` removed',
      mutate: (files) => withoutLine(files, networkOf(member), /^Bridge=/),
      fails: [
        new RegExp(`^${member.name}, master: none, must be ${bridge.name}`),
        new RegExp(`^${bridge.name}: not up`),
        /^host → router .*: no answer/,
        /^router → guest .*: no answer/,
      ],
    },
  ];
}

/** A side shim, over which the host and the guests reach each other. */
function ofSideShim({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: 'the route to the guests removed',
      mutate: (files) => withoutSection(files, networkOf(shim), /^Destination=/m),
      fails: [
        new RegExp(`^no route .* dev ${shim.name}`),
        /^host → guest .*: no answer/,
        /^guest → host .*: no answer/,
      ],
      spares: [/router/],
    },
    {
      name: 'no side shim',
      mutate: (files) => without(files, [netdevOf(shim), networkOf(shim)]),
      fails: [new RegExp(`^${shim.name}: there is no such link`), /^host → guest .*: no answer/],
      spares: [/router/],
    },
  ];
}

/** Taps beside a shim. */
function ofTaps({ taps }: Model): Negative[] {
  return taps.map(
    (tap): Negative => ({
      name: `the sysctl line of ${tap.name} removed`,
      mutate: (files) => withoutLine(files, SYSCTL, new RegExp(`/${tap.name}/`)),
      fails: [new RegExp(`^the LAN's neighbour .*: ${tap.macaddress}`)],
    }),
  );
}

/** A shim that hears the stations of a list only. */
function ofSourceMode({ shims }: Model): Negative[] {
  const shim = need(shims[0]);
  return [
    {
      name: '`SourceMACAddress=` removed',
      mutate: (files) => withoutLine(files, netdevOf(shim), /^SourceMACAddress=/),
      fails: [
        new RegExp(`^${shim.name}, source MACs: none`),
        /^host → router .*: no answer/,
        /^router → host .*: no answer/,
      ],
      spares: [/guest/],
    },
  ];
}

/** Rules that lead into tables of their own. */
function ofPolicyRouting({ shims }: Model): Negative[] {
  const shim = need(shims.find(({ rules }) => rules.some(({ from }) => from !== undefined)));
  const rule = need(shim.rules.find(({ from }) => from !== undefined));
  return [
    {
      name: `the rule from ${rule.from} removed`,
      mutate: (files) =>
        withoutSection(files, networkOf(shim), new RegExp(`^From=${rule.from}$`, 'm')),
      fails: [new RegExp(`^no rule ${rule.family} ${rule.priority}: from ${rule.from} to all`)],
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
  return withoutPart(files, path, line, '\n');
}

/** Sections stand apart by an empty line. */
function withoutSection(files: readonly TargetFile[], path: string, line: RegExp): TargetFile[] {
  return withoutPart(files, path, line, '\n\n');
}

function withoutPart(
  files: readonly TargetFile[],
  path: string,
  part: RegExp,
  between: string,
): TargetFile[] {
  let removed = 0;
  const changed = files.map((file) => {
    if (file.path !== path) return file;
    const before = file.text.split(between);
    const after = before.filter((text) => !part.test(text));
    removed += before.length - after.length;
    return { ...file, text: after.join(between) };
  });
  if (removed !== 1) throw new Error(`${path}: ${removed} parts ${part} to remove, must be one`);
  return changed;
}
