/** Findings on the owner of a host's network, for one back end. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { Owner as Needed } from '../../../targets/target.ts';
import { isGenerated } from '../../../view/ownership.ts';
import type { HostFile } from '../foreign.ts';
import { type Holder, hasNetplan, type Owner, ownerOf, startOfDaemon } from './owner.ts';
import { type NetworkDaemon, SERVICES, type Start } from './units.ts';

interface Needs {
  /** The back end's id, and the systems that it needs, its daemon last. */
  readonly id: string;
  readonly needs: readonly Needed[];
}

interface JudgeOptions {
  /** Whether it is the running host; a tree may change before it boots. */
  readonly isHost: boolean;
}

/** @param files what is at `ownerWatches`, generated files included */
export function judgeOwner(
  { id, needs }: Needs,
  model: Model,
  files: readonly HostFile[],
  { isHost }: JudgeOptions,
): Finding[] {
  const daemon = needs.at(-1);
  if (daemon === undefined || daemon === 'netplan') return [];
  // This installation removes the YAML of another back end, and so what netplan starts for it.
  const kept = needs.includes('netplan') ? files : files.filter((file) => !isOwnYaml(file));
  const owner = ownerOf(kept, model, daemon);
  if (owner.kind === 'unknown') return [];
  if (owner.kind === 'two') return [twoOwners(owner)];
  const start = startWith(kept, daemon, needs);
  if (owner.kind === 'one' && owner.holder.daemon !== daemon) {
    return [otherOwner(owner.holder, daemon, start)];
  }
  if (needs.includes('netplan') && !hasNetplan(kept)) {
    const severity = owner.kind === 'one' || isHost ? 'error' : 'warning';
    return [withoutNetplan(owner, severity)];
  }
  if (!start.isStarted) return [notStarted(daemon, start, kept, isHost)];
  return start.by === 'netplan' && id === 'networkd' ? [onlyByNetplan(start.path)] : [];
}

const isOwnYaml = ({ path, text }: HostFile): boolean =>
  path.startsWith('/etc/netplan/') && text !== undefined && isGenerated(text);

/** How the daemon is started with the new files: netplan's generator starts networkd for them. */
function startWith(
  files: readonly HostFile[],
  daemon: NetworkDaemon,
  needs: readonly Needed[],
): Start {
  const start = startOfDaemon(files, daemon);
  if (start.isStarted || daemon !== 'networkd' || !needs.includes('netplan')) return start;
  return start.because === 'disabled'
    ? { isStarted: true, by: 'netplan', path: '/etc/netplan' }
    : start;
}

/** ``systemd-networkd is masked`` */
function stateOf(daemon: NetworkDaemon, start: Start): string {
  const { title } = SERVICES[daemon];
  if (start.isStarted) return `${title} is enabled, and configures none of these links`;
  return `${title} is ${start.because === 'missing' ? 'not installed' : start.because}`;
}

function otherOwner(
  { title, link, claimed, start: { path: unit = '' }, backend }: Holder,
  daemon: NetworkDaemon,
  start: Start,
): Finding {
  const { path, line } = claimed;
  const isDefault = claimed.by === 'default';
  const how = isDefault
    ? `${title} configures every NIC by default, including \`${link}\``
    : `${title} configures \`${link}\` by this file`;
  return finding(
    'other-network-owner',
    isDefault ? unit : path,
    `${how}; ${stateOf(daemon, start)}.`,
    {
      ...(!isDefault && line !== undefined && { line }),
      hint:
        backend === undefined
          ? `No back end writes for ${title}. First enable the system of a back end (such as networkd), and disable ${title}.`
          : `Use \`--backend ${backend}\`.`,
    },
  );
}

function twoOwners({ enabled, preset, path }: Extract<Owner, { kind: 'two' }>): Finding {
  const [unit = ''] = SERVICES[preset].units;
  return finding(
    'two-network-owners',
    path,
    `The first boot (/etc/machine-id is missing or \`uninitialized\`) enables ${SERVICES[preset].title} beside ${SERVICES[enabled].title}.`,
    {
      hint: `Write \`disable ${unit}\` into /etc/systemd/system-preset/00-network.preset, or leave an empty /etc/machine-id.`,
    },
  );
}

function withoutNetplan(owner: Owner, severity: 'error' | 'warning'): Finding {
  const backend = owner.kind === 'one' ? owner.holder.backend : undefined;
  return finding(
    'system-not-enabled',
    '/etc/netplan',
    "netplan's generator is not installed, or masked: nothing reads the YAML at boot.",
    {
      severity,
      hint: backend === undefined ? 'Install netplan.' : `Use \`--backend ${backend}\`.`,
    },
  );
}

function notStarted(
  daemon: NetworkDaemon,
  start: Extract<Start, { isStarted: false }>,
  files: readonly HostFile[],
  isHost: boolean,
): Finding {
  const { title, units } = SERVICES[daemon];
  const [unit = ''] = units;
  const systemctl = isHost ? 'systemctl' : 'systemctl --root=DIR';
  const cure = {
    missing: `Install ${title}`,
    masked: `Run \`${systemctl} unmask ${unit}\` and \`${systemctl} enable ${unit}\``,
    disabled: `Run \`${systemctl} enable ${unit}\``,
  }[start.because];
  const other = startedBackend(files);
  return finding(
    'system-not-enabled',
    start.path ?? '/etc/systemd/system',
    `${stateOf(daemon, start)}: nothing reads these files at boot.`,
    {
      severity: isHost ? 'error' : 'warning',
      hint: other === undefined ? `${cure}.` : `${cure}, or use \`--backend ${other}\`.`,
    },
  );
}

/** A back end whose system is started, although it has no file for these links yet. */
const startedBackend = (files: readonly HostFile[]): string | undefined =>
  (['networkd', 'networkmanager', 'ifupdown'] as const).find(
    (daemon) => startOfDaemon(files, daemon).isStarted,
  );

const onlyByNetplan = (path: string): Finding =>
  finding(
    'system-not-enabled',
    path,
    'systemd-networkd is disabled; only netplan starts it, because of this file.',
    {
      severity: 'warning',
      hint: 'Run `systemctl enable systemd-networkd.service`, or use `--backend netplan-networkd`.',
    },
  );
