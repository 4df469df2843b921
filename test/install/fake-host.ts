/**
 * A host that is a folder: files, and commands that are shell scripts, with a kernel of a few links.
 * The change script runs on it as it is, without root, and everything that it asks for is on record.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../command.ts';

export interface FakeHost {
  readonly root: string;
  /** Runs a word of the change script, by default from where it is kept. */
  change(words: readonly string[], script?: string): { status: number | null; output: string };
  /** Puts the script there as an upload does. @returns its path */
  send(text: string): string;
  write(path: string, text: string, mode?: number): void;
  read(path: string): string | undefined;
  remove(path: string): void;
  rename(from: string, to: string): void;
  /** Commands that ran since the last call, with their words. */
  commands(): string[];
  /** What the kernel has of a link: `kind`, `parent`, `mode`, `address`, `mtu`, `bclim`, `bcqueuelen`, or its addresses. */
  link(name: string): Readonly<Record<string, string>> | undefined;
  addLink(name: string, has: Readonly<Record<string, string>>): void;
  /** Everything below the root but what the fake itself has. */
  files(): string[];
  /** Another host that is as this one is now, with what is on record. */
  copy(): FakeHost;
}

/** `ip`: links are folders of one-line files. */
export const IP = `
net=$FAKE/sys/class/net
# Called so often that it starts no other program.
show() {
  device=$1 parent= mode= kind= address=
  for key in parent mode kind address; do
    [ ! -s "$net/$device/$key" ] || read -r "$key" <"$net/$device/$key"
  done
  printf '%s\\n' "2: $device\${parent:+@$parent}: <UP> mtu 1500 \\\\    link/ether $address brd ff:ff:ff:ff:ff:ff \${kind:+\\\\    $kind\${mode:+ mode $mode} numtxqueues 1}"
}
case "$*" in
  '-d -o link show dev '* | '-o link show dev '*)
    for device; do :; done
    [ -e "$net/$device" ] || exit 1
    show "$device"
    ;;
  '-d -o link show' | '-o link show') for device in "$net"/*; do [ ! -e "$device" ] || show "\${device##*/}"; done ;;
  'neigh show') if [ -e "$FAKE/neighbours" ]; then cat "$FAKE/neighbours"; else echo '192.0.2.99 dev eth0 lladdr 02:00:00:00:00:99 REACHABLE'; fi ;;
  *'-o address show dev '*) for device; do [ ! -e "$net/$device/addresses" ] || cat "$net/$device/addresses"; done ;;
  '-4 route show default dev '* | '-6 route show default dev '*) cat "$net/$6/default$1" 2>/dev/null ;;
  '-4 route show dev '*) [ ! -e "$net/$5/routes" ] || cat "$net/$5/routes" ;;
  'link delete dev '*) rm -r "$net/$4" ;;
  'link set dev '*' address '*) echo "$6" >"$net/$4/address" ;;
  'link set dev '*' master '*) echo "$6" >"$net/$4/master" ;;
  'link set dev '*' mtu '*) echo "$6" >"$net/$4/mtu" ;;
  # The kernel has one threshold for a parent.
  'link set dev '*' type macvlan bclim '*) echo "$8" >"$net/$(cat "$net/$4/parent")/bclim" ;;
  'link set dev '*' type macvlan bcqueuelen '*) echo "$8" >"$net/$4/bcqueuelen" ;;
  'link set dev '*' type '*' mode '*) echo "$8" >"$net/$4/mode" ;;
  'link add link '*)
    mkdir "$net/$6"
    echo "$4" >"$net/$6/parent"
    echo 1500 >"$net/$6/mtu"
    device=$6
    shift 6
    if [ "$1" = address ]; then echo "$2" >"$net/$device/address"; shift 2; else echo 02:00:00:00:00:ff >"$net/$device/address"; fi
    echo "$2" >"$net/$device/kind"
    echo "$4" >"$net/$device/mode"
    ;;
esac
`;

