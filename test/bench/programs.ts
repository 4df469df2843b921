/** One host: the command, and other programs that configure a network, where they are installed. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND, REPOSITORY } from '../command.ts';
import { type Program, peakMemory, rounds } from './measure.ts';
import { pairedRatio, type Summary, summary } from './statistics.ts';

export const NATIVE_BUILD = join(REPOSITORY, 'dist/native/macvtap-render');

export interface ProgramCost {
  readonly name: string;
  readonly milliseconds: Summary;
  /** To `node -e 0`, of the same round. */
  readonly ratio: Summary;
  /** To netplan's generator, of the same round. */
  readonly toNetplan?: Summary;
  readonly mebibytes?: number;
  /** Of the file that is shipped. */
  readonly bytes?: number;
}

const BASE = 'node -e 0';
const NETPLAN = "netplan's generator";
const BOTH_STAGES = `${NETPLAN}, both stages`;

/** What a generator of systemd writes into (systemd.generator(7)). */
const UNITS = ['normal', 'early', 'late'];

/** @param root a root file system for the programs of others; absent: this machine */
export function programCosts(
  folder: string,
  count: number,
  root: string | undefined,
): ProgramCost[] {
  const intents = join(folder, 'intent');
  mkdirSync(join(intents, '.git'), { recursive: true });
  copyFileSync(join(REPOSITORY, 'golden/original/intent.yaml'), join(intents, 'macvtap.yaml'));
  const others = root === undefined ? othersIn(folder, '', []) : othersInRoot(root);
  try {
    const programs = [...ownPrograms(intents), ...others];
    const times = rounds(programs, count, folder);
    const base = times.get(BASE) ?? [];
    const netplan = times.get(NETPLAN) ?? times.get(BOTH_STAGES);
    return programs.map((program) => {
      const values = times.get(program.name) ?? [];
      const mebibytes = peakMemory(program, folder);
      const bytes = SIZES.get(program.name);
      return {
        name: program.name,
        milliseconds: summary(values),
        ratio: pairedRatio(values, base),
        ...(netplan && { toNetplan: pairedRatio(values, netplan) }),
        ...(mebibytes !== undefined && { mebibytes }),
        ...(bytes !== undefined && existsSync(bytes) && { bytes: statSync(bytes).size }),
      };
    });
  } finally {
    if (root !== undefined) rmSync(join(root, WORK), { recursive: true, force: true });
  }
}

const SIZES: ReadonlyMap<string, string> = new Map([
  ['render, intent named', COMMAND],
  ['native, intent named', NATIVE_BUILD],
]);

function ownPrograms(cwd: string): Program[] {
  const words = ['macvtap.yaml', '-b', 'networkd'];
  const node = (name: string, ...more: string[]): Program => ({
    name,
    words: [process.execPath, ...more],
    cwd,
  });
  const native = (name: string, ...more: string[]): Program => ({
    name,
    words: [NATIVE_BUILD, ...more],
    cwd,
  });
  return [
    node(BASE, '-e', '0'),
    node('render, intent named', COMMAND, ...words),
    node('render, intent found by search', COMMAND, '-b', 'networkd'),
    node('explain', COMMAND, 'explain', ...words),
    node('--version', COMMAND, '--version'),
    node('--help', COMMAND, '--help'),
    ...(existsSync(NATIVE_BUILD)
      ? [
          native('native, intent named', ...words),
          native('native, intent found by search', '-b', 'networkd'),
        ]
      : []),
  ];
}

/** Below `root`, and removed at the end. */
const WORK = 'tmp/macvtap-bench';

function othersInRoot(root: string): Program[] {
  mkdirSync(join(root, WORK), { recursive: true });
  const enter = ['chroot', root];
  const entered = { name: 'entering the root file system', words: [...enter, '/bin/true'] };
  return [entered, ...othersIn(join(root, WORK), root, enter)];
}

const ADDRESS = '198.51.100.50/24';

const NETPLAN_YAML = `network:
  version: 2
  renderer: networkd
  ethernets: {eth0: {dhcp4: false, dhcp6: false}}
  vlans: {veth0: {id: 5, link: eth0, addresses: [${ADDRESS}]}}
`;

const FILES: Readonly<Record<string, string>> = {
  '00-veth0.netdev': '[NetDev]\nName=veth0\nKind=macvlan\n\n[MACVLAN]\nMode=bridge\n',
  '00-veth0.network': `[Match]\nName=veth0\n\n[Network]\nAddress=${ADDRESS}\n`,
  '00-eth0.network': '[Match]\nName=eth0\n\n[Network]\nMACVLAN=veth0\nLinkLocalAddressing=no\n',
};

/**
 * @param folder where they work; `root` is what of it they do not see
 * @param enter what comes before each
 */
