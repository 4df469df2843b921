/** The options, and what each does, as help prints them. */
import type { Command } from './command-line.ts';

/** An option, and what it does; lines are broken by hand. */
export interface OptionHelp {
  readonly form: string;
  readonly text: string;
}

const OPTIONS = {
  backend: {
    form: '-b, --backend ID',
    text: 'back end (`help` lists them), in place of `backend` in the intent',
  },
  renderer: {
    form: '--renderer R',
    text: 'networkd or NetworkManager, for --backend netplan\n(default: `renderer` in the intent, else networkd)',
  },
  target: {
    form: '--target T',
    text: "what must accept the output: a distribution (debian-12, rhel-9),\n`host` for this machine's, or versions (systemd=252,netplan=0.106);\ndefault: `target` in the intent, else every version in support",
  },
  root: {
    form: '--root DIR',
    text: "the target's tree is below DIR (/ installs on this host); with several\nback ends to DIR/<back end>/, of a fleet to DIR/<host>/",
  },
  output: {
    form: '--output DIR',
    text: "files are flat in DIR, which stands for the back end's own directory\n(/etc/systemd/network); or a packaging that is a folder",
  },
  format: {
    form: '--format F',
    text: 'on standard output: one of the formats below',
  },
  host: {
    form: '--host NAME',
    text: 'of a fleet: this host',
  },
  keepGoing: {
    form: '--keep-going',
    text: 'of a fleet: write valid hosts even if others have errors;\nthe exit status is still 2',
  },
  dryRun: {
    form: '--dry-run',
    text: 'print what would be written and what would happen, and stop',
  },
  force: {
    form: '--force',
    text: 'overwrite edited files and files that were not generated; install\nin spite of conflicts on the host',
  },
  backup: {
    form: '--backup',
    text: 'keep replaced and removed files: with --root in a pending directory\n(/etc/macvtap-render/pending; default with --root /), with --output\nnext to the file',
  },
  noBackup: {
    form: '--no-backup',
    text: 'with --root /: do not keep replaced files; no rollback is possible',
  },
  before: {
    form: '--before INTENT',
    text: 'the intent of the host as it is: draw what changes from it',
  },
  guest: {
    form: '--guest GUEST',
    text: 'the guest that is not reached, by its libvirt name or address',
  },
  parent: {
    form: '--parent NAME',
    text: 'the link under the shim (default: the one with the default route)',
  },
  shim: { form: '--shim NAME', text: 'the name of the shim (default: veth0)' },
  keepParent: {
    form: '--keep-parent',
    text: 'the link keeps its configuration (`managed: false`), beside a shim\nwith an address of its own',
  },
  address: {
    form: '--address A',
    text: 'with --keep-parent: the address of the shim, as in 198.51.100.222/32',
  },
  range: {
    form: '--range N',
    text: 'with --keep-parent: the network of the guests, as in 198.51.100.192/27\n(default: that of the containers on the link)',
  },
  compose: {
    form: '--compose FILE',
    text: 'a compose file with macvlan networks of containers; several times',
  },
  newMac: {
    form: '--new-mac',
    text: 'derive the MAC of the shim, even if a lease depends on the old one',
  },
  write: { form: '--write FILE', text: 'write the intent to a new file' },
  script: { form: '--script', text: 'print the change script that the steps run' },
  timeout: {
    form: '--timeout T',
    text: 'until it rolls back by itself: 90s, 2m, 1h (default: 2m; with\n--reboot 5m, from the boot on)',
  },
  reboot: {
    form: '--reboot',
    text: 'the reboot is the activation, for changes that need one',
  },
  yes: { form: '--yes', text: 'confirm once the change is verified' },
  move: {
    form: '--move FILE',
    text: "move another program's file away with the change (a bridge's, in a\nmigration); several times",
  },
  switch: {
    form: '--switch',
    text: 'disable the system that owns the network, and enable the one of the\nback end; a rollback reverses it',
  },
  noPrune: { form: '--no-prune', text: 'leave orphaned files' },
  fix: {
    form: '--fix',
    text: 'fix what has one certain fix (explain CODE), and report what is left',
  },
  only: { form: '--only CODE', text: 'with --fix: fix this alone; several times' },
  noMode: { form: '--no-mode', text: 'do not compare modes and owners (git keeps neither)' },
  strict: { form: '--strict', text: 'warnings are errors' },
} as const satisfies Record<string, OptionHelp>;

export type OptionName = keyof typeof OPTIONS;

const SEVERAL_HOSTS = 'of a fleet: these hosts only; NAME,NAME or several times';
const HOST_HERE = `${SEVERAL_HOSTS};\nwith --root / it is this machine`;
const SEVERAL_BACKENDS =
  'back end (`help` lists them), in place of `backend` in the intent;\nmay be given several times';

/** Where an option is not the same for a command. */
const OF_COMMAND: Partial<Record<Command, Partial<Record<OptionName, string>>>> = {
  render: {
    backend:
      'back end (below), in place of `backend` in the intent; may be given\nseveral times with --root',
    host: HOST_HERE,
  },
  check: {
    root: 'compare the tree below DIR (default: /); of a fleet those below\nDIR/<host>/',
    output:
      "files are flat in DIR, which stands for the back end's own directory\n(/etc/systemd/network)",
    host: HOST_HERE,
  },
  diff: { backend: SEVERAL_BACKENDS, host: SEVERAL_HOSTS },
  lint: {
    backend: SEVERAL_BACKENDS,
    host: SEVERAL_HOSTS,
    dryRun: 'with --fix: print the diff, and write nothing',
  },
  explain: { host: 'of a fleet: this host; several with --format json' },
  init: {
    root: "read the host's files below DIR (default: /, this host)",
    host: 'the name of the host (default: that in its files)',
  },
  steps: { root: 'the steps for the tree below DIR, once it is copied to the host' },
};

/** How an option is written, and what it does for a command. */
export const optionHelp = (name: OptionName, command: Command): OptionHelp => ({
  form: OPTIONS[name].form,
  text: OF_COMMAND[command]?.[name] ?? OPTIONS[name].text,
});

/** `--backend`, of `-b, --backend ID`. */
export const longName = (name: OptionName): string =>
  /--[a-z-]+/.exec(OPTIONS[name].form)?.[0] ?? '';