/**
 * networkd, as 252 is: it creates a device when its definition is new to it, or when the link below is
 * configured and it has it in memory; it changes none that exists. It says when it cannot create one.
 */
const NETWORKCTL = `
net=$FAKE/sys/class/net
# The keys of a file as variables: Name, Kind, Mode, MACAddress, and those of MACVLAN as a list.
keys() {
  Name= Kind= Mode= MACAddress= MACVLAN=
  while IFS='=' read -r key value || [ -n "$key" ]; do
    case $key in
      Name | Kind | Mode | MACAddress) eval "$key=\\$value" ;;
      MACVLAN) MACVLAN="$MACVLAN $value " ;;
    esac
  done <"$1"
}
create() {
  parent=
  keys "$1"
  device=$Name kind=$Kind mode=$Mode address=$MACAddress
  for network in "$FAKE"/etc/systemd/network/*.network; do
    [ -e "$network" ] || continue
    keys "$network"
    case $MACVLAN in *" $device "*) parent=$Name; break ;; esac
    network=
  done
  [ -e "$network" ] || return 0
  # One that is found by its MAC is the one that the file is named by.
  if [ -z "$parent" ]; then
    parent=\${network##*/}
    parent=\${parent%.network}
    parent=\${parent#00-macvtap-}
  fi
  if [ -e "$net/$device" ]; then echo "networkd: $device: File exists" >>"$FAKE/errors"; return 0; fi
  mkdir "$net/$device"
  for key in parent kind mode address; do eval "echo \\$$key" >"$net/$device/$key"; done
  echo 1500 >"$net/$device/mtu"
}
[ -d "$FAKE/memory" ] || mkdir "$FAKE/memory"
case "$*" in
  reload)
    for file in "$FAKE"/memory/*.netdev; do
      [ -e "$FAKE/etc/systemd/network/\${file##*/}" ] || rm -f "$file"
    done
    for file in "$FAKE"/etc/systemd/network/*.netdev; do
      [ -e "$file" ] || continue
      if [ ! -e "$FAKE/memory/\${file##*/}" ]; then
        create "$file"
        cp "$file" "$FAKE/memory"
      fi
    done
    ;;
  'reconfigure '*)
    for file in "$FAKE"/memory/*.netdev; do
      keys "$file"
      [ -e "$net/$Name" ] || create "$file"
    done
    ;;
esac
`;

const STUBS: Readonly<Record<string, string>> = {
  ip: IP,
  networkctl: NETWORKCTL,
  nmcli: '',
  ping: '',
  sync: '',
  logger: '',
  ifup: '',
  ifdown: '',
  netplan: '',
  // Runs what it is given at once, but for a timer. A service ignores SIGPIPE (systemd.exec(5)).
  'systemd-run': `
trap '' PIPE
case "$*" in *--help*) echo '--collect --wait'; exit ;; *--on-active*) exit ;; esac
while [ "\${1#--}" != "$1" ]; do shift; done
exec "$@"
`,
  systemctl: 'case "$*" in *is-active*systemd-networkd*) exit 0 ;; *is-active*) exit 3 ;; esac',
};

/** What a tool says of how the script calls it: the script goes on, and misses what it asked for. */
export const toolErrors = (output: string): string[] =>
  output
    .split('\n')
    .filter((line) =>
      /^(?:sed|grep|sort|cut|cat|cp|mv|rm|ls|find|mkdir|readlink|head|tr|printf|sh|.*\/change): /.test(
        line,
      ),
    );

/** A tree for another root: what names the old one (the script, its units) names the new one. */
function copyTree(from: string, to: string): void {
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const path = join(to, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) {
      const target = readlinkSync(path);
      if (!target.startsWith(`${from}/`)) continue;
      rmSync(path);
      symlinkSync(to + target.slice(from.length), path);
    } else if (stat.isFile()) {
      const text = readFileSync(path, 'utf8');
      if (text.includes(from)) writeFileSync(path, text.replaceAll(from, to));
    }
  }
}

/**
 * What many tests begin with, made once: each gets a copy. The script and its many processes are
 * what a test of it costs.
 */
