/** The owner of the host's network, for a change: the back end to use, and what a switch does. */
import type { Backend } from '../backends/backend.ts';
import type { HostFile } from '../backends/host/foreign.ts';
import { claimedYaml } from '../backends/host/owner/claimed-yaml.ts';
import { hasNetplan, ownerOf, ownerWatches, startOfDaemon } from '../backends/host/owner/owner.ts';
import type { NetworkDaemon } from '../backends/host/owner/units.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { installedBackends } from '../install/installed.ts';
import { surveyAll } from '../install/survey-all.ts';
import type { Model } from '../model/types.ts';
import type { Directory } from '../system.ts';

/** Daemons that a back end writes for; those of other systems are left to people. */
const OWN = ['networkd', 'networkmanager', 'ifupdown'] as const;
type Own = (typeof OWN)[number];

const isOwn = (daemon: string): daemon is Own => (OWN as readonly string[]).includes(daemon);

/** Units that are disabled and enabled: what waits for the network goes with its daemon. */
const UNITS: Readonly<Record<Own, readonly string[]>> = {
  networkd: ['systemd-networkd.service', 'systemd-networkd-wait-online.service'],
  networkmanager: ['NetworkManager.service', 'NetworkManager-wait-online.service'],
  ifupdown: ['networking.service'],
};

const filesOf = (top: Directory): HostFile[] => surveyAll(top, { steps: [] }, ownerWatches);

/**
 * The back end of this host, where none is named: the one whose files are there, else the one of
 * the system that owns the network.
 * @returns undefined if unknown
 * @throws SystemError where the system refuses to show a folder
 */
export function backendOfHost(top: Directory, model: Model): string | undefined {
  const [installed, another] = installedBackends(top);
  if (installed !== undefined && another === undefined) return installed;
  const files = filesOf(top);
  // One that is never there: nobody is preferred.
  const owner = ownerOf(files, model, 'wicked');
  if (owner.kind === 'one') return owner.holder.backend;
  const started = OWN.filter((daemon) => startOfDaemon(files, daemon).isStarted);
  return started.length === 1 ? started[0] : undefined;
}

export interface Switch {
  /** The daemon that has the network now; absent: none has. */
  readonly from?: Own;
  readonly disable: readonly string[];
  readonly enable: readonly string[];
  /** netplan's files of others that give the links to the old daemon at each boot. */
  readonly move: readonly string[];
}

/**
 * What makes the system of a back end the owner of the network.
 * @returns undefined where it is already, and a sentence where it cannot be
 */
export function switchTo(
  top: Directory,
  { needs }: Pick<Backend, 'needs'>,
  model: Model,
): Switch | string | undefined {
  const daemon = needs.at(-1);
  if (daemon === undefined || !isOwn(daemon)) return undefined;
  const files = filesOf(top);
  const needsNetplan = needs.includes('netplan');
  if (needsNetplan && !hasNetplan(files))
    return 'netplan is not installed, or its generator is masked';
  const start = startOfDaemon(files, daemon);
  if (!start.isStarted && start.because !== 'disabled') {
    return `${UNITS[daemon][0]} is ${start.because === 'missing' ? 'not installed' : 'masked'}`;
  }
  const move = needsNetplan ? [] : claimedYaml(files, model);
  const others = OWN.filter(
    (other) =>
      other !== daemon && startOfDaemon(files, other).isStarted && holds(files, model, other),
  );
  const isOn = start.isStarted && (start.by !== 'netplan' || needsNetplan);
  if (isOn && others.length === 0 && move.length === 0) return undefined;
  const [from] = others;
  return {
    ...(from !== undefined && { from }),
    disable: others.flatMap((other) => UNITS[other]),
    // netplan's generator starts networkd for what is in the YAML.
    enable: needsNetplan && daemon === 'networkd' ? [] : UNITS[daemon],
    move,
  };
}

function holds(files: readonly HostFile[], model: Model, daemon: NetworkDaemon): boolean {
  const owner = ownerOf(files, model, daemon);
  return owner.kind === 'two' || (owner.kind === 'one' && owner.holder.daemon === daemon);
}

const SOLVED: ReadonlySet<string> = new Set([
  'other-network-owner',
  'system-not-enabled',
  'two-network-owners',
]);

/** Without what a switch, and files that are moved away, make pointless. */
export const unsolved = (
  findings: readonly Finding[],
  isSwitched: boolean,
  moved: readonly string[],
): Finding[] =>
  findings.filter(({ code, path }) => !moved.includes(path) && !(isSwitched && SOLVED.has(code)));
