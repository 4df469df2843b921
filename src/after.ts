/**
 * What to do after an installation: how to arm a way back, activate, verify. Printed for the back
 * end and for what has changed; nothing of it is run.
 */
import { type Settled, settledIn } from './backends/activation.ts';
import type { Backend } from './backends/types.ts';
import type { Written } from './emit/plan.ts';
import { hasAddress, type Model } from './model/types.ts';
import { quote } from './shell.ts';

const UNIT = 'macvtap-way-back';

export interface Circumstances {
  /** Where the files are: `/`, or a tree that is to be copied to the host. */
  readonly root: string;
  /** A run before this one did not come to its end: what it has put in place is not known here. */
  readonly isResumed?: boolean;
  /** Nothing was written; what would be written over would be kept. */
  readonly wouldKeep?: boolean;
}

/** Lines without control characters but their newlines; empty where nothing has changed. */
export function afterText(
  backend: Backend,
  model: Model,
  written: readonly Written[],
  circumstances: Circumstances,
): string {
  const { root, isResumed } = circumstances;
  const changed = written.filter(({ change }) => change !== 'unchanged' && change !== 'left');
  const { activate, effect } = backend.activation(model);
  if (changed.length === 0) return isResumed ? resumedText(activate) : '';
  const anew = devicesMadeAnew(written);
  const where = model.host === '' ? 'the host' : model.host;
  const steps: string[] = [];
  const step = (text: string, commands: readonly string[] = [], more = ''): void => {
    const lines = [text, ...(commands.length > 0 ? ['', ...commands] : [])];
    steps.push([...lines, ...(more === '' ? [] : ['', more]), ''].join('\n'));
  };
  if (root !== '/') {
    const host = quote(`root@${where === 'the host' ? 'HOST' : where}`);
    const tops = new Set(changed.map(({ target }) => target.split('/')[1] ?? ''));
    const copy = `tar -C ${quote(root)} -c ${[...tops].join(' ')} | ssh ${host} tar -x -p --no-same-owner --no-overwrite-dir -C /`;
    const gone = changed.filter(({ change }) => change === 'removed');
    const names = gone.map(({ target }) => quote(target)).join(' ');
    step(`Copy the tree to ${where}, and go on there:`, [
      copy,
      ...(gone.length > 0 ? [`ssh ${host} rm -f ${names}`] : []),
    ]);
  }
  const numbered = (): string => steps.map((text, index) => `${index + 1}. ${text}\n`).join('');
  if (backend.scope !== 'host') {
    step('Run, on the host:', activate.split('\n'), effect);
    return `\nNothing has been run yet:\n\n${numbered()}`;
  }
  const back = isResumed ? undefined : wayBack(backend, model, changed);
  if (anew.length > 0) {
    const names = anew.map((name) => `\`${name}\``).join(', ');
    step(
      `Reboot. ${names} ${anew.length > 1 ? 'are there and have' : 'is there and has'} to be made anew: MAC, mode or parent changed, and no system changes those of a device that exists. A timer does not outlive the reboot: have a console at hand.`,
      ['systemctl reboot'],
    );
  } else {
    if (back) {
      step('Arm a way back first; it acts in five minutes, unless it is called off:', [
        `cat > /run/${UNIT} <<'END'`,
        ...back,
        'END',
        `systemd-run --unit=${UNIT} --on-active=5min sh /run/${UNIT}`,
      ]);
    } else {
      step(`Arm a way back first. ${whyNoWayBack(circumstances)}`);
    }
    step('Activate:', [activate], effect);
    const sysctl = written.find(({ target }) => target.startsWith('/etc/sysctl.d/'));
    if (sysctl && sysctl.change !== 'removed') {
      step('Have ARP answered by the shim alone from now on, not from the next boot only:', [
        `/lib/systemd/systemd-sysctl ${sysctl.target}`,
      ]);
    }
  }
  const isArmed = anew.length === 0 && back !== undefined;
  step(verifyText(model, isArmed), [
    ...verification(model),
    ...(isArmed ? [`systemctl stop ${UNIT}.timer`] : []),
  ]);
  return `\nNothing is active yet. On ${where}, over a connection that you can lose:\n\n${numbered()}At the next boot it comes up by itself.\n`;
}

const RESUMED =
  'A run before this one was interrupted here when it had begun to put files in place. What it has changed is not known any more; if it was told `--backup`, what was there is beside the files (`.NAME.macvtap-backup`, the one with the highest number).';

const resumedText = (activate: string): string =>
  `\n${RESUMED} The files are now as they must be. Have a console at hand and reboot; or, where no MAC, mode or parent has changed:\n\n${activate}\n`;

function whyNoWayBack({ isResumed, wouldKeep }: Circumstances): string {
  if (isResumed) {
    return `${RESUMED} Have the intent of before at hand, and a console; and where a MAC, a mode or a parent has changed, reboot in place of what follows.`;
  }
  return wouldKeep
    ? 'It is told when the files are written, as it takes them back by the names of their backups.'
    : 'What was written over is not kept (`--backup` keeps it): have the intent of before at hand, and a console.';
}

/** The script that undoes it; undefined where what was there is not kept. */
function wayBack(
  backend: Backend,
  model: Model,
  changed: readonly Written[],
): string[] | undefined {
  const isLost = ({ change, backup, kept }: Written): boolean =>
    (change === 'replaced' || change === 'removed') && backup === undefined && kept === undefined;
  if (changed.some(isLost)) return undefined;
  const created = changed.filter(({ change }) => change === 'created');
  const kept = changed.flatMap(({ target, backup, kept: copy }) => {
    if (copy !== undefined) return [`cp -p ${quote(copy)} ${quote(target)}`];
    return backup === undefined
      ? []
      : [`mv -f ${quote(besideOf(target, backup))} ${quote(target)}`];
  });
  const { before = [], back } = backend.activation(model);
  return [
    ...before,
    ...(created.length > 0
      ? [`rm -f ${created.map(({ target }) => quote(target)).join(' ')}`]
      : []),
    ...kept,
    ...back,
  ];
}

/** The backup of a file by its path on the target. */
const besideOf = (target: string, backup: string): string =>
  `${target.slice(0, target.lastIndexOf('/'))}${backup.slice(backup.lastIndexOf('/'))}`;

const verifyText = (model: Model, isArmed: boolean): string => {
  const bare = model.parents.filter((parent) => !hasAddress(parent)).map(({ name }) => name);
  const first = bare.length > 0 ? `${bare.join(', ')} up and without any address; ` : '';
  return `Verify: ${first}the addresses where they belong; the gateway and a guest answer.${isArmed ? ' Only then call the way back off:' : ''}`;
};

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

/** Devices that were in our files before, and are in them now as something else. */
export function devicesMadeAnew(written: readonly Written[]): string[] {
  const settled = (which: 'before' | 'after'): Map<string, Settled[]> => {
    const map = new Map<string, Settled[]>();
    for (const one of written.flatMap((w) => settledIn(w.target, w[which] ?? ''))) {
      const key = `${one.device} ${one.aspect}`;
      map.set(key, [...(map.get(key) ?? []), one]);
    }
    return map;
  };
  const textOf = (all: readonly Settled[]): string =>
    [...new Set(all.map(({ text }) => text))].sort().join('\0');
  const now = settled('after');
  const anew = [...settled('before')].flatMap(([key, before]) => {
    const after = now.get(key);
    return after && textOf(after) !== textOf(before) ? before.map(({ device }) => device) : [];
  });
  return [...new Set(anew)];
}