export function copiesOf(make: () => FakeHost): () => FakeHost {
  let first: FakeHost | undefined;
  return () => {
    first ??= make();
    return first.copy();
  };
}

/** A tenth of a second is what the script waits for others by turns; who waits is not what is tried. */
const SLEEP = `#!/bin/sh
case $1 in
  0.1) PATH=\${PATH#*:} exec sleep 0.02 ;;
esac
PATH=\${PATH#*:} exec sleep "$@"
`;

/**
 * @param more commands of this host alone: name → body
 * @param isHostile its files are such that tools complain; elsewhere a complaint is a fault of the script
 */
export function fakeHost(
  more: Readonly<Record<string, string>> = {},
  { isHostile = false }: { readonly isHostile?: boolean } = {},
): FakeHost {
  const top = temporaryFolder();
  const root = join(top, 'root');
  const record = join(top, 'commands');
  const bin = join(top, 'bin');
  for (const folder of [
    'root/etc',
    'root/sys/class/net',
    'root/run/systemd/system',
    'root/proc/sys/kernel/random',
    'bin',
  ]) {
    mkdirSync(join(top, folder), { recursive: true });
  }
  writeFileSync(record, '');
  writeFileSync(join(bin, 'sleep'), SLEEP, { mode: 0o755 });
  for (const [name, body] of Object.entries({ ...STUBS, ...more })) {
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${record}'\nFAKE='${root}'\n${body}\n`,
    );
    chmodSync(join(bin, name), 0o755);
  }
  const host: FakeHost = {
    root,
    change(words, script = join(root, 'etc/macvtap-render/pending/change')) {
      const { status, stdout, stderr } = spawnSync('sh', [script, ...words], {
        encoding: 'utf8',
        env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      });
      const output = `${stdout}${stderr}`;
      const wrong = toolErrors(output);
      if (wrong.length > 0 && !isHostile)
        throw new Error(`${words.join(' ')}: ${wrong.join('; ')}`);
      return { status, output };
    },
    send(text) {
      const parts = text.split('\nROOT=\n');
      if (parts.length !== 2) throw new Error('the script has no root of its own');
      host.write('/etc/macvtap-render/change', parts.join(`\nROOT='${root}'\n`));
      return join(root, 'etc/macvtap-render/change');
    },
    write(path, text, mode = 0o644) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      chmodSync(join(root, path), mode);
    },
    read: (path) =>
      existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined,
    remove: (path) => rmSync(join(root, path)),
    rename: (from, to) => renameSync(join(root, from), join(root, to)),
    commands() {
      const lines = readFileSync(record, 'utf8').split('\n').slice(0, -1);
      writeFileSync(record, '');
      return lines;
    },
    link(name) {
      const folder = join(root, 'sys/class/net', name);
      if (!existsSync(folder)) return undefined;
      return Object.fromEntries(
        readdirSync(folder).map((key) => [key, readFileSync(join(folder, key), 'utf8').trim()]),
      );
    },
    addLink(name, has) {
      for (const [key, value] of Object.entries(has)) {
        host.write(`/sys/class/net/${name}/${key}`, `${value}\n`);
      }
    },
    files: () =>
      readdirSync(join(root, 'etc'), { recursive: true, encoding: 'utf8' })
        .map((path) => `/etc/${path}`)
        .sort(),
    copy() {
      const other = fakeHost(more, { isHostile });
      rmSync(other.root, { recursive: true });
      copyTree(root, other.root);
      const recorded = readFileSync(record, 'utf8').replaceAll(root, other.root);
      writeFileSync(join(other.root, '../commands'), recorded);
      return other;
    },
  };
  host.write('/proc/sys/kernel/random/boot_id', 'boot-1\n');
  host.addLink('eth0', {
    address: '52:54:00:00:00:01',
    mtu: '1500',
    addresses: '2: eth0    inet 198.51.100.50/24 brd 198.51.100.255 scope global eth0',
  });
  return host;
}
