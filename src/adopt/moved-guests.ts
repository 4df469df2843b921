/** From a bridge to macvtap: how libvirt's domains follow the host, and come back. */
import { visible } from '../diagnostics/visible.ts';
import { type MovePlan, planMoves } from '../domains/plan.ts';
import { moveSteps, reversed, type Step } from '../domains/steps.ts';
import type { StoredDomain } from '../domains/stored.ts';
import { quote } from '../view/shell.ts';
import type { FoundLink } from './found.ts';

export interface MovedGuests {
  /** Whether `apply` does all of it as one change. */
  readonly isByApply: boolean;
  readonly there: readonly Step[];
  readonly back: readonly Step[];
}

interface Host {
  /** The bridge that goes. */
  readonly bridge: FoundLink;
  /** Its port, which is under the shim then. */
  readonly parent: FoundLink;
  readonly shim: string;
  /** The file that creates the bridge, where that has nothing else in it. */
  readonly device: string | undefined;
  readonly backend?: string;
}

/** @returns undefined where no domain is on the bridge */
export function movedGuests(domains: readonly StoredDomain[], host: Host): MovedGuests | undefined {
  const { bridge, parent } = host;
  const plan: MovePlan = planMoves(
    domains.map(({ domain }) => ({ stored: domain })),
    (_, { attachment: { type, source } }) =>
      type === 'bridge' && source === bridge.name
        ? { type: 'direct', source: parent.name, mode: 'bridge', trustGuestRxFilters: true }
        : undefined,
  );
  if (plan.moves.length + plan.stays.length === 0) return undefined;
  return {
    isByApply: canApply(host),
    there: moveSteps(plan, hostStep(host), false),
    back: moveSteps(reversed(plan), backStep(host), false),
  };
}

export const canApply = ({ backend }: Pick<Host, 'backend'>): boolean => backend !== undefined;

function hostStep(host: Host): Step {
  const { bridge, parent, shim } = host;
  const how = canApply(host)
    ? ''
    : ` \`apply\` refuses while \`${parent.name}\` is a port: with a console at hand, bring \`${bridge.name}\` down and remove it where it is configured (${placesOf(host)}), then run:`;
  return {
    text: `Change the host: \`${shim}\` on \`${parent.name}\` takes the addresses of \`${bridge.name}\`, which goes. From here on the guests are without the LAN, each until it is attached again; one that starts before its stored definition is replaced stays without.${how}`,
    commands: [applyCommand(host)],
  };
}

const placesOf = (host: Host): string =>
  filesOf(host)
    .map((path) => `\`${visible(path)}\``)
    .join(', ');

const INTENT = 'macvtap.yaml';

/** With files of the bridge that the back end does not edit: they go in the moment in which the new ones come. */
function applyCommand(host: Host): string {
  const files = canApply(host) ? filesOf(host) : [];
  const moved = files.flatMap((path) => ['--move', quote(path)]);
  return ['macvtap-render apply', INTENT, ...moved].join(' ');
}

/** Where the bridge and its port are configured. */
const filesOf = ({ bridge, parent, device }: Host): string[] => {
  const paths = [bridge, parent].flatMap(({ origin, entries, left }) => [
    origin.path,
    ...entries.map((entry) => entry.origin.path),
    ...left.map((setting) => setting.origin.path),
  ]);
  const known = [device, ...paths].filter((path) => path !== undefined);
  return [...new Set(known)].filter((path) => OF_NETWORK.test(path)).sort();
};

/** Not those of the kernel, of cloud-init or of the host's name. */
const OF_NETWORK = /\/(?:netplan|network|system-connections)\//;

const backStep = (host: Host): Step => ({
  text: `Change the host back: \`${host.bridge.name}\` with the port \`${host.parent.name}\`, as in ${filesOf(
    host,
  )
    .map((path) => `\`${visible(path)}\``)
    .join(
      ', ',
    )} (\`apply\` keeps moved files in \`/etc/macvtap-render/moved\`). While a guest has a macvtap on \`${host.parent.name}\` the kernel refuses it as a port.`,
  commands: [],
});
