/**
 * The steps after an installation, as text: arm the rollback, activate, verify, confirm. Printed by
 * an installation, by `--dry-run`, by a second run while a change is pending, and by `steps`.
 */
import type { Backend } from '../backends/backend.ts';
import { hasAddress, type Model } from '../model/types.ts';
import { quote } from '../view/shell.ts';
import { CHANGE, SENT } from './change-script.ts';
import type { Recreated } from './recreated.ts';

export interface StepsOptions {
  /** Where the files are: `/`, or a tree that is to be copied to the host. */
  readonly root: string;
  /** Absolute paths of the set on the target, in the order in which they take effect. */
  readonly paths: readonly string[];
  /** Paths on the target that the change removes. */
  readonly removed?: readonly string[];
  /** Whether replaced files are kept, so that a rollback is possible. */
  readonly hasRollback: boolean;
  /** The command line that prints the change script; for a tree. */
  readonly scriptCommand: string;
  /** Devices that only a reboot recreates. */
  readonly recreated?: readonly Recreated[];
}

/** How long the rollback waits by default, in seconds. */
const SECONDS = 300;

const MOVE_DOMAINS =
  'Domains of libvirt that were attached to a bridge which has gone do not follow by themselves: attach each to its NIC, after the confirmation (a rollback needs the NIC without them). `macvtap-render help guests` has the commands. `apply`, and an installation with `--root /` on the host, move them.';

export interface Step {
  /** What to do, and why. */
  readonly text: string;
  /** Command lines, in the order in which they are run; one may have several lines. */
  readonly commands: readonly string[];
  /** What else is to be known of it. */
  readonly note?: string;
}

/** Nothing has been run yet: what is to be done, in its order. */
export function stepsOf(backend: Backend, model: Model, options: StepsOptions): Step[] {
  const { root, hasRollback, recreated = [] } = options;
  const steps: Step[] = [];
  const step: AddStep = (text, commands = [], note = '') =>
    void steps.push({ text, commands, ...(note !== '' && { note }) });
  const isLocal = root === '/';
  const remote = isLocal ? '' : `ssh ${remoteOf(model)} `;
  if (backend.scope !== 'host') {
    if (!isLocal) copySteps(model, options, step);
    const { commands, effect } = backend.activation(model);
    step('Run on the host:', commands, effect);
    return steps;
  }
  if (!isLocal) {
    keepStep(model, options, step);
    copySteps(model, options, step);
  }
  const reboots = recreated.filter(({ how }) => how === 'reboot').map(({ device }) => device);
  if (!hasRollback && isLocal) {
    rebootOnly(backend, model, step);
  } else if (reboots.length > 0) {
    rebootSteps(model, [...new Set(reboots)], remote, step);
  } else {
    liveSteps(backend, model, remote, step);
  }
  // A change script that was sent has no list of domains: only on the host can libvirt be asked for them.
  if (!isLocal && model.guests.length > 0) step(MOVE_DOMAINS);
  return steps;
}

/** Lines without control characters but their newlines. */
export function stepsText(backend: Backend, model: Model, options: StepsOptions): string {
  const host = model.host === '' ? 'the host' : model.host;
  const head =
    backend.scope === 'host'
      ? `The running network of ${host} has not changed yet. Next, from a connection that may drop:`
      : 'Nothing has been run yet:';
  return `\n${head}\n\n${numbered(stepsOf(backend, model, options))}`;
}

type AddStep = (text: string, commands?: readonly string[], note?: string) => void;

const numbered = (steps: readonly Step[]): string =>
  steps
    .map(({ text, commands, note }, index) => {
      const parts = [text, commands.join('\n'), note ?? ''].filter((part) => part !== '');
      return `${index + 1}. ${parts.join('\n\n')}\n\n`;
    })
    .join('');

const remoteOf = ({ host }: Model): string => quote(`root@${host === '' ? 'HOST' : host}`);

function keepStep(model: Model, { scriptCommand, removed = [] }: StepsOptions, step: AddStep) {
  const folder = SENT.slice(0, SENT.lastIndexOf('/'));
  const keep = ['sh', SENT, 'keep', ...removed.map(quote)].join(' ');
  step('Keep what the change replaces, on the host, for the rollback:', [
    `${scriptCommand} | ssh ${remoteOf(model)} ${quote(`mkdir -p -m 0700 ${folder} && cat >${SENT} && ${keep}`)}`,
  ]);
}

/** Only the files of the set: the tree may be a copy of a whole host. */
function copySteps(model: Model, { root, paths, removed = [] }: StepsOptions, step: AddStep) {
  const host = remoteOf(model);
  const names = paths.map((path) => `  ${quote(path.slice(1))} \\`);
  step('Copy the files, owned by root:', [
    `tar -C ${quote(root)} -c --owner=0 --group=0 \\`,
    ...names,
    `  | ssh ${host} tar -x -p -C /`,
    ...(removed.length > 0 ? [`ssh ${host} rm -f ${removed.map(quote).join(' ')}`] : []),
  ]);
}

function liveSteps(backend: Backend, model: Model, remote: string, step: AddStep): void {
  step(
    `Arm the rollback. It runs in ${SECONDS / 60} minutes, or at a reboot before that, unless the change is confirmed:`,
    [`${remote}sh ${CHANGE} arm ${SECONDS}`],
  );
  if (backend.byHand) step(backend.byHand(model).activation);
  step('Activate:', [`${remote}sh ${CHANGE} activate`]);
  step(verifyText(model), verification(model));
  step('Confirm the change, or roll it back now:', [
    `${remote}sh ${CHANGE} confirm`,
    `${remote}sh ${CHANGE} rollback`,
  ]);
}

function rebootSteps(model: Model, devices: readonly string[], remote: string, step: AddStep) {
  const names = devices.map((name) => `\`${name}\``).join(', ');
  step(
    `Arm the rollback. It runs ${SECONDS / 60} minutes after the reboot, or at another reboot, unless the change is confirmed:`,
    [`${remote}sh ${CHANGE} arm ${SECONDS} reboot`],
  );
  step(`Reboot, with a console at hand: ${names} must be recreated, which only a reboot does.`, [
    `${remote}systemctl reboot`,
  ]);
  step(verifyText(model), verification(model));
  step('Confirm the change; or roll it back, and reboot again:', [
    `${remote}sh ${CHANGE} confirm`,
    `${remote}sh ${CHANGE} rollback`,
  ]);
}

function rebootOnly(backend: Backend, model: Model, step: AddStep): void {
  if (backend.byHand) step(backend.byHand(model).reboot);
  step('There is no rollback: nothing was kept. Have a console at hand, and reboot:', [
    'systemctl reboot',
  ]);
  step(verifyText(model), verification(model));
}

function verifyText(model: Model): string {
  const bare = model.parents.filter((parent) => !hasAddress(parent)).map(({ name }) => name);
  const verb = bare.length === 1 ? 'is' : 'are';
  const first = bare.length > 0 ? `${bare.join(', ')} ${verb} up without any address; ` : '';
  return `Verify, from a new connection: ${first}the addresses are where they belong; the gateway and a guest answer.`;
}

function verification({ parents, shims }: Model): string[] {
  const links = [...parents, ...shims];
  const gateways = new Set(
    links.flatMap(({ routes }) =>
      routes.flatMap(({ isDefault, via }) => (isDefault && via ? [via] : [])),
    ),
  );
  return [
    ...links.map(({ name }) => `ip -br addr show ${quote(name)}`),
    'ip route',
    ...[...gateways].map((gateway) => `ping -c 3 ${gateway}`),
  ];
}
