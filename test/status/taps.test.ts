/** `status` of the devices of taps: who may open them, and in which network namespace their tap is. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readKernel } from '../../src/kernel/read.ts';
import type { TapNodes } from '../../src/kernel/types.ts';
import { type Drift, driftOf } from '../../src/status/drift.ts';
import { fakeSystem, type Program } from '../fake-system.ts';
import { healthy, link, modelOf } from './hosts.ts';

const MODEL = modelOf(`
taps:
  tap0: {parent: eth0, owner: 1000, group: kvm}
  tap1: {parent: eth0, owner: nobody, permissions: "0640"}
  tap2: {parent: eth0}
`);

const KINDS = JSON.stringify([
  { ifindex: 2, ifname: 'eth0' },
  ...MODEL.taps.map(({ name }, at) => ({
    ifindex: 4 + at,
    ifname: name,
    address: `02:00:00:00:00:0${at}`,
    linkinfo: { info_kind: 'macvtap' },
  })),
]);
const NUMBERS = {
  '/sys/class/net/tap0/address': '02:00:00:00:00:00\n',
  '/sys/class/net/tap1/address': '02:00:00:00:00:01\n',
  '/sys/class/net/tap2/address': '02:00:00:00:00:02\n',
  '/sys/class/net/tap0/tap4/dev': '246:1\n',
  '/sys/class/net/tap1/tap5/dev': '246:2\n',
  '/sys/class/net/tap2/tap6/dev': '246:3\n',
};
const UDEV = 'c1b6:0:0:600:0:0:root:root:/run/udev/control';
/** `stat` of GNU coreutils: the numbers of a device are hexadecimal. */
const RIGHT = [
  '2190:f6:1:660:1000:109:UNKNOWN:kvm:/dev/tap4',
  '2190:f6:2:640:65534:0:nobody:root:/dev/tap5',
  '2190:f6:3:600:0:0:root:root:/dev/tap6',
];

interface Host {
  readonly stat?: Program;
  readonly getent?: Program;
  readonly files?: Readonly<Record<string, string>>;
}

const read = ({ stat, getent, files = NUMBERS }: Host) =>
  readKernel(
    fakeSystem({
      programs: {
        ...{ 'ip -j -d addr': KINDS, ip: '[]' },
        ...(stat !== undefined && { stat }),
        ...(getent !== undefined && { getent }),
      },
      files,
    }),
    'none',
    MODEL.taps,
  );

/** Through the readers of the kernel; what else of the host could differ is right. */
function drifted(host: Host, id: 'networkd' | 'none' = 'networkd'): readonly Drift[] {
  const { taps, problems } = read(host);
  const state = healthy();
  const ups = MODEL.taps.map(({ name, macaddress = '' }) =>
    link(name, {
      ...{ parent: 'eth0', kind: 'macvtap', mode: 'bridge', mac: macaddress },
      hasAllMulticast: true,
    }),
  );
  return driftOf(MODEL, {
    ...state,
    links: [link('eth0'), ...ups],
    routes: [],
    rules: [],
    sysctls: new Map(),
    manager: { id, links: new Map() },
    units: new Map(),
    taps,
    problems: problems.filter(({ part }) => part === 'taps'),
  });
}

const lines = (found: readonly Drift[]): string[] =>
  found.map(({ severity, code, message }) => `${severity}[${code}]: ${message}`);

const printed = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;
const instead = (path: string, row: string): string =>
  printed(UDEV, ...RIGHT.map((own) => (own.endsWith(path) ? row : own)));

test('devices are read with one call, whatever is missing', () => {
  const asked: string[] = [];
  const stat: Program = (words) => {
    asked.push(words.join(' '));
    return { status: 1, stdout: printed(...RIGHT.slice(0, 1)), stderr: 'stat: cannot statx' };
  };
  const { taps, problems } = read({ stat });
  assert.equal(
    problems.filter(({ part }) => part === 'taps'),
    [],
  );
  assert.equal(asked, ['-c %f:%t:%T:%a:%u:%g:%U:%G:%n /run/udev/control /dev/tap4 /dev/tap5']);
  const wanted: TapNodes = {
    hasUdev: false,
    nodes: new Map([
      [
        'tap0',
        {
          path: '/dev/tap4',
          device: '246:1',
          found: {
            device: '246:1',
            permissions: '0660',
            owner: { id: '1000' },
            group: { id: '109', name: 'kvm' },
          },
        },
      ],
      ['tap1', { path: '/dev/tap5', device: '246:2' }],
    ]),
  };
  assert.equal(taps, wanted);
});

test('a host without macvtaps is asked for none', () => {
  const system = fakeSystem({ programs: { 'ip -j -d addr': '[{"ifname": "eth0"}]', ip: '[]' } });
  assert.equal(readKernel(system, 'none').taps.nodes.size, 0);
  assert.not.ok(system.record.some((line) => line.startsWith('stat')));
});

test('a tap with the access of the intent, by name and by number, has no drift', () => {
  assert.equal(drifted({ stat: printed(UDEV, ...RIGHT) }), []);
});

test('a second name of one number is that account, and another number is not', () => {
  const stat = instead('tap4', '2190:f6:1:660:1000:109:UNKNOWN:qemu:/dev/tap4');
  const group = (answer: string) => drifted({ stat, getent: answer });
  assert.equal(group('kvm:x:109:\n'), []);
  for (const answer of ['kvm:x:110:\n', 'qemu:x:109:\n', '']) {
    assert.equal(
      group(answer).map(({ code }) => code),
      ['tap-access-drift'],
    );
  }
});

