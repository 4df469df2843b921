/** What each end of a change needs, as a text of the program that is taken out of it. */
import type { Flavour } from '../../drive/flavours.ts';
import type { SystemOfSysvinit } from '../../image/sysvinit-image.ts';
import { CURES_OF_SYSTEMS } from './cures-of-systems.ts';
import type { OutcomeName } from './outcomes.ts';

export interface Cure {
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
  /** Its init is not systemd. */
  readonly without?: SystemOfSysvinit;
}

const OF_ENDS: readonly Cure[] = [
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
    // The early unit is a slow one, as on a busy machine.
    name: 'the order of the early unit and the countdown',
    kind: 'first installation',
    outcome: 'reboot, timer fires',
    backend: 'netplan-networkd',
    suite: 'sid',
    lines: /^After=\$EARLY\n([\s\S]*?^boot\(\) \{\n)/m,
    by: '$1  sleep 5\n',
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
    name: 'the second name of a copy, on a full disk',
    kind: 'gateway',
    outcome: 'a disk that is full before the rollback',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'trixie',
    lines: /\|\| \{ rm -f "\$part" && \[ ! -L .*? \} (?=\|\| return 1$)/m,
    by: '',
    fails: [/^a change is still pending/, /60-macvtap has other bytes/],
  },
  {
    name: 'the lists in memory, on a full disk',
    kind: 'address and gateway',
    outcome: 'a disk that is full before the rollback',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'trixie',
    lines: /"\$LISTS" (?="\$PENDING\/work")/,
    by: '',
    fails: [/^a change is still pending/, /no answer$/],
  },
  {
    name: 'the end of a rollback that was killed',
    kind: 'gateway',
    outcome: 'rollback killed, then by command',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'trixie',
    lines: /^ {2}if \[ -d "\$CLAIMED" \]; then PENDING=\$CLAIMED; fi$/m,
    fails: [/^rollback: status/, /^a change is still pending/],
  },
  {
    name: 'the claim by a rename',
    kind: 'first installation',
    outcome: 'confirm a second before the timer',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    without: 'ifupdown',
    lines: /mv -T "\$PENDING" "\$CONFIRMED" 2>\/dev\/null/,
    by: '{ [ -d "$$PENDING" ] && sleep 5 && mkdir -p "$$CONFIRMED"; }',
    fails: [/^apply, confirm 0: status 1, must be 0/],
  },
  {
    name: 'the timer that outlives its sleep, at a shutdown',
    kind: 'first installation',
    outcome: 'reboot without systemd',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    without: 'ifupdown',
    lines: /^while \[ "\$left" -gt 0 \]; do\n[\s\S]*?^done$/m,
    by: 'sleep "$$1"',
    fails: [/^confirm: status 4/],
  },
  {
    name: 'the timer that outlives its sleep',
    kind: 'first installation',
    outcome: 'timer fires, its sleep killed',
    backend: 'ifupdown',
    flavour: 'ifupdown',
    suite: 'bookworm',
    without: 'ifupdown',
    lines: /^while \[ "\$left" -gt 0 \]; do\n[\s\S]*?^done$/m,
    by: 'sleep "$$1" || exit',
    fails: [/^a change is still pending/],
  },
  {
    name: 'the start of the countdown that is taken out of the queue',
    kind: 'address and gateway',
    outcome: 'reboot, then a power cut',
    backend: 'networkd',
    suite: 'bullseye',
    lines: /^ {2}\[ "\$problems" != 0 \] \|\| cancel_countdown$/gm,
    fails: [/^unit left: macvtap-countdown\.timer not-found failed/],
  },
  {
    name: 'the end of folders that came with the files',
    kind: 'first installation',
    outcome: 'timer fires',
    backend: 'networkd',
    suite: 'trixie',
    lines: /^ {4}\[ ! -d "\$ROOT\$folder" \] \|\| rmdir "\$ROOT\$folder" 2>\/dev\/null$/m,
    by: '    :',
    fails: [/systemd-networkd-wait-online\.service\.d is left/],
  },
];

export const CURES: readonly Cure[] = [...OF_ENDS, ...CURES_OF_SYSTEMS];
