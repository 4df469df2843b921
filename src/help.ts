/** `--help`: what the program is for, and how it is used, on one screen. */
import { backends, packagings } from './index.ts';

export function help(): string {
  const ways = backends.map(({ id, summary }) => `  ${id.padEnd(23)} ${summary}`).join('\n');
  const forms = packagings.map(({ id, summary }) => `  ${id.padEnd(23)} ${summary}`).join('\n');
  return `macvtap-render - one description of a virtualisation host's network, written
for the system that owns it.

Guests attach to the host's NIC by macvtap. So that host and guests can talk,
the NIC is up without any address, and a macvlan on top of it, the shim,
carries the host's address. This writes it down so that it survives a reboot.

Usage
  macvtap-render [render] [INTENT] --backend ID... [--root DIR | --output DIR]
  macvtap-render check    [INTENT] --backend ID [--root DIR]   what differs on disk
  macvtap-render diff     A B [--backend ID...]        what changes on the machine
  macvtap-render lint     [INTENT] [--backend ID...]   diagnostics, and notes
  macvtap-render explain  [INTENT] --backend ID        every line, and why it is there
  macvtap-render steps    [INTENT] --backend ID [--root DIR]   arm, activate, confirm
  macvtap-render schema                                the JSON Schema of an intent

INTENT is a file, - for standard input, or left out: macvtap.yaml, macvtap.yml,
macvtap.json or .config/macvtap.yaml is then looked for, from here up to the root
of the repository or the home folder. Several files, or a directory, are a fleet (see
below). The least that is an intent:

  version: 1
  host: kvm1
  shims:
    veth0:
      parent: eth0
      addresses: [198.51.100.50/24]
      routes:
        - {to: default, via: 198.51.100.254}

Back ends (--backend, -b; may be given several times)
${ways}
  netplan                 the one of the two that --renderer, or else the intent, says

Formats (--format)
${forms}

Options
  --root DIR         write the target's tree below DIR (--root / installs); with several
                     back ends each goes to DIR/<back end>/; of a fleet each host's to
                     DIR/<host>/ (or DIR/<back end>/<host>/)
  --output DIR       write the files flat into DIR, which stands for the back end's own
                     directory (e.g. /etc/systemd/network); of a fleet, into DIR/<host>/
  --format FORMAT    on standard output, or with --output where it is a folder: one of the
                     above; with json, diagnostics are JSON too. check: json, sarif;
                     diff: json, markdown
  --host NAME        of a fleet: this host (may be given several times, or NAME,NAME);
                     with --root / it is this machine
  --keep-going       of a fleet: write the hosts that are right although others are not;
                     the exit status is still 2
  --renderer R       networkd or NetworkManager, for --backend netplan
  --target T         what must accept the output: a distribution (debian-12, rhel-9 ...),
                     host (this one's), or versions (systemd=252,netplan=0.106); unless
                     said, every version that is still supported
  --dry-run          with --root or --output: say what would be written, and stop
  --force            write over a file that is not ours, or another host's; install
                     although something on the host will fight with it
  --backup           keep what is replaced or removed: with --root in a pending directory
                     (/etc/macvtap-render/pending; --root / does so by default), with
                     --output beside the file
  --no-backup        with --root /: keep nothing, so that nothing can be rolled back
  --no-prune         leave files of ours that the intent has no more
  --no-mode          check: do not compare modes and owners (git keeps neither)
  --script           steps: print the change script that the steps run
  --strict           warnings are errors
  -h, --help         this text
  -V, --version      the version

A fleet has defaults and hosts; mappings are merged, lists replaced, null takes away:

  version: 1
  defaults: {shims: {veth0: {parent: eth0}}}
  hosts:
    kvm1: {shims: {veth0: {addresses: [198.51.100.50/24]}}}
    kvm2: {shims: {veth0: {addresses: [198.51.100.51/24]}}}

check looks at / unless --root or --output says otherwise. A and B are intents: files,
or REVISION:PATH as git knows them (main:macvtap.yaml).

Nothing is written unless everything is right, and nothing that is not ours is
overwritten. Nothing is activated: prints the activation and rollback steps.

Exit status: 0 done; 1 check or diff found a difference; 2 the intent is wrong or
not found; 3 the command line is wrong; 4 the system refused (permission, disk,
somebody else's file); 70 a bug of ours; 130 interrupted.
`;
}
