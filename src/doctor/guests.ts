/** The guests of this host: macvtaps and macvlans of the kernel, and what libvirt says of them. */
import { ask } from '../kernel/ask.ts';
import type { KernelState } from '../kernel/types.ts';
import type { Model } from '../model/types.ts';
import type { System } from '../system.ts';
import type { GuestDevice } from './facts.ts';

/** An interface of a guest, as libvirt has it. */
export interface GuestInterface {
  readonly guest: string;
  readonly type: string;
  readonly mac?: string;
  readonly source?: string;
  readonly mode?: string;
  readonly target?: string;
}

/** More running guests than one host has. */
const MAX_GUESTS = 500;

/** Of all guests that run. Empty where there is no libvirt, or it does not answer. */
export function askLibvirt(system: System): GuestInterface[] {
  const virsh = ['--readonly', '--connect', 'qemu:///system'];
  const { text } = ask(system, 'virsh', [...virsh, 'list', '--name']);
  const names = (text ?? '').split('\n').filter((name) => name.trim() !== '');
  return names.slice(0, MAX_GUESTS).flatMap((name) => {
    const xml = ask(system, 'virsh', [...virsh, 'dumpxml', '--', name]).text;
    return xml === undefined ? [] : readInterfaces(name, xml);
  });
}

/** The interfaces in a live domain's XML, as libvirt prints it (libvirt.org/formatdomain, Network interfaces). */
export function readInterfaces(guest: string, xml: string): GuestInterface[] {
  return xml
    .split('<interface ')
    .slice(1, MAX_GUESTS)
    .map((rest) => {
      const [block = ''] = rest.split('</interface>', 1);
      const of = (element: string, attribute: string): string | undefined =>
        attributeOf(tagOf(block, element), attribute);
      const mac = of('mac', 'address')?.toLowerCase();
      const source = of('source', 'dev') ?? of('source', 'bridge') ?? of('source', 'network');
      const mode = of('source', 'mode');
      const target = of('target', 'dev');
      return {
        guest,
        type: attributeOf(block.slice(0, MAX_TAG).split('>', 1)[0] ?? '', 'type') ?? '',
        ...(mac !== undefined && { mac }),
        ...(source !== undefined && { source }),
        ...(mode !== undefined && { mode }),
        ...(target !== undefined && { target }),
      };
    });
}

/** Longer than any tag that libvirt writes. */
const MAX_TAG = 1000;

/** What is in the first tag of an element; empty where there is none. */
function tagOf(block: string, element: string): string {
  const at = block.indexOf(`<${element} `);
  return at === -1 ? '' : (block.slice(at, at + MAX_TAG).split('>', 1)[0] ?? '');
}

function attributeOf(tag: string, wanted: string): string | undefined {
  for (const [, name, single, double] of tag.matchAll(/([a-z]+)=(?:'([^']*)'|"([^"]*)")/g)) {
    if (name === wanted) return single ?? double;
  }
  return undefined;
}

/** Devices that are not in the intent and are on top of another link, and guests that are attached otherwise. */
export function guestDevices(
  { shims, taps, parents }: Model,
  { links }: KernelState,
  interfaces: readonly GuestInterface[],
): GuestDevice[] {
  const own = new Set([...shims, ...taps, ...parents].map(({ name }) => name));
  const devices = links
    .filter(
      ({ kind, name, addresses }) =>
        // One with an address is the host's own, whatever it is for.
        (kind === 'macvtap' || (kind === 'macvlan' && addresses.every((one) => one.isLinkLocal))) &&
        !own.has(name),
    )
    .map(({ name, parent, mode, mac, isUp, kind, ...link }): GuestDevice => {
      const known = interfaces.find((one) => one.target === name || (mac && one.mac === mac));
      return {
        name,
        isUp,
        ...(kind === 'macvlan' && { isMacvlan: true }),
        ...(parent !== undefined && { parent }),
        ...(mode !== undefined && { mode }),
        ...(mac !== undefined && { mac }),
        // Of a macvlan the kernel of whoever has it joins groups itself.
        takesMulticast: kind === 'macvlan' || link.hasAllMulticast || link.isPromiscuous === true,
        ...(known && { guest: known.guest, type: known.type }),
      };
    });
  const others = interfaces.filter(({ type }) => type !== 'direct');
  return [
    ...devices,
    ...others.map(({ guest, type, mac, source }) => ({
      guest,
      type,
      isUp: true,
      ...(mac !== undefined && { mac }),
      ...(source !== undefined && { parent: source }),
    })),
  ];
}
