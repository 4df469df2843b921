/**
 * What makes written files take effect where nobody waits for a rollback: at the end of a first boot,
 * or by hand for what is not a host's network. On a host that runs, the change script does it.
 */
import type { Model } from '../../model/types.ts';

export interface Activation {
  /** Command lines, in their order. */
  readonly commands: readonly string[];
  /** What they do; whole sentences. */
  readonly effect?: string;
}

export const networkdActivation = (generate: readonly string[] = []): Activation => ({
  commands: [[...generate, 'networkctl reload'].join(' && ')],
});

export function networkManagerActivation(
  model: Model,
  generate: readonly string[] = [],
): Activation {
  const up = activationOrder(model).map((name) => `nmcli connection up macvtap-${name}`);
  const reload = ['nmcli general reload conf', 'nmcli connection reload'];
  return { commands: [[...generate, ...reload, ...up].join(' && ')] };
}

/**
 * The order in which NetworkManager's profiles come up: a bond or bridge before its members; a shim
 * before its parent, which then gives up the address, unless the parent changes its MAC first.
 */
export function activationOrder({ parents, shims, taps }: Model): string[] {
  const uppers = [...shims, ...taps].map(({ name }) => name);
  const lowers = [...parents]
    .sort((a, b) => Number(Boolean(a.master)) - Number(Boolean(b.master)))
    .map(({ name }) => name);
  const takesOver = parents.some(({ macaddress }) => macaddress !== undefined);
  return takesOver ? [...lowers, ...uppers] : [...uppers, ...lowers];
}

/** ifupdown adds up all it finds of a link, so that the old stanza goes in the same moment. */
export function ifupdownActivation(model: Model, up: readonly string[]): Activation {
  const nics = model.parents.filter(({ kind }) => kind === 'ethernet').map(({ name }) => name);
  // No stanza of others is replaced.
  if (nics.length === 0) return { commands: [`ifup ${up.join(' ')}`] };
  const file = '/etc/network/interfaces';
  return {
    commands: [
      [
        `cp ${file} ${file}.before`,
        `ifdown ${nics.join(' ')}`,
        `cp ${file}.new ${file}`,
        `ifup ${up.join(' ')}`,
      ].join('; '),
    ],
  };
}
