/** What a host says of links with `managed: false`, where the intent does not. */
import type { Model, Parent } from './types.ts';

/** Of one link of a host; what is absent is unknown. */
export interface HostLink {
  /** The file of systemd-networkd that configures it. */
  readonly networkFile?: string;
  /** In lower case. */
  readonly mac?: string;
  /** The same, where nobody has set another one. */
  readonly permanentMac?: string;
}

export type HostLinks = (parent: Pick<Parent, 'name' | 'kind'>) => HostLink;

/** The model with what is found on the host; what the intent says comes first. */
export function onHost(model: Model, linkOf: HostLinks): Model {
  if (model.unmanaged.length === 0) return model;
  const unmanaged = model.unmanaged.map((parent): Parent => {
    const { networkFile, mac, permanentMac } = linkOf(parent);
    return {
      ...parent,
      ...(parent.networkFile === undefined && networkFile !== undefined && { networkFile }),
      found: {
        ...(mac !== undefined && { mac }),
        ...(permanentMac !== undefined && { permanentMac }),
      },
    };
  });
  return { ...model, unmanaged };
}
