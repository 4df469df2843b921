/** What the comparisons of one host have in common. */
import type { KernelLink, KernelState, ManagedLink } from '../kernel/types.ts';
import { asLink, type Link, type Model, type Parent } from '../model/types.ts';

export interface Context {
  readonly model: Model;
  readonly state: KernelState;
  /** Every link of the intent; a parent before what is on top of it. */
  readonly links: readonly Expected[];
  /** Parents that others configure: they must exist and be up, and nothing else is compared. */
  readonly unmanaged: readonly Expected[];
  kernelLink(name: string): KernelLink | undefined;
  managed(name: string): ManagedLink | undefined;
}

/** A link of the intent, with what it is on top of. */
export interface Expected {
  readonly link: Link;
  readonly role: 'parent' | 'shim' | 'tap';
  /** The parent of a shim or tap, the link of a VLAN. */
  readonly below?: string;
}

export function contextOf(model: Model, state: KernelState): Context {
  const byName = new Map(state.links.map((link) => [link.name, link]));
  return {
    model,
    state,
    links: [
      ...[...model.parents].sort((a, b) => a.height - b.height).map(ofParent),
      ...model.shims.map(
        (shim): Expected => ({ link: shim, role: 'shim', below: shim.parent.name }),
      ),
      ...model.taps.map(
        (tap): Expected => ({ link: asLink(tap), role: 'tap', below: tap.parent.name }),
      ),
    ],
    unmanaged: model.unmanaged.map((link): Expected => ({ link, role: 'parent' })),
    kernelLink: (name) => byName.get(name),
    managed: (name) => state.manager.links.get(name),
  };
}

const ofParent = (parent: Parent): Expected => ({
  link: parent,
  role: 'parent',
  ...(parent.vlan && { below: parent.vlan.link }),
});

/** Whether it exists, is up, and has a carrier: without, it has no addresses, and no fault of theirs. */
export function isUsable({ kernelLink }: Context, name: string): boolean {
  const link = kernelLink(name);
  return link?.isUp === true && link.hasCarrier;
}

/** The command with which the daemon sets a link up again. */
export function reapply({ state, kernelLink }: Context, { link, below }: Expected): string {
  const { id, links } = state.manager;
  if (id === 'networkmanager') {
    const own = links.get(link.name)?.file;
    const isNetplan = [...links.values()].some(({ file }) => file?.startsWith('netplan-'));
    return `nmcli connection up ${own ?? `${isNetplan ? 'netplan' : 'macvtap'}-${link.name}`}`;
  }
  if (id === 'ifupdown') return `ifdown ${link.name}; ifup ${link.name}`;
  // It sets up the link that it names, and creates what is missing on top of it, nothing else (systemd 252 to 262; `reload`
  // alone does neither).
  if (id === 'networkd') {
    return `networkctl reconfigure ${kernelLink(link.name) ? link.name : (below ?? link.name)}`;
  }
  return `sh macvtap-trial.sh`;
}
