/** Containers and the shim: whom it reaches, by which routes, and what it must be like beside them. */
import { type Finding, finding } from '../../diagnostics/finding.ts';
import { parseCidr } from '../../model/ip.ts';
import type { Origin } from '../found.ts';
import { familyOf } from '../values.ts';
import type { Attachment, Found, Span, Unread } from './attachment.ts';
import { type Known, networkAt, overlap, spansOf } from './spans.ts';

/** Where the shim is, and what the host has there. */
export interface Place extends Known {
  readonly parent: string;
  /** The link with the default route: what the parent was until now; a bridge goes where it is another. */
  readonly uplink: string;
  /** Names of shims on the parent: what is made on top of them is on top of the parent (macvlan.c). */
  readonly shims: readonly string[];
  readonly shim: string;
}

/** A shim that is an ipvlan, as the containers are: a NIC has macvlans or ipvlans. */
export interface ShimDevice {
  readonly kind: 'ipvlan';
  readonly mode: string;
  readonly origin: Origin;
}

export interface Judged {
  readonly findings: readonly Finding[];
  readonly device?: ShimDevice;
  /** Networks of containers, for a shim that is beside the uplink. */
  readonly spans: readonly Span[];
  /** Addresses that an engine keeps free, as sentences. */
  readonly reserved: readonly string[];
  /** Links that networks of containers are on top of: an engine creates a VLAN that it misses. */
  readonly parents: ReadonlySet<string>;
}

/** @param isBeside whether the parent keeps its configuration (`--keep-parent`) */
export function judgeContainers(
  { attachments, unread }: Found,
  place: Place,
  isBeside: boolean,
): Judged {
  const on = attachments.filter((item) => isOn(item, place));
  const own = on.filter(({ device }) => device !== 'bridge');
  const others = attachments.filter(
    (item) => item.device !== 'bridge' && !on.includes(item) && !isMoved(item, place, isBeside),
  );
  const moved = attachments.filter((item) => isMoved(item, place, isBeside));
  const reached = own.filter(({ device, mode }) => isReached(device, mode, isBeside));
  const device = deviceFor(own);
  return {
    findings: [
      ...unread.map(notRead),
      ...own.flatMap((item) => judge(item, own, place, isBeside)),
      ...moved.map((item) => parentGoes(item, place)),
      ...others.map(elsewhere),
    ],
    ...(device && { device }),
    parents: new Set(attachments.flatMap(({ parent }) => parent ?? [])),
    spans: reached.flatMap((item) => spansOf(item, place)),
    reserved: own.flatMap(({ title, reserved }) =>
      reserved.map(({ name, address }) => `\`${address}\` (\`${name}\` of ${title})`),
    ),
  };
}

/** Without a parent an engine takes the link with the default route, which the shim will be. */
const isOn = ({ parent, device }: Attachment, place: Place): boolean =>
  parent === place.parent ||
  (parent === undefined && device !== 'bridge') ||
  (parent !== undefined && place.shims.includes(parent) && device !== 'bridge');

/** On a bridge whose place the shim takes. */
const isMoved = ({ parent }: Attachment, { uplink, parent: below }: Place, isBeside: boolean) =>
  !isBeside && parent !== undefined && parent === uplink && uplink !== below;

/** Only in these modes do links on one parent reach each other (ip-link(8), macvlan and ipvlan). */
const isReached = (device: Attachment['device'], mode: string, isBeside: boolean): boolean =>
  device === 'macvlan' ? mode === 'bridge' : mode === 'l2' || isBeside;

function deviceFor(own: readonly Attachment[]): ShimDevice | undefined {
  const [first] = own;
  return first && own.every(({ device }) => device === 'ipvlan')
    ? { kind: 'ipvlan', mode: first.mode, origin: first.origin }
    : undefined;
}

const text = ({ title, device, mode }: Attachment, parent: string): string =>
  `${title} (${device}, mode ${mode}, on \`${parent}\`)`;

const spotOf = ({ path, line }: Origin) => ({
  path: path ?? '/',
  ...(line !== undefined && { line }),
});

function report(
  code: Parameters<typeof finding>[0],
  item: Attachment,
  message: string,
  hint?: string,
): Finding {
  const { path, line } = spotOf(item.origin);
  return finding(code, path, message, {
    ...(line !== undefined && { line }),
    ...(hint !== undefined && { hint }),
  });
}

