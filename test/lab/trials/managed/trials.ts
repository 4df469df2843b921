/**
 * A side shim on a NIC that other files configure (`managed: false`): put on a running host, and
 * booted; the NIC keeps what it had, and host, LAN and guest reach each other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { backends as allBackends, backendOf } from '../../../../src/backends/registry.ts';
import { compile } from '../../../../src/compile.ts';
import { type Host, withMachine } from '../../drive/boot.ts';
import type { Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import { putFiles, type TargetFile } from '../../image/host.ts';
import { hasTree, type Image } from '../../image/images.ts';
import { readKernel } from '../../judge/observed.ts';
import { startGuest } from '../../network/lan.ts';
import type { Selection } from '../../options.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { checkOld, type Kind, type OldAddress, ofSystem } from '../past/old.ts';
import { onTop, situationOf } from '../past/situation.ts';

const PART = 'managed';
const SHIM = 'mac-shim';
const SHIM_ADDRESS = '198.51.100.222';
/** So long may it take until all is there; what is not to come is not waited for as long. */
const SECONDS = 45;
const LOST_SECONDS = 12;
/** netplan generates in Python, and `nmcli` waits for a lease: on a busy machine more than the usual limit. */
const ACTIVATION_SECONDS = 60;

/** What the intent has of the parent, and the line that a fault must be seen by. */
const PARENTS = {
  right: { says: 'managed: false, network-file: 10-eth0.network', seenBy: undefined },
  'the NIC is taken': { says: '', seenBy: /^booted: (?:addresses|default routes)/ },
  // ifupdown adds its own stanza of the NIC to that of the site, which stays.
  'no route to the guest': {
    says: 'managed: false, network-file: 10-eth0.network',
    seenBy: /^booted: guest → .*: no answer/,
  },
} as const satisfies Readonly<Record<string, { says: string; seenBy: RegExp | undefined }>>;
type What = keyof typeof PARENTS;

/**
 * On each back end and suite, by lease and by static address; and, on one suite, without the line, which
 * must be seen.
 */
export function managedTrials(
  { backends, suites }: Pick<Selection, 'backends' | 'suites'>,
  images: readonly Image[],
): Trial[] {
  const ids = allBackends
    .filter(({ id, scope, needs }) => scope === 'host' && needs.length > 0 && backends.includes(id))
    .map(({ id }) => id);
  return images.flatMap((image) => {
    const hasFault = image.suite === 'trixie' || !suites.includes('trixie');
    return ids.flatMap((id) => {
      const fault = id === 'ifupdown' ? 'no route to the guest' : 'the NIC is taken';
      return [
        trial(id, 'static', 'right', image),
        // The DHCP client of ifupdown, which sid no longer has.
        ...(id === 'ifupdown' && !hasTree(image, 'dhclient')
          ? []
          : [trial(id, 'dhcp', 'right', image)]),
        ...(hasFault ? [trial(id, 'static', fault, image)] : []),
      ];
    });
  });
}

function trial(backend: string, kind: Kind, what: What, image: Image): Trial {
  const { suite } = image;
  const fault = what === 'right' ? [] : [`negative: ${what}`];
  return {
    part: PART,
    words: ['side shim', kind, backend, suite, ...fault],
    repeat: ['--only', PART, '--backend', backend, '--suite', suite],
    run: async (): Promise<Verdict> => {
      const situation = situationOf(kind, 'static', backend, image);
      if (typeof situation === 'string') {
        return { outcome: 'refused', reason: situation, failures: [] };
      }
      const { host, old } = situation;
      const failures = await run(host, old, backend, what, image);
      const { seenBy } = PARENTS[what];
      if (!seenBy) return { failures };
      const seen = failures.filter((line) => seenBy.test(line));
      return seen.length > 0
        ? { failures: [], notes: seen }
        : { failures: [`not seen: ${what}`, ...failures] };
    },
  };
}

const INTERFACES = '/etc/network/interfaces';

/** What configures the NIC, in the files of the same system. */
function filesBefore(backend: string, old: OldAddress): TargetFile[] {
  if (backend !== 'ifupdown') return ofSystem(backend, old);
  const { nic, kind, address, gateway } = old;
  const lines = [
    `source ${INTERFACES}.d/*`,
    'auto lo',
    'iface lo inet loopback',
    `auto ${nic}`,
    `iface ${nic} inet ${kind}`,
    ...(kind === 'static' ? [`    address ${address}`, `    gateway ${gateway}`] : []),
  ];
  return [{ path: INTERFACES, mode: 0o644, text: `${lines.join('\n')}\n` }];
}

