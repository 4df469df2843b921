/** libvirt's domains, and what their interfaces are attached to (formatdomain, Network interfaces). */
import { childOf, type Element, parseXml } from './xml.ts';

/** What an interface is attached to: a bridge, or by macvtap to a link. */
export interface Attachment {
  readonly type: 'bridge' | 'direct';
  /** The bridge or the link. */
  readonly source: string;
}

export interface Nic {
  /** In lower case. */
  readonly mac: string;
  readonly attachment: Attachment;
  /** As libvirt has it; one on a network over a bridge is on the bridge. */
  readonly element: Element;
}

export interface Domain {
  /** As people call it: any text (libvirt refuses newlines and `/` only). */
  readonly name: string;
  /** Absent: the definition was not written by libvirt. */
  readonly uuid?: string;
  readonly nics: readonly Nic[];
}

/** Far above what a host has. */
const MOST_NICS = 64;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;
/** Names of links (dev_valid_name() of the kernel), without what a shell or `virsh` could take for more. */
const LINK = /^[A-Za-z0-9_][A-Za-z0-9_.@:-]{0,14}$/;

export const isUuid = (text: string): boolean => UUID.test(text);

/** What `virsh` takes for this domain alone: it looks for numbers and UUIDs first, and for names last. */
export function wordOf({ name, uuid }: Pick<Domain, 'name' | 'uuid'>): string | undefined {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/.test(name) && !UUID.test(name.toLowerCase());
  return isPlain ? name : uuid;
}

/** Name of a network of libvirt's → the bridge of the host that it is over. */
export type BridgeNetworks = ReadonlyMap<string, string>;

/** @returns undefined where the text is not a domain with a name */
export function domainOf(text: string, networks: BridgeNetworks = new Map()): Domain | undefined {
  const root = parseXml(text);
  if (root?.name !== 'domain') return undefined;
  const name = childOf(root, 'name')?.text ?? '';
  const uuid = (childOf(root, 'uuid')?.text ?? '').toLowerCase();
  if (name === '') return undefined;
  const devices = childOf(root, 'devices')?.children ?? [];
  const nics = devices
    .filter((device) => device.name === 'interface')
    .slice(0, MOST_NICS)
    .flatMap((element) => nicOf(element, networks) ?? []);
  return { name, ...(UUID.test(uuid) && { uuid }), nics };
}

/** @returns undefined for one that is neither on a bridge nor on a link */
function nicOf(element: Element, networks: BridgeNetworks): Nic | undefined {
  const type = element.attributes.get('type');
  const source = childOf(element, 'source')?.attributes;
  const network = networks.get(source?.get('network') ?? '');
  const on =
    type === 'direct'
      ? source?.get('dev')
      : (source?.get('bridge') ?? (type === 'network' && network));
  const mac = childOf(element, 'mac')?.attributes.get('address')?.toLowerCase() ?? '';
  if (!on || !LINK.test(on) || !MAC.test(mac)) return undefined;
  if (type === 'direct') return { mac, attachment: { type, source: on }, element };
  if (type !== 'bridge' && type !== 'network') return undefined;
  return { mac, attachment: { type: 'bridge', source: on }, element };
}

/** The bridge of a network that has no bridge of its own: `<forward mode='bridge'/>` (formatnetwork). */
export function bridgeNetworkOf(text: string): readonly [string, string] | undefined {
  const root = parseXml(text);
  if (root?.name !== 'network') return undefined;
  const name = childOf(root, 'name')?.text ?? '';
  const mode = childOf(root, 'forward')?.attributes.get('mode');
  const bridge = childOf(root, 'bridge')?.attributes.get('name');
  return name !== '' && mode === 'bridge' && bridge !== undefined ? [name, bridge] : undefined;
}
