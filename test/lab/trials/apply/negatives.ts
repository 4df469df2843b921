/** Every cure of a change by `apply`, taken out of the program: the trial that needs it must fail. */

import type { Flavour } from '../../drive/flavours.ts';
import { mutatedProgram } from '../../drive/program.ts';
import type { Image } from '../../image/images.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { type Cell, cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { APPLY_KINDS } from './kinds.ts';
import type { OutcomeName } from './outcomes.ts';
import { applied } from './run.ts';

interface Cure {
  /** What is taken out. */
  readonly name: string;
  readonly kind: string;
  readonly outcome: OutcomeName;
  readonly backend: string;
  readonly flavour?: Flavour;
  readonly suite: string;
  /** What of the bundle, and what is there in its place (with `$1`); of the change script a command. */
  readonly lines: RegExp;
  readonly by?: string;
  /** Each of these must match a failure. */
  readonly fails: readonly RegExp[];
  readonly isSample?: true;
}

export const CURES: readonly Cure[] = [
  {
    name: 'the unit that rolls back at boot',
    isSample: true,
    kind: 'first installation',
    outcome: 'power cut at verify',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {2}mkdir -p "\$UNITS" && this_boot .*$/m,
    fails: [/^a change is still pending/, /00-macvtap-veth0\.netdev is left/],
  },
  {
    name: 'the look at which boot it is',
    kind: 'first installation',
    outcome: 'confirmed, the early unit started again',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {2}if \[ "\$\(this_boot\)" = .*$/m,
    by: '  if false; then',
    fails: [/^confirm: status 4/],
  },
  {
    name: 'the end of the units',
    kind: 'gateway',
    outcome: 'timer fires',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {4}remove_units "\$CONFIRMED"$/gm,
    fails: [/macvtap-rollback\.service is left/],
  },
  {
    name: 'the end of a killed installation',
    kind: 'gateway',
    outcome: 'killed at arm',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {2}clear_installation "\$CLAIMED"$/gm,
    fails: [/\.macvtap-lock\..* is left/],
  },
  {
    name: 'the countdown after a reboot',
    kind: 'first installation',
    outcome: 'reboot, timer fires',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^OnActiveSec=\$1s$/m,
    by: 'OnActiveSec=1h',
    fails: [/^a change is still pending/],
  },
  {
    name: 'the unit that rolls back at boot, at a reboot in the middle',
    kind: 'address and gateway',
    outcome: 'reboot at activate',
    backend: 'networkmanager',
    suite: 'trixie',
    lines: /^ {2}mkdir -p "\$UNITS" && this_boot .*$/m,
    fails: [/^a change is still pending/],
  },
  {
    name: 'the countdown after a soft reboot',
    kind: 'first installation',
    outcome: 'soft reboot at verify',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {4}! is_soft_reboot "\$PENDING" \|\| count_again "\$PENDING"$/m,
    fails: [/^a change is still pending/],
  },
  {
    name: 'the reboot of what only a reboot changes',
    kind: 'options of a bridge',
    outcome: 'reboot, timer fires and reboots',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {2}if needs_reboot; then$/m,
    by: '  if false; then',
    fails: [/no reboot/],
  },
  {
    name: 'the end of a change that the verification refuses',
    isSample: true,
    kind: 'gateway',
    outcome: 'verification fails',
    backend: 'networkd',
    suite: 'trixie',
    lines: /isDone:(\w+)\.filter\([^;]{0,80}?\.length===0/,
    by: 'isDone:$1.length>=0',
    fails: [/^apply: status 0, must be 1/, /^route -4 dev=veth0 dst=default/],
  },
  {
    name: 'the end of what an installation could not arm',
    kind: 'gateway',
    outcome: 'a disk that is full before the rollback is armed',
    backend: 'networkd',
    suite: 'trixie',
    lines: /(\.state==="none"\?\w+\("refused"\):)\w+\(\)/,
    by: '$1{result:"refused",steps:[],differences:[],log:[]}',
    fails: [/^a change is still pending/],
  },
  {
    name: 'the removal of partial copies',
    kind: 'gateway',
    outcome: 'a full disk',
    backend: 'networkd',
    suite: 'trixie',
    lines: /(try\{\w+\(\)\}catch\(\w+\)\{try\{)[^{}]+(\}catch)/,
    by: '$1$2',
    fails: [/macvtap-new.* is left/],
  },
  {
    name: "guests' ports in the bridge",
    kind: 'bridge to shim, with a guest',
    outcome: 'timer fires',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {4}if is_there "\$link" && \[ -e "\$NET\/\$master\/bridge" \].*$/m,
    by: '    if false; then',
    fails: [/^link vnet0 master: gone/],
  },
  {
    name: 'the shim that networkd does not create again',
    kind: 'mode to passthru',
    outcome: 'confirmed by --yes',
    backend: 'networkd',
    suite: 'bullseye',
    lines: /(?<=^ +if )! is_there "\$device" \|\| (?=must_recreate)/m,
    by: 'is_there "$$device" && ',
    fails: [/^apply --yes: status [14]/],
  },
  {
    name: 'the stanzas that go',
    kind: 'first installation',
    outcome: 'confirmed by --yes',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'trixie',
    lines: /^ {6}replace_interfaces$/m,
    fails: [/^apply --yes: status 1/],
  },
  {
    name: 'the links of units in a rollback',
    kind: 'daemon changed',
    outcome: 'timer fires',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {4}failed=\$\(restore_unit_links "\$PENDING"\)$/m,
    by: '    failed=',
    fails: [/multi-user\.target\.wants\/systemd-networkd\.service is gone/],
  },
];

export function cureTrials(
  part: string,
  images: readonly Image[],
  backends: readonly string[],
  isWhole: boolean,
): Trial[] {
  return CURES.filter(
    ({ backend, isSample }) => backends.includes(backend) && (isWhole || isSample),
  ).flatMap((cure) => {
    const image = images.find(({ suite }) => suite === cure.suite);
    return image ? [trialOf(part, cure, image)] : [];
  });
}

function trialOf(part: string, cure: Cure, image: Image): Trial {
  const { name, kind, outcome, backend, flavour, suite } = cure;
  const words = [`${kind}; ${outcome}, without ${name}`, backend, suite];
  return {
    part,
    words: [...words, ...(flavour ? [flavour] : []), 'must fail'],
    repeat: ['--only', part, '--only', `without ${name}`, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const { failures, evidence } = await applied(await cellFor(cure, image), outcome);
      const { failures: missing, notes } = judge(cure, failures);
      // Where it is not the expected one, what it was instead.
      const others = missing.length > 0 ? failures.slice(0, 3).map((line) => `not: ${line}`) : [];
      return { failures: missing, notes: [...notes.slice(0, 2), ...others], evidence };
    },
  };
}

const SETTLE_SECONDS = 5;

async function cellFor(
  { kind: name, backend, flavour, lines, by = '  :' }: Cure,
  image: Image,
): Promise<Cell> {
  const kind = APPLY_KINDS.find((item) => item.name === name);
  const driver = driversFor(backend, image).find((item) => item.flavour === flavour);
  if (!kind || !driver) throw new Error(`there is no ${name} on ${backend}`);
  const cell = await cellOf(kind, backend, image, driver);
  if ('refusal' in cell) throw new Error(`the program refuses: ${cell.refusal}`);
  const program = await mutatedProgram((bundle) => {
    const other = bundle.replace(lines, by);
    if (other === bundle) throw new Error(`the script has nothing like ${lines}`);
    return other;
  });
  const soon = { settleSeconds: SETTLE_SECONDS };
  return {
    ...cell,
    program,
    host: { ...cell.host, binds: program.binds },
    first: { ...cell.first, ...soon },
    second: { ...cell.second, ...soon },
  };
}
