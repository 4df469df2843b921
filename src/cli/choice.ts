/**
 * Which back ends a command compiles: those of the command line, else those of the intent, else, on
 * an installed host, the one whose files are there.
 */
import { backends as known } from '../backends/registry.ts';
import type { Fleet, HostCompilation } from '../compile-fleet.ts';
import { packagings } from '../package/packagings.ts';
import { hostList } from '../report/text.ts';
import { backendNames, type Selection } from '../selection.ts';
import type { System } from '../system.ts';
import { type Command, type CommandLine, UsageError } from './command-line.ts';
import { checkConfigures, installedBackend } from './installed.ts';

export type Choice = Pick<Selection, 'backends' | 'isForHost' | 'otherwise'>;

const isOneOf = (command: Command, ...commands: readonly Command[]): boolean =>
  commands.includes(command);

const packagingOf = ({ format }: CommandLine) => packagings.find(({ id }) => id === format);

/** @throws UsageError for a back end that the command cannot take; SystemError */
export async function choiceOf(system: System, line: CommandLine): Promise<Choice> {
  const { command, backends, root, output } = line;
  const isNamed = backends.length > 0;
  if (command === 'apply') {
    const { checkInstalls, backendToApply } = await import('./apply-backend.ts');
    if (isNamed) checkInstalls(backends);
    else return { isForHost: true, otherwise: once((model) => [backendToApply(system, model)]) };
  }
  if (isOneOf(command, 'status', 'doctor')) {
    if (isNamed) checkConfigures(command, { backends });
    else return { isForHost: true, otherwise: once(() => [onThisHost(system)]) };
  }
  if (isNamed) return { backends };
  // What is drawn depends on no back end.
  if (command === 'graph') return { backends: [] };
  if (command === 'steps') return { isForHost: true };
  if (command === 'check' && output === undefined) {
    const isForHost = (root ?? '/') === '/';
    const otherwise = once(() => installedBackend(system, root ?? '/'));
    return { isForHost, otherwise };
  }
  const isForHost = command === 'render' && (root === '/' || packagingOf(line)?.activates === true);
  return isForHost ? { isForHost } : {};
}

type Otherwise = NonNullable<Selection['otherwise']>;

/** Looks at the host once, and not for each host of a fleet. */
function once(ask: Otherwise): Otherwise {
  let found: readonly string[] | undefined;
  return (model) => {
    found ??= ask(model);
    return found;
  };
}

/** @throws UsageError where there is none; SystemError */
function onThisHost(system: System): string {
  const [found] = installedBackend(system, '/');
  if (found !== undefined) return found;
  throw new UsageError(
    `no generated files on this host: name the back end with \`--backend ID\` (${listed(backendNames())}), or as \`backend\` in the intent`,
  );
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** Whether it is an error if only some hosts of a fleet have a back end. */
export const needsBackends = ({ command }: CommandLine): boolean =>
  isOneOf(command, 'render', 'check', 'explain', 'steps', 'lint');

/** What was chosen, once it is compiled. @throws UsageError where the command cannot do with it */
export function checkChoice(line: CommandLine, fleet: Fleet): void {
  const right = fleet.hosts.filter(({ sets }) => sets);
  const message =
    missing(line, right) ?? notOne(line, right) ?? severalInOne(line, right) ?? unused(line, right);
  if (message !== undefined) throw new UsageError(message);
}

function missing(line: CommandLine, hosts: readonly HostCompilation[]): string | undefined {
  const { command } = line;
  if (!isOneOf(command, 'render', 'check', 'explain', 'steps')) return undefined;
  const without = hosts.filter(({ sets = [] }) => sets.length === 0);
  const [first] = without;
  if (!first) return undefined;
  const [named] = first.named;
  if (named !== undefined) {
    const what = packagingOf(line)?.activates
      ? `\`--format ${line.format}\` activates the host's network`
      : `\`${command}\` is about the host's network here`;
    const which = first.host === '' ? '' : ` (${hostList(without.map(({ host }) => host))})`;
    return `${what}, which \`${named}\` does not configure${which}: name another back end with \`--backend ID\``;
  }
  return `\`--backend ID\` is missing (${listed(backendNames())}), and the intent has no \`backend\``;
}

/** On a host there is one system that owns its network. */
function notOne(
  { command, root, output, backends }: CommandLine,
  hosts: readonly HostCompilation[],
): string | undefined {
  const isHere =
    isOneOf(command, 'status', 'apply', 'doctor', 'steps') ||
    (command === 'check' && output === undefined && (root ?? '/') === '/') ||
    (command === 'render' && root === '/');
  return isHere && backends.length === 0
    ? tooMany(hosts, `\`${command}\` takes one back end here`)
    : undefined;
}

function severalInOne(line: CommandLine, hosts: readonly HostCompilation[]): string | undefined {
  const { command, root, backends } = line;
  const isInOne = command === 'render' && root === undefined && !packagingOf(line)?.takesSeveral;
  if (!isInOne || backends.length > 0) return undefined;
  return tooMany(
    hosts,
    'several back ends need `--root DIR` (each goes to `DIR/<back end>/`) or `--format json`',
  );
}

function tooMany(hosts: readonly HostCompilation[], message: string): string | undefined {
  const found = hosts.find(({ sets = [] }) => sets.length > 1);
  if (!found) return undefined;
  const ids = (found.sets ?? []).map(({ backend }) => backend);
  const whose = found.host === '' ? 'the intent' : `the intent of \`${found.host}\``;
  return `${message}, and ${whose} names ${listed(ids)}: name one with \`--backend ID\``;
}

/** Options that change nothing, as what they are for is not rendered. */
export function unused(
  { target, renderer, backends }: CommandLine,
  hosts: readonly HostCompilation[],
): string | undefined {
  if (hosts.length === 0 || backends.length > 0) return undefined;
  if (target !== undefined && hosts.every(({ sets = [] }) => sets.length === 0)) {
    return `\`--target\` needs \`--backend ID\` (${listed(backendNames())})`;
  }
  const isNetplan = hosts.some(({ named }) => named.includes('netplan'));
  return renderer !== undefined && !isNetplan
    ? '`--renderer` is for the back end `netplan`: name it with `--backend netplan`'
    : undefined;
}

/** Of what the intent names, what a command about the host's network leaves out. */
export function leftOut({ hosts }: Fleet, { isForHost }: Choice): string[] {
  if (!isForHost) return [];
  const all = new Set(hosts.flatMap(({ sets, named }) => (sets ? named : [])));
  return known.filter(({ id, scope }) => all.has(id) && scope !== 'host').map(({ id }) => id);
}
