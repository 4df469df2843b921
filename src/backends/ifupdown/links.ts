/** What stanzas need of the whole model. */
import type { Model, Parent, Shim, Tap } from '../../model/types.ts';
import { arpSettings, type KernelSetting } from '../shared/sysctl.ts';

/** The links of a model by name, with the kernel's settings of each: worked out once. */
export interface Links {
  readonly uppers: ReadonlyMap<string, Shim | Tap>;
  readonly parents: ReadonlyMap<string, Parent>;
  readonly arp: ReadonlyMap<string, readonly KernelSetting[]>;
}

export function linksOf(model: Model): Links {
  const arp = new Map<string, KernelSetting[]>();
  for (const setting of arpSettings(model)) {
    arp.set(setting.link, [...(arp.get(setting.link) ?? []), setting]);
  }
  return {
    uppers: new Map([...model.shims, ...model.taps].map((upper) => [upper.name, upper])),
    parents: new Map(model.parents.map((parent) => [parent.name, parent])),
    arp,
  };
}