function othersIn(folder: string, root: string, enter: readonly string[]): Program[] {
  const seen = folder.slice(root.length);
  const find = (...paths: readonly string[]) => paths.find((path) => existsSync(root + path));
  const tree = join(folder, 'netplan');
  mkdirSync(join(tree, 'etc/netplan'), { recursive: true });
  writeFileSync(join(tree, 'etc/netplan/50-veth0.yaml'), NETPLAN_YAML, { mode: 0o600 });
  for (const name of UNITS) mkdirSync(join(tree, name), { recursive: true });
  writeFileSync(join(folder, 'cloud.yaml'), NETPLAN_YAML);
  writeFileSync(join(folder, 'here.sh'), hereDocuments(`${seen}/here`));
  writeAnsible(folder, seen);
  const generator = find('/usr/libexec/netplan/generate', '/usr/lib/netplan/generate');
  const configure = find('/usr/libexec/netplan/configure');
  const nmcli = find('/usr/bin/nmcli');
  const netplan = find('/usr/sbin/netplan');
  const cloudInit = find('/usr/bin/cloud-init');
  const ansible = find('/usr/bin/ansible-playbook');
  const found: readonly (Program | undefined)[] = [
    { name: 'here-document script', words: ['sh', `${seen}/here.sh`] },
    nmcli === undefined ? undefined : { name: 'nmcli --offline', words: [nmcli, ...NMCLI] },
    generator === undefined || configure !== undefined
      ? undefined
      : { name: NETPLAN, words: [generator, '--root-dir', `${seen}/netplan`] },
    configure === undefined
      ? undefined
      : { name: BOTH_STAGES, words: ['sh', '-c', bothStages(configure, `${seen}/netplan`)] },
    netplan === undefined
      ? undefined
      : { name: 'netplan generate', words: [netplan, 'generate', '--root-dir', `${seen}/netplan`] },
    cloudInit === undefined
      ? undefined
      : { name: "cloud-init's converter", words: [cloudInit, ...CONVERT(seen)] },
    ansible === undefined
      ? undefined
      : { name: 'ansible-playbook', words: [ansible, ...PLAYBOOK(seen)] },
  ];
  return found
    .flatMap((program) => program ?? [])
    .map((program) => ({ ...program, cwd: '/', words: [...enter, ...program.words] }))
    .filter((program) => runs(program));
}

/**
 * As boot runs it from netplan 1.2 on: as a generator of systemd, which writes units only and needs its
 * three directories (without them 1.2.2 aborts), then as a service, which writes the rest.
 */
function bothStages(configure: string, root: string): string {
  const units = UNITS.map((name) => `${root}/${name}`).join(' ');
  const generator = `/usr/lib/systemd/system-generators/netplan --root-dir ${root} ${units}`;
  return `${generator} && ${configure} --root-dir ${root}`;
}

/** One that is installed in part, or cannot work here, is left out, and its name printed. */
function runs({ name, words }: Program): boolean {
  const [first = '', ...rest] = words;
  const { status } = spawnSync(first, rest, { cwd: '/', stdio: 'ignore', timeout: 120_000 });
  if (status === 0) return true;
  process.stderr.write(`left out, as it fails here: ${name}\n`);
  return false;
}

const NMCLI: readonly string[] = [
  ...['--offline', 'connection', 'add', 'type', 'macvlan', 'con-name', 'veth0'],
  ...['ifname', 'veth0', 'dev', 'eth0', 'mode', 'bridge'],
  ...['ipv4.method', 'manual', 'ipv4.addresses', ADDRESS],
];

const CONVERT = (folder: string): readonly string[] => [
  ...['devel', 'net-convert', '-p', `${folder}/cloud.yaml`, '-k', 'yaml'],
  ...['-d', `${folder}/cloud`, '-D', 'debian', '-O', 'networkd'],
];

const PLAYBOOK = (folder: string): readonly string[] => [
  ...['-i', 'localhost,', '-c', 'local', `${folder}/play.yaml`],
];

const hereDocuments = (folder: string): string =>
  [
    `set -e\nmkdir -p ${folder}\n`,
    ...Object.entries(FILES).map(
      ([name, text]) => `cat > ${folder}/${name} <<EOF\n${text}EOF\nchmod 0644 ${folder}/${name}\n`,
    ),
  ].join('');

function writeAnsible(folder: string, seen: string): void {
  const tasks = Object.entries(FILES).map(([name, text]) => {
    writeFileSync(join(folder, `${name}.j2`), text.replace(ADDRESS, '{{ address }}'));
    return `    - template: {src: ${seen}/${name}.j2, dest: ${seen}/ansible/${name}, mode: "0644"}\n`;
  });
  mkdirSync(join(folder, 'ansible'), { recursive: true });
  const play = `- hosts: all\n  gather_facts: false\n  vars: {address: ${ADDRESS}}\n  tasks:\n${tasks.join('')}`;
  writeFileSync(join(folder, 'play.yaml'), play);
}
