/** What is written for libvirt, given to libvirt: each case, and faults that it or the check must see. */
import { deriveUuid } from '../../../../src/model/derive.ts';
import type { Guest, Model } from '../../../../src/model/types.ts';
import { targetOf } from '../../../golden/cases.ts';
import { compileFor, modelOf } from '../../case.ts';
import { attributeOf, type Heard, hear } from '../../drive/libvirt.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import { failing, type Trial } from '../../trial.ts';
import { withLine } from '../negatives/negative.ts';
import { judgeNegative } from '../negatives/trials.ts';
import { attachTrials } from './attach.ts';
import { directOf } from './direct.ts';
import { movedTrials } from './moved.ts';

const PART = 'libvirt';
const BACKEND = 'libvirt';

/**
 * Each text once: most cases have one parent of the same name, and no guest.
 * @param isSample without those that are tried only where the back end is named
 */
export function libvirtOf(
  cases: readonly string[],
  images: readonly Image[],
  backends: readonly string[],
  isSample: boolean,
): Trial[] {
  if (!backends.includes(BACKEND)) return [];
  const judged = new Set<string>();
  const heard = cases.flatMap((name) => {
    const model = modelOf(name);
    const { files = [] } = compileFor(name, BACKEND, targetOf(name).target);
    const isNew = files.some(({ text }) => !judged.has(text));
    for (const { text } of files) judged.add(text);
    if (!model || !isNew) return [];
    return [
      trial(name, [], async () => ({ failures: await judge(model, files) })),
      ...(FAULTS_OF === name ? FAULTS.map((fault) => faultTrial(name, model, files, fault)) : []),
    ];
  });
  const attached = isSample
    ? []
    : [...attachTrials(cases, images, BACKEND), ...movedTrials(images)];
  return [...attached, ...heard, ...directOf(cases, images, BACKEND)];
}

const trial = (name: string, more: readonly string[], run: Trial['run']): Trial => ({
  part: PART,
  words: [name, BACKEND, ...more],
  repeat: ['--tier', '1', '--case', name, '--backend', BACKEND],
  run,
});

/** A line for all that libvirt refuses, or has understood in another way. */
async function judge(model: Model, files: readonly TargetFile[]): Promise<string[]> {
  const heard = await hear(files);
  return [
    ...heard.complaints,
    ...(heard.guests.size + heard.networks.size === 0 ? ['libvirt was given nothing'] : []),
    ...model.guests.flatMap((guest) => checkGuest(guest, heard)),
    ...[...heard.networks].flatMap(([parent, xml]) => checkNetwork(model, parent, xml)),
  ];
}

function checkGuest(guest: Guest, { guests }: Heard): string[] {
  const { name, parent, mode, macaddress, target, model, trustGuestRxFilters } = guest;
  const xml = guests.get(name);
  if (xml === undefined) return [`${name}: libvirt has no such guest`];
  const must: readonly (readonly [string, string, string | undefined])[] = [
    ['interface', 'type', 'direct'],
    ['interface', 'trustGuestRxFilters', trustGuestRxFilters ? 'yes' : 'no'],
    ['source', 'dev', parent.name],
    ['source', 'mode', mode],
    // Without one the driver chooses, also in the place of a name of libvirt's own.
    ['target', 'dev', target ?? chosen(xml)],
    ['model', 'type', model],
    // libvirt makes one up where there is none.
    ['mac', 'address', macaddress ?? attributeOf(xml, 'mac', 'address')],
    ['alias', 'name', `ua-macvtap-${parent.name.replace(/[^A-Za-z0-9_-]/g, '-')}`],
  ];
  return differences(name, xml, must);
}

/** The name of a device that libvirt's test driver has chosen. */
function chosen(xml: string): string | undefined {
  const name = attributeOf(xml, 'target', 'dev');
  return name !== undefined && /^testnet[0-9]+$/.test(name) ? name : undefined;
}

const checkNetwork = ({ host }: Model, parent: string, xml: string): string[] => [
  ...differences(`the network over ${parent}`, xml, [
    ['network', 'trustGuestRxFilters', 'yes'],
    ['forward', 'mode', 'bridge'],
    ['interface', 'dev', parent],
  ]),
  ...[
    `<uuid>${deriveUuid(host, `libvirt/network/${parent}`)}</uuid>`,
    'Active:         yes',
    'Persistent:     yes',
    'Autostart:      yes',
  ].flatMap((line) =>
    xml.includes(line) ? [] : [`the network over ${parent}: libvirt does not say ${line}`],
  ),
];

const differences = (
  what: string,
  xml: string,
  must: readonly (readonly [string, string, string | undefined])[],
): string[] =>
  must.flatMap(([element, attribute, value]) => {
    const is = attributeOf(xml, element, attribute);
    if (is === value) return [];
    return [`${what}, ${element} ${attribute}: ${is ?? 'none'}, must be ${value ?? 'none'}`];
  });

interface Fault {
  readonly name: string;
  readonly file: string;
  readonly line: RegExp;
  readonly other: string;
  readonly fails: readonly RegExp[];
}

/** The case that they are put into: it has a guest with all settings, and a network. */
const FAULTS_OF = 'guests';
const DIRECTORY = '/etc/libvirt/macvtap/';

const FAULTS: readonly Fault[] = [
  {
    name: 'a mode that libvirt has not',
    file: 'macvtap-guest-vm2.xml',
    line: /<source /,
    other: "  <source dev='eth0' mode='bridges'/>",
    fails: [/vm2\.xml: schema: /, /vm2\.xml: virsh: .*bridges/],
  },
  {
    name: 'no mode',
    file: 'macvtap-guest-vm2.xml',
    line: /<source /,
    other: "  <source dev='eth0'/>",
    fails: [/^vm2, source mode: vepa, must be bridge/],
  },
  {
    name: 'the shim as source',
    file: 'macvtap-guest-vm2.xml',
    line: /<source /,
    other: "  <source dev='veth0' mode='bridge'/>",
    fails: [/^vm2, source dev: veth0, must be eth0/],
  },
  {
    name: "a name of libvirt's own as target",
    file: 'macvtap-guest-vm2.xml',
    line: /<target /,
    other: "  <target dev='macvtap0'/>",
    fails: [/^vm2, target dev: testnet0, must be vm2-lan/],
  },
  {
    name: 'an alias of another kind',
    file: 'macvtap-guest-vm2.xml',
    line: /<alias /,
    other: "  <alias name='net0'/>",
    fails: [/^vm2, alias name: none, must be ua-macvtap-eth0/],
  },
  {
    name: 'a network that forwards in a way that libvirt has not',
    file: 'macvtap-network-eth0.xml',
    line: /<forward /,
    other: "  <forward mode='bridges'>",
    fails: [/eth0\.xml: schema: /, /eth0\.xml: virsh: .*bridges/],
  },
  {
    name: 'a network whose members are NATed',
    file: 'macvtap-network-eth0.xml',
    line: /<forward /,
    other: "  <forward mode='nat'>",
    fails: [/eth0\.xml: virsh: .*forward/],
  },
];

function faultTrial(name: string, model: Model, files: readonly TargetFile[], fault: Fault): Trial {
  const { line, other } = fault;
  const path = `${DIRECTORY}${fault.file}`;
  if (!files.some((file) => file.path === path)) {
    return failing(PART, [name, BACKEND, fault.name], `there is no ${path} to put it into`);
  }
  return trial(name, [fault.name], async () =>
    judgeNegative(fault, await judge(model, withLine(files, path, line, other))),
  );
}