/** What the shim and one network of containers are to each other. */
function judge(
  item: Attachment,
  all: readonly Attachment[],
  place: Place,
  isBeside: boolean,
): Finding[] {
  const { device, mode } = item;
  const named = text(item, place.parent);
  if (device === 'macvlan' && mode === 'passthru') {
    const message = `${named} takes \`${place.parent}\` for itself: no shim can be on it.`;
    return [report('containers-exclude-shim', item, message, 'Set its mode to `bridge`.')];
  }
  if (device === 'ipvlan' && all.some((other) => other.device === 'macvlan')) {
    const message = `${named}: \`${place.parent}\` has macvlans or ipvlans, and other containers have macvlans.`;
    return [
      report(
        'containers-exclude-shim',
        item,
        message,
        'Recreate one of them with the driver of the others.',
      ),
    ];
  }
  const modes = new Set(
    all.filter((other) => other.device === 'ipvlan').map((other) => other.mode),
  );
  if (device === 'ipvlan' && modes.size > 1) {
    const message = `${named}: all ipvlans on \`${place.parent}\` have one mode, and others have another.`;
    return [report('containers-exclude-shim', item, message, 'Give all of them one mode.')];
  }
  if (device === 'ipvlan' && mode !== 'l2' && !isBeside) {
    const message = `${named}: a shim beside them is an ipvlan of that mode, which reaches no gateway and no DHCP server.`;
    const hint = 'Use `--keep-parent`, or set their mode to `l2`.';
    return [report('containers-exclude-shim', item, message, hint)];
  }
  if (!isReached(device, mode, isBeside)) {
    const message = `${named}: host and containers do not reach each other in this mode.`;
    return [report('containers-not-reached', item, message, 'Set its mode to `bridge`.')];
  }
  return isBeside ? beside(item, named, place) : [within(item, named, place)];
}

/** The shim has the host's address: its subnet is on the link, and needs no route. */
function within(item: Attachment, named: string, { shim, addresses, leased }: Place): Finding {
  const subnets = addresses.flatMap((address) => networkAt(address));
  const foreign = [...item.ranges, ...item.subnets].filter(
    ({ to }) =>
      !leased.has(familyOf(to)) && !subnets.some((subnet) => overlap(subnet, parseCidr(to))),
  );
  const [first] = foreign;
  const message = first
    ? `${named} has ${first.to}, which is not a subnet of the host: they reach each other through a router, as before.`
    : `${named}: \`${shim}\` reaches its containers, and they reach the host.`;
  return report('containers-on-parent', item, message);
}

/** The shim has an address of its own: it needs a route to the containers. */
function beside(item: Attachment, named: string, place: Place): Finding[] {
  const spans = spansOf(item, place);
  if (spans.length > 0) {
    const list = spans.map(({ to }) => to).join(', ');
    const message = `${named}: \`${place.shim}\` reaches ${list}.`;
    return [report('containers-on-parent', item, message)];
  }
  const message = `${named}: no range of its addresses is known apart from the subnet of the host.`;
  return [report('containers-not-reached', item, message, 'Add `--range` with their network.')];
}

const parentGoes = (item: Attachment, { uplink, parent }: Place): Finding =>
  report(
    'container-parent-removed',
    item,
    item.device === 'bridge'
      ? `${item.title} is attached to \`${uplink}\`, whose place the shim on \`${parent}\` takes.`
      : `${item.title} (${item.device}) is on \`${uplink}\`, whose place the shim on \`${parent}\` takes.`,
    item.device === 'bridge'
      ? `Attach it to \`${parent}\` by a macvlan of mode bridge.`
      : `Recreate it with \`${parent}\` as its parent.`,
  );

const elsewhere = (item: Attachment): Finding =>
  report(
    'containers-not-reached',
    item,
    `${text(item, item.parent ?? '')}: the shim is on another link, and does not reach it.`,
    `For a shim there, run \`init --parent ${item.parent ?? ''}\` with \`--keep-parent\`.`,
  );

const notRead = ({ path, line, message }: Unread): Finding =>
  finding('containers-not-read', path, message, line === undefined ? {} : { line });
