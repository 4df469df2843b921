/**
 * What a fleet costs: 1 to 10,000 hosts, rendered and written by the command, beside a program in C
 * that writes the same files (`write.c`), plainly and with the same care. In memory, where there is
 * such a file system: it is the programs that are measured, not a disk.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from '../command.ts';

const SIZES = [1, 10, 100, 1000, 10_000];
/** Of small fleets several runs; the median counts. */
const roundsOf = (hosts: number): number => (hosts <= 100 ? 7 : hosts <= 1000 ? 3 : 1);

const host = (index: number): string =>
  `  kvm${index}:\n    shims:\n      veth0: {addresses: [10.${index >> 14}.${(index >> 6) & 255}.${(index & 63) + 1}/8]}\n`;

const fleet = (hosts: number): string =>
  [
    'version: 1\ndefaults:\n  shims:\n    veth0:\n      parent: eth0\n',
    '      routes: [{to: default, via: 10.255.255.254}]\n',
    '      nameservers: {addresses: [10.255.255.253], search: [example.net]}\nhosts:\n',
    ...Array.from({ length: hosts }, (_, index) => host(index)),
  ].join('');

/** Seconds, and the most memory that it had at a time, in MiB. */
interface Took {
  readonly seconds: number;
  readonly mebibytes: number;
}

export function benchFleet(): void {
  const inMemory = existsSync('/dev/shm');
  const folder = mkdtempSync(join(inMemory ? '/dev/shm' : tmpdir(), 'macvtap-bench-'));
  try {
    const writer = join(folder, 'write');
    const source = fileURLToPath(new URL('write.c', import.meta.url));
    const built = spawnSync('cc', ['-O2', '-Wall', '-o', writer, source], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`no C compiler (cc): ${built.stderr ?? built.error}`);
    const probe = join(folder, 'probe.cjs');
    writeFileSync(
      probe,
      "process.on('exit', () => require('fs').writeFileSync(process.env.PROBE, String(process.resourceUsage().maxRSS)));\n",
    );
    console.log(`a fleet, networkd, ${inMemory ? 'in memory' : 'on disk'}; x: times as long as C`);
    console.log('   hosts   files   seconds  hosts/s   MiB   x C plain  x C careful  ms/host');
    for (const hosts of SIZES) console.log(lineOf(folder, writer, probe, hosts));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lineOf(folder: string, writer: string, probe: string, hosts: number): string {
  const intent = join(folder, 'fleet.yaml');
  const out = join(folder, 'out');
  const list = join(folder, 'list');
  writeFileSync(intent, fleet(hosts));
  const durations: Took[] = [];
  const plain: number[] = [];
  const careful: number[] = [];
  let files = 0;
  for (let round = 0; round < roundsOf(hosts); round += 1) {
    rmSync(out, { recursive: true, force: true });
    durations.push(render(probe, intent, out));
    if (round === 0) files = writeList(list, out);
    plain.push(write(writer, list, out, []));
    careful.push(write(writer, list, out, ['careful']));
  }
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const seconds = median(durations.map((item) => item.seconds));
  const cells = [
    String(hosts).padStart(8),
    String(files).padStart(7),
    seconds.toFixed(2).padStart(9),
    (hosts / seconds).toFixed(0).padStart(8),
    median(durations.map(({ mebibytes }) => mebibytes))
      .toFixed(0)
      .padStart(5),
    (seconds / median(plain)).toFixed(1).padStart(11),
    (seconds / median(careful)).toFixed(1).padStart(12),
    ((seconds / hosts) * 1000).toFixed(2).padStart(8),
  ];
  return cells.join(' ');
}

function render(probe: string, intent: string, out: string): Took {
  const peak = `${out}.peak`;
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', probe, COMMAND, intent, '-b', 'networkd', '--root', out],
    { env: { PATH: process.env['PATH'] ?? '', PROBE: peak }, encoding: 'utf8' },
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`render: ${status}\n${stderr}`);
  // KiB (getrusage(2)).
  return { seconds, mebibytes: Number(readFileSync(peak, 'utf8')) / 1024 };
}

/** Every file of a tree, as `write.c` reads it. */
function writeList(list: string, out: string): number {
  const paths = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => lstatSync(join(out, path)).isFile())
    .sort();
  const entries = paths.map((path) => {
    const text = readFileSync(join(out, path));
    const mode = (lstatSync(join(out, path)).mode & 0o7777).toString(8);
    return Buffer.concat([Buffer.from(`${mode} ${text.length} ${path}\n`), text]);
  });
  writeFileSync(list, Buffer.concat(entries));
  return paths.length;
}

function write(writer: string, list: string, out: string, how: readonly string[]): number {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(writer, [list, out, ...how], { encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`write.c: ${status}\n${stderr}`);
  return seconds;
}
