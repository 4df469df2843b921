/**
 * A host with a bridge, a guest that runs on it and one that does not: to macvtap and back by `apply`, each
 * rolled back by its timer first, and then confirmed. Host and guest are pinged from the LAN and from another subnet.
 */
import { withMachine } from '../../drive/boot.ts';
import {
  attachedTo,
  CONFIGURATION,
  type Domain,
  define,
  PACKAGES,
  putKernel,
  startLibvirt,
  storedText,
  virsh,
} from '../../drive/domains.ts';
import { untilOnline } from '../../drive/look.ts';
import type { Running } from '../../drive/machine.ts';
import type { Program } from '../../drive/program.ts';
import type { Scene } from '../../drive/scene.ts';
import type { Image } from '../../image/images.ts';
import { withPackages } from '../../image/packages.ts';
import { must, run } from '../../process.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { APPLY_KINDS } from '../apply/kinds.ts';
import { type Cell, cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { ADDRESS, BRIDGE, type Kind, ORIGINAL } from '../change/kinds.ts';
import { connect, GATEWAY } from '../change/lan.ts';
import { now, type Reach, watch } from '../change/reach.ts';

const PART = 'libvirt';
const INTENT = '/var/lib/lab-intent.yaml';
const GUEST_ADDRESS = '198.51.100.198';
const RUNS: Domain = {
  name: 'vm1',
  mac: '52:54:00:51:00:a1',
  address: `${GUEST_ADDRESS}/24`,
  gateway: GATEWAY,
};
const SLEEPS: Domain = { ...RUNS, name: 'vm2', mac: '52:54:00:51:00:a2' };
/** How long a guest takes to boot without KVM, on a machine that has other things to do. */
const GUEST_SECONDS = 120;
const REACH_SECONDS = 30;
const APPLY_SECONDS = 180;

const THERE = `${ORIGINAL.intent}guests:
${[RUNS, SLEEPS].map(({ name, mac }) => `  ${name}: {parent: eth0, macaddress: "${mac}"}\n`).join('')}`;

/** What a domain is attached to. */
const ON_BRIDGE = 'bridge br0';
const ON_NIC = 'direct eth0';

interface Turn {
  readonly name: string;
  readonly intent: string;
  /** With the files of the site that go. */
  readonly moves: boolean;
  readonly isConfirmed: boolean;
  readonly is: string;
}

const TURNS: readonly Turn[] = [
  {
    name: 'to macvtap, rolled back',
    intent: THERE,
    moves: true,
    isConfirmed: false,
    is: ON_BRIDGE,
  },
  { name: 'to macvtap', intent: THERE, moves: true, isConfirmed: true, is: ON_NIC },
  {
    name: 'to the bridge, rolled back',
    intent: BRIDGE.intent,
    moves: false,
    isConfirmed: false,
    is: ON_NIC,
  },
  { name: 'to the bridge', intent: BRIDGE.intent, moves: false, isConfirmed: true, is: ON_BRIDGE },
];

/** A guest's kernel boots without KVM: a minute, and more on a busy machine. */
const SUITE = 'bookworm';

export function movedTrials(images: readonly Image[]): Trial[] {
  const site = APPLY_KINDS.find(({ site: files }) => files)?.site ?? {};
  return images
    .filter(({ suite }) => suite === SUITE)
    .flatMap((image) =>
      Object.keys(site).map((backend) => ({
        part: PART,
        words: ['guests from a bridge and back', backend, image.suite],
        repeat: [
          '--tier',
          '1',
          '--backend',
          'libvirt',
          '--only',
          `guests from a bridge and back, ${backend}`,
        ],
        run: () => moved(image, backend, site),
      })),
    );
}

async function moved(
  image: Image,
  backend: string,
  site: NonNullable<Kind['site']>,
): Promise<Verdict> {
  const withLibvirt = await withPackages(image, 'libvirt', PACKAGES);
  const [driver] = driversFor(backend, withLibvirt);
  if (!driver) return { failures: [`no driver for ${backend}`] };
  const kind: Kind = { name: 'guests', second: ORIGINAL, nics: ['eth0'], site };
  const cell = await cellOf(kind, backend, withLibvirt, driver);
  if ('refusal' in cell) return { outcome: 'refused', reason: cell.refusal, failures: [] };
  const host = {
    ...cell.host,
    files: [
      ...cell.host.files,
      { path: '/etc/libvirt/qemu.conf', mode: 0o644, text: CONFIGURATION },
    ],
  };
  const failures: string[] = [];
  const evidence: Record<string, string> = {};
  const figures: Record<string, number> = {};
  await withMachine(host, async (machine, surround) => {
    await putKernel(machine);
    const scene = await surround();
    await connect(scene, kind.nics);
    const running = await machine.boot(scene);
    try {
      await untilOnline(running, 150);
      await startLibvirt(running);
      for (const domain of [RUNS, SLEEPS]) await define(running, domain, 'br0');
      await virsh(running, 'start', RUNS.name);
      const reaches = { host: watch(scene, ADDRESS), guest: watch(scene, GUEST_ADDRESS) };
      const silent = await reaches.guest.untilAnswered(now(), GUEST_SECONDS);
      if (silent.length > 0) throw new Error(`the guest does not boot: ${silent.join('; ')}`);
      for (const turn of TURNS) {
        const lines = await turned(
          cell,
          cell.program,
          { running, scene },
          reaches,
          turn,
          figures,
          evidence,
        );
        failures.push(...lines.map((line) => `${turn.name}: ${line}`));
        if (lines.length > 0) break;
      }
      await Promise.all(Object.values(reaches).map((reach) => reach.end()));
    } finally {
      const journal = ['journalctl', '--no-pager', '--output=short-monotonic', '--merge'];
      evidence['journal'] = await must(running.inside(journal), '', 30).catch(String);
    }
  });
  const notes = Object.entries(figures).map(
    ([what, seconds]) => `${what} for ${seconds.toFixed(2)} s`,
  );
  return { failures, evidence, figures, notes };
}

interface Reaches {
  readonly host: Reach;
  readonly guest: Reach;
}

async function turned(
  { host, kind }: Cell,
  program: Program,
  { running }: { readonly running: Running; readonly scene: Scene },
  reaches: Reaches,
  { name, intent, moves, isConfirmed, is }: Turn,
  figures: Record<string, number>,
  evidence: Record<string, string>,
): Promise<string[]> {
  await must(running.inside(['sh', '-c', `cat >${INTENT}`]), intent);
  const before = [RUNS, SLEEPS].map((domain) => storedText(running, domain.name));
  const since = now();
  const site = Object.values(kind.site ?? {}).flat();
  const moved = moves
    ? host.files
        .filter(({ path }) => site.some((file) => file.path === path))
        .map(({ path }) => path)
    : [];
  const words = [
    ...['apply', INTENT, ...moved.flatMap((path) => ['--move', path])],
    ...(isConfirmed ? ['--yes'] : ['--timeout', '20s']),
  ];
  const { status, text } = await program.run(running, words, APPLY_SECONDS);
  evidence[name] = text;
  const wanted = isConfirmed ? 0 : 1;
  const lines = status === wanted ? [] : [`apply: status ${status}: ${text.trim()}`];
  const pending = ['sh', '-c', 'ls -d /etc/macvtap-render/pending* 2>/dev/null'];
  if ((await run(running.inside(pending))).stdout !== '') lines.push('a change is still pending');
  for (const what of ['host', 'guest'] as const) {
    const silent = await reaches[what].untilAnswered(now(), REACH_SECONDS);
    lines.push(...silent.map((line) => `${what}: ${line}`));
    if (silent.length === 0)
      figures[`${what} out of reach, ${name}`] = reaches[what].silence(since);
  }
  const seen = [
    [RUNS.name, 'live'],
    [RUNS.name, 'stored'],
    [SLEEPS.name, 'stored'],
  ] as const;
  for (const [domain, side] of seen) {
    const found = await attachedTo(running, domain, side);
    if (found !== is) lines.push(`${domain}, ${side}: ${found || 'no interface'}, must be ${is}`);
  }
  const after = [RUNS, SLEEPS].map((domain) => storedText(running, domain.name));
  if (!isConfirmed && after.join() !== before.join())
    lines.push('a stored definition is another one');
  return lines;
}
