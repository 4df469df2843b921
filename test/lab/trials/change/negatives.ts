/** Every cure of the change script, taken out of it: the change that needs it must be seen to fail. */
import type { Flavour } from '../../drive/flavours.ts';
import type { Image } from '../../image/images.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { type Cell, cellOf } from './cell.ts';
import { driversFor } from './hosts.ts';
import { KINDS } from './kinds.ts';
import { change, type Part } from './run.ts';

interface Cure {
  /** What is taken out. */
  readonly name: string;
  readonly kind: string;
  readonly backend: string;
  readonly flavour?: Flavour;
  readonly suite: string;
  /** What of the script, and what is there in its place; a command that does nothing. */
  readonly lines: RegExp;
  readonly by?: string;
  /** In the rollback alone, or in all of a change that is confirmed. */
  readonly part: Part;
  /** Each of these must match a failure. */
  readonly fails: readonly RegExp[];
  /** Not only where changes are named. */
  readonly isSample?: true;
}

const LOST = /^[^:]+: rollback: (?:out of reach for|.* → 198\.51\.100\.50: no answer)/;
const MAC =
  /^ +\[.*"\$mac" \] \|\|.*\n?.*ip link set dev "\$(?:device|link)" address "\$mac" \|\|.*(?:\n +problem .*)?$/gm;

export const CURES: readonly Cure[] = [
  {
    // NetworkManager announces what it gives to a link by itself.
    name: 'the announcement to the LAN',
    isSample: true,
    kind: 'first installation',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ {2}announce "\$known" &$/gm,
    part: 'rollback',
    fails: [LOST],
  },
  {
    name: 'the deletion of what the change has created',
    isSample: true,
    kind: 'first installation',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ *\[ "\$3" != before \] \|\| delete_gone "\$1"$/gm,
    part: 'rollback',
    fails: [/^rollback: link veth0 /],
  },
  {
    name: 'the settings of the kernel',
    kind: 'first installation',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ .*write_sysctl <"\$CLAIMED\/sysctl"$/gm,
    part: 'rollback',
    fails: [/^rollback: setting net\/ipv4\/conf\/eth0\/arp_ignore: 1, was 0/],
  },
  {
    name: 'the configuration of the parent once more',
    kind: 'address',
    backend: 'networkd',
    suite: 'bookworm',
    // Without the script's own device, too.
    lines:
      /^ .*networkctl reconfigure "\$parent"$|(?<=^ +if )! is_there "\$device" \|\| (?=must_recreate)/gm,
    by: 'is_there "$device" && ',
    part: 'shim deleted before the rollback',
    fails: [/The mode of veth0 is not bridge/],
  },
  {
    name: 'the second look at what networkd has created',
    kind: 'mode from passthru',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ +if ! is_there "\$device" \|\| must_recreate "\$device"; then$/gm,
    by: '    if false; then',
    part: 'confirm',
    fails: [/^confirm: veth0, mode: passthru, must be bridge/],
  },
  {
    name: 'the live change of the mode',
    kind: 'mode',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ +\[ "\$\(kernel_mode "\$device"\)" = "\$mode" \] \|\|\n.*$/gm,
    part: 'rollback',
    fails: [/^rollback: link veth0 linkinfo info_data mode: private, was bridge/],
  },
  {
    name: 'the live change of the MAC',
    kind: 'MAC',
    backend: 'networkd',
    suite: 'trixie',
    lines: MAC,
    part: 'rollback',
    fails: [/^rollback: link veth0 address: 52:54:00:aa:bb:01, was /],
  },
  {
    name: 'the MTU of before',
    kind: 'MTU',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ +\[ "\$\(cat "\$NET\/\$link\/mtu"\)" = "\$mtu" \] \|\|.*\n.*$/gm,
    part: 'rollback',
    fails: [/^rollback: link eth0 mtu: 1460, was 1500/],
  },
  {
    name: 'the default of an MTU that is taken out',
    kind: 'MTU taken out',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ +reset_mtu "\$before"$/gm,
    part: 'confirm',
    fails: [/^confirm: eth0, MTU: 1460, must be 1500/],
  },
  {
    name: 'the end of the timer',
    isSample: true,
    kind: 'address',
    backend: 'networkd',
    suite: 'bookworm',
    lines: /^ {2}disarm "\$CONFIRMED"$/gm,
    part: 'confirm',
    fails: [/^confirm: unit left: macvtap-timer\.timer/],
  },
  ...(['networkd', 'networkmanager'] as const).map(
    (backend): Cure => ({
      name: "the deletion of guests' devices",
      kind: 'bridge to shim, with a guest',
      backend,
      suite: 'bookworm',
      lines: /^ {2}free_ports$/gm,
      part: 'rollback',
      fails: [LOST],
    }),
  ),
  {
    name: '`netplan generate`',
    isSample: true,
    kind: 'address',
    backend: 'netplan-networkd',
    suite: 'trixie',
    lines: /^ {2}generate$/gm,
    part: 'rollback',
    fails: [LOST],
  },
  {
    name: 'the profiles of before',
    isSample: true,
    kind: 'address',
    backend: 'networkmanager',
    suite: 'trixie',
    lines: /^ {2}activate_profiles \$words$/gm,
    part: 'rollback',
    fails: [LOST],
  },
  {
    name: '`nmcli device delete`',
    kind: 'mode',
    backend: 'networkmanager',
    suite: 'bookworm',
    lines: /^ +nmcli device delete "\$device".*$/gm,
    part: 'rollback',
    fails: [/^rollback: the rollback has problems: .*nmcli connection up .* failed/],
  },
  {
    name: '`ifdown` by the old stanzas',
    isSample: true,
    kind: 'address',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    lines: /^ +if_command ifdown -i .*$/gm,
    part: 'rollback',
    fails: [LOST],
  },
];

