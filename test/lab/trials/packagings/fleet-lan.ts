/** Many booted hosts on one LAN, each with its address on its NIC, reached by SSH as hosts are. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { backendOf } from '../../../../src/backends/registry.ts';
import { compile } from '../../../../src/compile.ts';
import { intentOf } from '../../../golden/cases.ts';
import { furnishDisk } from '../../drive/disk.ts';
import { untilOnline } from '../../drive/look.ts';
import { type Machine, openMachine, type Running } from '../../drive/machine.ts';
import { openScene, type Scene } from '../../drive/scene.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { type Expected, expect } from '../../judge/expected.ts';
import { planLab } from '../../network/plan.ts';
import { must } from '../../process.ts';
import { type OldAddress, ofSystem } from '../past/old.ts';

/** A host of the fleet, before it is made. */
export interface Planned {
  readonly name: string;
  /** Which system it has, as its intent says. */
  readonly backend: string;
  readonly intent: string;
  readonly old: OldAddress;
  /** The MAC of its NIC. */
  readonly mac: string;
}

export interface Member extends Planned {
  readonly running: Running;
  readonly expected: Expected;
}

export interface Fleet {
  readonly members: readonly Member[];
  /** Where the play is run, and whom the hosts have for their gateway. */
  readonly scene: Scene;
}

const NIC = 'eth0';
const GATEWAY = '198.51.100.254';
const ADDRESS = '198.51.100.50';
const SSH = 'lab-ssh.service';
const BOOT_SECONDS = 120;
/** Booted at a time. */
const LANES = 4;

const addressOf = (index: number): string => `198.51.100.${index + 1}`;

/** The systems of the hosts, in turn. */
const SYSTEMS = [
  'networkd',
  'networkmanager',
  'netplan-networkd',
  'netplan-networkmanager',
] as const;

/** What a host of a back end has. */
export const systemsOf = (backend: string) => backendOf(backend, 'networkd').needs;

/** The original's host, so many times, each with a name, an address and a system of its own. */
export const planFleet = (count: number): Planned[] =>
  Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(2, '0');
    const name = `kvm${number}`;
    const backend = SYSTEMS[index % SYSTEMS.length] ?? SYSTEMS[0];
    return {
      name,
      backend,
      intent: intentOf('original')
        .replace(/^host: .*$/m, `host: ${name}\nbackend: ${backend}`)
        .replaceAll(`${ADDRESS}/`, `${addressOf(index)}/`),
      old: {
        nic: NIC,
        kind: 'static' as const,
        address: `${addressOf(index)}/24`,
        gateway: GATEWAY,
        nameserver: GATEWAY,
      },
      mac: `52:54:00:51:02:${(index + 1).toString(16).padStart(2, '0')}`,
    };
  });

/** What must come of a host's intent, on the NIC that it has. */
function expectedOf({ intent, mac, name }: Planned): Expected {
  const { model } = compile(intent, { file: name });
  if (!model) throw new Error(`${name}: the intent is wrong`);
  const segments = planLab(model).map((segment) => ({
    ...segment,
    cables: segment.cables.map((cable) => ({ ...cable, mac })),
  }));
  const all = expect(model, segments);
  const { routers } = segments[0]?.subnets[0] ?? {};
  if (routers?.[0] !== GATEWAY) throw new Error(`${name}: no router`);
  // There are no guests: what is on trial is that all of the hosts are right.
  return { ...all, pings: all.pings.filter(({ from, to }) => from !== 'guest' && to !== 'guest') };
}

const files = ({ old, backend }: Planned, key: string): TargetFile[] => [
  ...ofSystem(backend, old),
  { path: '/root/.ssh/authorized_keys', mode: 0o600, text: readFileSync(`${key}.pub`, 'utf8') },
  {
    path: `/etc/systemd/system/${SSH}`,
    mode: 0o644,
    text: `[Service]
ExecStartPre=mkdir -p /etc/dropbear
ExecStart=dropbear -F -E -R -s -m
`,
  },
];

/**
 * Boots them, and takes them away afterwards.
 * @param key the file of a private key of ssh-keygen(1), which root's login on each is for
 */
export async function withFleet<T>(
  image: Image,
  planned: readonly Planned[],
  key: string,
  body: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const ends: (() => Promise<void>)[] = [allowWatches(planned.length)];
  try {
    const scene = await openScene(image.root);
    ends.push(() => scene.end());
    const router = pathOf(scene, 'router');
    await inside(router, [
      'link add lan type bridge forward_delay 0',
      `addr add ${GATEWAY}/24 dev lan`,
      'link set lan up',
    ]);
    const members: Member[] = new Array(planned.length);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < planned.length) {
        const index = next++;
        const item = planned[index] as Planned;
        const own = await openScene(image.root);
        ends.push(() => own.end());
        const port = `p${index + 1}`;
        await inside(router, [
          `link add ${port} type veth peer name ${NIC} address ${item.mac} netns ${pathOf(own, 'host')}`,
          `link set ${port} master lan up`,
        ]);
        const machine = await openMachine(image.root);
        // The first to go: what has started last ends first.
        ends.push(() => machine.end());
        members[index] = {
          ...item,
          running: await bootOne(image, machine, own, item, key),
          expected: expectedOf(item),
        };
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return await body({ members, scene });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const WATCHES = '/proc/sys/fs/inotify/max_user_instances';
/** What the machine has itself; and what a host with its service manager, bus, udev and journal has. */
const OWN = 128;
const EACH = 12;

/** Watches of files are counted for all containers together. @returns puts back what the limit was */
function allowWatches(hosts: number): () => Promise<void> {
  const before = readFileSync(WATCHES, 'utf8');
  if (Number(before) >= OWN + EACH * hosts) return async () => {};
  writeFileSync(WATCHES, `${OWN + EACH * hosts}`);
  const back = (): void => writeFileSync(WATCHES, before);
  process.once('exit', back);
  return async () => {
    process.off('exit', back);
    back();
  };
}

async function bootOne(
  image: Image,
  machine: Machine,
  scene: Scene,
  item: Planned,
  key: string,
): Promise<Running> {
  await furnishDisk(machine, {
    image,
    systems: systemsOf(item.backend),
    hostname: item.name,
    files: files(item, key),
    gateways: [GATEWAY],
  });
  symlinkSync(`../${SSH}`, `${machine.root}/etc/systemd/system/multi-user.target.wants/${SSH}`);
  const running = await machine.boot(scene);
  const { reached } = await untilOnline(running, BOOT_SECONDS);
  if (reached.get(GATEWAY) !== true) throw new Error(`${item.name} does not reach its gateway`);
  return running;
}

const pathOf = ({ files: root, ...places }: Scene, place: 'host' | 'router'): string =>
  `${root}/run/netns/${places[place].network}`;

const inside = (network: string, lines: readonly string[]): Promise<string> =>
  must(['nsenter', `--net=${network}`, 'ip', '-batch', '-'], lines.map((l) => `${l}\n`).join(''));
