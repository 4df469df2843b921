/**
 * An interface of a domain, attached to something else: its MAC, model, address on the guest's bus and other
 * settings stay. What libvirt refuses there is left out, or is why the interface cannot be exchanged.
 */
import type { Attachment, Nic } from './domain.ts';
import { childOf, type Element, printXml } from './xml.ts';

/** What a macvtap is to be, in libvirt's words. */
export interface Direct extends Attachment {
  readonly type: 'direct';
  readonly mode: string;
  readonly trustGuestRxFilters: boolean;
  /** The device on the host; absent: as it was, or libvirt's own. */
  readonly target?: string;
}

export interface OnBridge extends Attachment {
  readonly type: 'bridge';
}

export type Aim = Direct | OnBridge;

export interface Exchanged {
  /** An `<interface>` on one line, without single quotes. */
  readonly xml: string;
  /** Names of elements that the new interface does not have. */
  readonly left: readonly string[];
}

/** What every type of interface has. */
const KEPT: ReadonlySet<string> = new Set([
  ...['mac', 'model', 'driver', 'boot', 'rom', 'address', 'link', 'bandwidth', 'acpi', 'tune'],
]);

/**
 * Settings that separate a guest from others, and that libvirt refuses on a macvtap: without them the guest would
 * do more than before. `vlan` and `virtualport` are for Open vSwitch and for switches that a macvtap does not have.
 */
const NEEDED: ReadonlySet<string> = new Set(['filterref', 'vlan', 'virtualport', 'port']);

/** A sentence: why it cannot be exchanged. */
export function exchange({ element, mac }: Nic, aim: Aim): Exchanged | string {
  const needed = element.children.find(({ name }) => NEEDED.has(name));
  if (needed)
    return `\`<${needed.name}>\` of the interface ${mac} does not exist on ${aim.type === 'direct' ? 'a macvtap' : 'a bridge'}.`;
  const kept = element.children.filter((child) => KEPT.has(child.name) || isOwnAlias(child));
  const target = targetOf(element, aim);
  const source = new Map([
    [aim.type === 'direct' ? 'dev' : 'bridge', aim.source],
    ...(aim.type === 'direct' ? ([['mode', aim.mode]] as const) : []),
  ]);
  const attributes = new Map<string, string>([
    ['type', aim.type],
    ...(aim.type === 'direct'
      ? ([['trustGuestRxFilters', aim.trustGuestRxFilters ? 'yes' : 'no']] as const)
      : []),
  ]);
  const made = {
    ...element,
    attributes,
    text: '',
    children: [
      ...kept.filter(({ name }) => name === 'mac'),
      plain('source', source),
      ...(target === undefined ? [] : [plain('target', new Map([['dev', target]]))]),
      ...kept.filter(({ name }) => name !== 'mac'),
    ],
  };
  const xml = printXml(made);
  if (xml === undefined) return `The interface ${mac} has a character that XML cannot have.`;
  return { xml, left: leftOut(element) };
}

/** As it is, without what libvirt gives a device while it runs; what a rollback attaches again. */
export function restored({ element, attachment }: Nic): string | undefined {
  const children = element.children.flatMap((child): Element[] => {
    if (child.name === 'source' && attachment.type === 'bridge')
      return [sourceBefore(child, attachment)];
    if (child.name === 'alias') return isOwnAlias(child) ? [child] : [];
    if (child.name === 'target' && isOfLibvirt(child.attributes.get('dev'))) return [];
    return child.name === 'backend' ? [] : [child];
  });
  const attributes = new Map([...element.attributes, ['type', typeOf(element, attachment)]]);
  return printXml({ ...element, attributes, children });
}

/** A running interface on a network names the bridge, too. */
const sourceBefore = (source: Element, { source: bridge }: Attachment): Element =>
  source.attributes.has('bridge') ? plain('source', new Map([['bridge', bridge]])) : source;

const typeOf = (element: Element, { type }: Attachment): string =>
  element.attributes.get('type') === 'network' &&
  childOf(element, 'source')?.attributes.has('bridge') !== true
    ? 'network'
    : type;

const plain = (name: string, attributes: ReadonlyMap<string, string>): Element => ({
  ...{ name, attributes, children: [], text: '', offset: 0 },
});

/** Aliases that a user has chosen; others are libvirt's (formatdomain, `<alias name=>`). */
const isOwnAlias = ({ name, attributes }: Element): boolean =>
  name === 'alias' && attributes.get('name')?.startsWith('ua-') === true;

/** Names that libvirt gives by itself, and drops from a definition. */
const isOfLibvirt = (name: string | undefined): boolean =>
  name === undefined || /^(?:vnet|macvtap|macvlan)\d+$/.test(name);

function targetOf(element: Element, aim: Aim): string | undefined {
  if (aim.type === 'direct' && aim.target !== undefined) return aim.target;
  const own = childOf(element, 'target')?.attributes.get('dev');
  return own !== undefined && !isOfLibvirt(own) && /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(own)
    ? own
    : undefined;
}

const leftOut = ({ children }: Element): string[] => [
  ...new Set(
    children
      .map(({ name }) => name)
      .filter((name) => !KEPT.has(name) && !/^(?:source|target|alias|backend)$/.test(name)),
  ),
];