test('another owner, group or permissions; those of a tap that sets none are not looked at', () => {
  for (const [path, row, is, must] of [
    ['tap4', '660:1001:109:UNKNOWN:kvm', '1001:kvm with permissions 0660', '1000:kvm with 0660'],
    ['tap4', '660:1000:0:qemu:root', 'qemu:root with permissions 0660', '1000:kvm with 0660'],
    ['tap4', '600:0:0:root:root', 'root:root with permissions 0600', '1000:kvm with 0660'],
    [
      'tap5',
      '666:65534:0:nobody:root',
      'nobody:root with permissions 0666',
      'nobody:root with 0640',
    ],
    ['tap5', '640:1:0:daemon:root', 'daemon:root with permissions 0640', 'nobody:root with 0640'],
  ] as const) {
    const minor = path === 'tap4' ? 1 : 2;
    const stat = instead(path, `2190:f6:${minor}:${row}:/dev/${path}`);
    const [found, ...others] = drifted({ stat });
    assert.equal(lines(others), []);
    assert.equal(lines(found ? [found] : []), [
      `error[tap-access-drift]: \`/dev/${path}\` of \`tap${minor - 1}\` belongs to ${is}, not to ${must}.`,
    ]);
    assert.match(found?.hint ?? '', /udevadm trigger --action=change/);
    assert.ok(found?.mayStillCome);
  }
  const stat = instead('tap6', '2190:f6:3:666:1:1:daemon:daemon:/dev/tap6');
  assert.equal(drifted({ stat }), []);
});

test('where udev is not running the commands are printed, and no change is rolled back for it', () => {
  const stat = printed('2190:f6:1:600:0:0:root:root:/dev/tap4', ...RIGHT.slice(1));
  const found = drifted({ stat });
  assert.equal(lines(found), [
    'warning[tap-access-drift]: `/dev/tap4` of `tap0` belongs to root:root with permissions 0600, not to 1000:kvm with 0660; udev is not running.',
  ]);
  assert.match(found[0]?.hint ?? '', /`chown 1000:kvm \/dev\/tap4 && chmod 0660 \/dev\/tap4`/);
  // A trial sets them itself.
  const [ofTrial] = drifted({ stat: printed(UDEV, stat) }, 'none');
  assert.match(ofTrial?.hint ?? '', /`chown /);
});

test('a device of another network namespace, whoever owns it', () => {
  for (const row of ['660:1000:109:UNKNOWN:kvm', '600:0:0:root:root']) {
    const found = drifted({ stat: instead('tap4', `2190:f6:a:${row}:/dev/tap4`) });
    assert.equal(lines(found), [
      'warning[tap-device-taken]: `/dev/tap4` (device 246:10) belongs to a macvtap of another network namespace, not to `tap0` (246:1).',
    ]);
    assert.match(
      found[0]?.hint ?? '',
      /`mknod -m 0600 \/dev\/macvtap-tap0 c 246 1 && chown 1000:kvm \/dev\/macvtap-tap0 && chmod 0660 /,
    );
  }
  const file = drifted({ stat: instead('tap4', '81a4:0:0:660:1000:109:UNKNOWN:kvm:/dev/tap4') });
  assert.match(
    lines(file)[0] ?? '',
    /is not the device of `tap0`: it must be the character device 246:1/,
  );
});

test('a missing device is drift where udev runs, and a note where there is none', () => {
  const without = RIGHT.filter((row) => !row.endsWith('tap4'));
  const withUdev = drifted({ stat: { status: 1, stdout: printed(UDEV, ...without) } });
  assert.equal(lines(withUdev), ['warning[tap-device-missing]: `tap0` has no device `/dev/tap4`.']);
  const inContainer = drifted({ stat: { status: 1, stdout: '' } });
  assert.equal(
    inContainer.map(({ severity, code }) => `${severity} ${code}`),
    ['note tap-device-missing', 'note tap-device-missing'],
  );
  assert.match(inContainer[0]?.message ?? '', /udev is not running/);
  assert.match(inContainer[0]?.hint ?? '', /mknod -m 0600 \/dev\/tap4 c 246 1 /);
});

test('what cannot be read is not judged, and reported', () => {
  const stat = printed(UDEV, '2190:f6:1:600:0:0:root:root:/dev/tap4', ...RIGHT.slice(1));
  // sysfs of another network namespace has no such tap, or one of another MAC.
  for (const files of [{}, { ...NUMBERS, '/sys/class/net/tap0/address': '02:00:00:00:00:0f\n' }]) {
    const other = drifted({ stat, files });
    assert.equal(lines(other).slice(0, 1), [
      'note[state-unreadable]: sysfs does not show the device number of `tap0`: the owner of `/dev/tap4` is not known.',
    ]);
    assert.ok(other.every(({ severity }) => severity === 'note'));
  }
  for (const none of [undefined, { status: undefined as unknown as number }, { status: 127 }]) {
    assert.equal(lines(drifted({ ...(none && { stat: none }) })), [
      'note[state-unreadable]: `stat` (coreutils) does not show who owns the devices of taps.',
    ]);
  }
});

test('hostile output names no other path, and costs no time', () => {
  const long = 'x'.repeat(400_000);
  for (const row of [long, `${'1:'.repeat(200_000)}/dev/tap4`, '\n'.repeat(400_000), ':::::::::']) {
    assert.is(read({ stat: row }).taps.nodes.get('tap0')?.found, undefined);
  }
  const names = ['../x', '.', '..', 'a b', ''].map((ifname, at) => ({
    ifindex: at + 4,
    ifname,
    linkinfo: { info_kind: 'macvtap' },
  }));
  const system = fakeSystem({ programs: { 'ip -j -d addr': JSON.stringify(names), ip: '[]' } });
  const taps = names.map(({ ifname }) => ({ name: ifname, permissions: '0600' }));
  assert.is(readKernel(system, 'none', taps).taps.nodes.size, 0);
});

test.run();
