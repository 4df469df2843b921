/**
 * The commands that the program names, on a real libvirt with QEMU (without KVM): guests that are
 * there get their interfaces, start, and libvirt makes the devices. What they are is read from the kernel.
 */
import { libvirt } from '../../../../src/backends/libvirt/index.ts';
import type { Guest, Model } from '../../../../src/model/types.ts';
import { targetOf } from '../../../golden/cases.ts';
import { compileFor, modelOf } from '../../case.ts';
import { CONFIGURATION, PACKAGES, startLibvirt } from '../../drive/domains.ts';
import { openScene } from '../../drive/scene.ts';
import { putFiles, type TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { withPackages } from '../../image/packages.ts';
import { type KernelLink, readKernel } from '../../judge/observed.ts';
import { plugIn } from '../../network/lan.ts';
import { planLab } from '../../network/plan.ts';
import { must } from '../../place.ts';
import type { Trial } from '../../trial.ts';
import { type Negative, need, withLine } from '../negatives/negative.ts';
import { judgeNegative } from '../negatives/trials.ts';

const CASE = 'guests';
/** virsh's own `attach-device` is tried on one libvirt: what is looked at is the XML. */
const SUITE = 'bookworm';
const SECONDS = 60;

/** What is there before: a guest without any interface. */
const domainOf = ({ name }: Guest): string => `<domain type='qemu'>
<name>${name}</name>
<memory unit='MiB'>64</memory>
<vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>
`;

interface Attached extends Partial<Negative> {
  /** Commands for a shell, after all of the program's own. */
  readonly after?: string;
}

const FILE = '/etc/libvirt/macvtap/macvtap-guest-vm2.xml';
const changed = (line: RegExp, other: string): Negative['mutate'] => {
  return (files) => withLine(files, FILE, line, other);
};

const ATTACHED: readonly Attached[] = [
  {},
  {
    name: 'mode private',
    mutate: changed(/<source /, "  <source dev='eth0' mode='private'/>"),
    fails: [/^vm2-lan: macvtap private on eth0, .*must be macvtap bridge on eth0/],
  },
  {
    name: 'a source that is not there',
    mutate: changed(/<source /, "  <source dev='eth9' mode='bridge'/>"),
    fails: [/^virsh start vm2: .*eth9/],
  },
  {
    name: 'attached once more',
    after: `virsh attach-device vm2 ${FILE} --config`,
    fails: [/^virsh attach-device vm2 .*: non unique alias detected: ua-macvtap-eth0/],
  },
];

/** Where the back end is named: the root file system with QEMU in it takes a while to make. */
export function attachTrials(
  cases: readonly string[],
  images: readonly Image[],
  backend: string,
): Trial[] {
  const image = images.find(({ suite }) => suite === SUITE);
  const model = modelOf(CASE);
  if (!image || !model || !cases.includes(CASE)) return [];
  const { files = [] } = compileFor(CASE, backend, targetOf(CASE).target);
  return ATTACHED.map(({ name, mutate, fails, after }) => ({
    part: backend,
    words: [CASE, backend, SUITE, 'virsh attach-device', ...(name === undefined ? [] : [name])],
    repeat: ['--tier', '1', '--case', CASE, '--backend', backend, '--suite', SUITE],
    run: async () => {
      const failures = await attach(image, model, mutate ? mutate(files) : files, after);
      return fails ? judgeNegative({ fails }, failures) : { failures };
    },
  }));
}

/** @returns a line for each command that failed, and each device that is not as it must be */
async function attach(
  image: Image,
  model: Model,
  files: readonly TargetFile[],
  after?: string,
): Promise<string[]> {
  const { root } = await withPackages(image, 'libvirt', PACKAGES);
  const scene = await openScene(root);
  try {
    const { host, router } = scene;
    putFiles(host.root, [
      ...files,
      { path: '/etc/libvirt/qemu.conf', mode: 0o644, text: CONFIGURATION },
      ...model.guests.map((guest) => ({
        path: `/root/${guest.name}.xml`,
        mode: 0o644,
        text: domainOf(guest),
      })),
    ]);
    await plugIn(host, router, planLab(model));
    await must(host.run(['ip', 'link', 'set', 'eth0', 'up']), ['eth0']);
    await startLibvirt(host);
    const commands = [
      ...model.guests.map(({ name }) => `virsh define /root/${name}.xml`),
      ...libvirt.activation(model).commands,
      ...model.guests.map(({ name }) => `virsh start ${name}`),
      ...(after === undefined ? [] : [after]),
    ];
    const failures: string[] = [];
    for (const command of commands) {
      const { status, stderr } = await host.runInside(['sh', '-c', command], '', SECONDS);
      if (status !== 0) failures.push(`${command}: ${stderr.trim().split('\n').at(-1)}`);
    }
    const { links } = await readKernel(host);
    return [...failures, ...model.guests.flatMap((guest) => checkDevice(guest, model, links))];
  } finally {
    await scene.end();
  }
}

/** A device with a name of libvirt's own is identified by its number. */
function checkDevice(
  { parent, mode, macaddress, target }: Guest,
  { guests }: Model,
  links: readonly KernelLink[],
): string[] {
  const unnamed = guests.filter((guest) => guest.target === undefined);
  if (target === undefined && unnamed.length > 1) return ['several guests without a target'];
  const name = target ?? 'macvtap0';
  const link = links.find(({ ifname }) => ifname === name);
  if (!link) return [`${name}: there is no such link`];
  const shown = (kind: unknown, of: unknown, on: unknown, mac: unknown): string =>
    `${kind} ${of} on ${on}, ${mac}`;
  const { info_kind: kind, info_data: data } = need(link.linkinfo);
  const is = shown(kind, data?.['mode'], link.link, link.address);
  const wanted = shown('macvtap', mode, parent.name, macaddress ?? link.address);
  return is === wanted ? [] : [`${name}: ${is}, must be ${wanted}`];
}