/** @throws Error where nothing matches: a fault that changes nothing would pass for a blind check */
function without(script: string, { lines, by = ':' }: Cure): string {
  const other = script.replace(lines, by);
  if (other === script) throw new Error(`the script has nothing like ${lines}`);
  return other;
}

/** So long is a host looked for that is not to be found, and waited for until it is as it must be. */
const LIMIT_SECONDS = 2;
const SETTLE_SECONDS = 5;

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
  const { name, kind, backend, flavour, suite } = cure;
  const words = [`${kind}, without ${name}`, backend, suite, ...(flavour ? [flavour] : [])];
  return {
    part,
    words: [...words, 'must fail'],
    repeat: ['--only', part, '--only', `without ${name}`, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const cell = await cellFor(cure, image);
      const { failures, evidence } = await change(cell, [cure.part], (script) =>
        without(script, cure),
      );
      const { failures: missing, notes } = judge(cure, failures);
      // Where it is not the one that was expected, what it was instead.
      const others = missing.length > 0 ? failures.slice(0, 3).map((line) => `not: ${line}`) : [];
      return { failures: missing, notes: [...notes.slice(0, 2), ...others], evidence };
    },
  };
}

async function cellFor(cure: Cure, image: Image): Promise<Cell> {
  const kind = KINDS.find(({ name }) => name === cure.kind);
  const driver = driversFor(cure.backend, image).find(({ flavour }) => flavour === cure.flavour);
  if (!kind || !driver) throw new Error(`there is no ${cure.kind} on ${cure.backend}`);
  const cell = await cellOf(kind, cure.backend, image, driver);
  if ('refusal' in cell) throw new Error(`the program refuses: ${cell.refusal}`);
  const soon = { settleSeconds: SETTLE_SECONDS };
  return {
    ...cell,
    limitSeconds: LIMIT_SECONDS,
    first: { ...cell.first, ...soon },
    second: { ...cell.second, ...soon },
  };
}