/** On the running host, and after a boot. @returns what is not as it must be */
function run(
  host: Host,
  old: OldAddress,
  backendId: string,
  what: What,
  image: Image,
): Promise<string[]> {
  const before = onTop(
    host.files.filter(({ path }) => path === '/etc/hostname'),
    filesBefore(backendId, old),
  );
  const guest = host.segments[0]?.guest?.addresses.find((address) => !address.includes(':'));
  const range = `${guest?.split('/')[0] ?? ''}/32`;
  const routes = what === 'no route to the guest' ? '' : `{to: ${range}, scope: link}`;
  const intent = `version: 1\nhost: kvm1\nparents: {${old.nic}: {${PARENTS[what].says}}}\nshims: {${SHIM}: {parent: ${old.nic}, addresses: [${SHIM_ADDRESS}/32], routes: [${routes}]}}\n`;
  // netplan's own name of the file is the default.
  const text = backendId === 'networkd' ? intent : intent.replace(/, network-file: \S+network/, '');
  const { sets, model, diagnostics } = compile(text, {
    file: 'x',
    backends: [backendId],
    target: image.target,
  });
  const [set] = sets ?? [];
  if (!set || !model) throw new Error(JSON.stringify(diagnostics));
  const { activation } = backendOf(backendId, 'networkd');
  return withMachine({ ...host, files: before }, async (machine, surround) => {
    const scene = await surround();
    const running = await machine.boot(scene);
    const first = await untilRight(() => checkOld(running, scene.router, old, [SHIM]));
    if (first.length > 0) return first.map((line) => `before: ${line}`);
    putFiles(machine.root, set.files);
    const commands = activation(model).commands.join('\n');
    const { status, stderr } = await running.runInside(
      ['sh', '-c', commands],
      '',
      ACTIVATION_SECONDS,
    );
    const seconds = what === 'right' ? SECONDS : LOST_SECONDS;
    const live = await untilRight(() => checkKept(running, scene, host, old), seconds);
    const [after] = await Promise.all([surround(), running.reboot()]);
    await scene.end();
    const again = await machine.boot(after);
    const booted = await untilRight(() => checkKept(again, after, host, old), seconds);
    return [
      ...(status === 0 ? [] : [`live: the activation failed: ${stderr.trim()}`]),
      ...live.map((line) => `live: ${line}`),
      ...booted.map((line) => `booted: ${line}`),
    ];
  });
}

async function untilRight(look: () => Promise<string[]>, seconds = SECONDS): Promise<string[]> {
  const end = performance.now() + seconds * 1000;
  let found = await look();
  while (found.length > 0 && performance.now() < end) {
    await sleep(500);
    found = await look();
  }
  return found;
}

/** The NIC has its address and the default route, the shim its own; guest and LAN reach the host. */
async function checkKept(
  running: Running,
  { router, guest }: Scene,
  { segments }: Host,
  { nic, address, gateway }: OldAddress,
): Promise<string[]> {
  const { links, routes } = await readKernel(running);
  const on = (name: string): string =>
    (links.find(({ ifname }) => ifname === name)?.addr_info ?? [])
      .filter(({ family }) => family === 'inet')
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`)
      .join(', ');
  const wrong = [
    ...(on(nic) === address ? [] : [`addresses of ${nic}: ${on(nic)}, must be ${address}`]),
    ...(on(SHIM) === `${SHIM_ADDRESS}/32` ? [] : [`addresses of ${SHIM}: ${on(SHIM)}`]),
    ...(routes.some(
      ({ dst, dev, gateway: via }) => dst === 'default' && dev === nic && via === gateway,
    )
      ? []
      : [`default routes: none over ${nic}`]),
  ];
  if (wrong.length > 0) return wrong;
  const [segment] = segments;
  if (!segment) return ['there is no LAN'];
  const obstacles = await startGuest('macvlan', running, guest, segment);
  const isThere = obstacles.every((line) => /exists/i.test(line));
  const [bare = ''] = address.split('/');
  const pings = [
    ['LAN', router, bare],
    ['LAN', router, SHIM_ADDRESS],
    ['guest', guest, SHIM_ADDRESS],
    ['guest', guest, gateway],
  ] as const;
  const answers = await Promise.all(
    pings.map(async ([who, place, to]) =>
      (await place.ping(to)) ? [] : [`${who} → ${to}: no answer`],
    ),
  );
  return [...(isThere ? [] : obstacles), ...answers.flat()];
}
