/** `doctor` on hosts into which a fault was put, and on healthy ones. */
import { intentOf } from '../../../golden/cases.ts';
import { renderingsOf } from '../../case.ts';
import { driversOf } from '../../drive/drivers.ts';
import { expectOf } from '../../drive/less.ts';
import { observe } from '../../drive/scenario.ts';
import { askDoctor } from '../../drive/status.ts';
import type { Image } from '../../image/images.ts';
import { withPackages } from '../../image/packages.ts';
import type { Expected } from '../../judge/expected.ts';
import type { Guest } from '../../network/lan.ts';
import type { Segment } from '../../network/plan.ts';
import type { Bare, Place } from '../../place.ts';
import type { Trial, Verdict } from '../../trial.ts';
import type { Fault } from './fault.ts';
import { FAULTS, HEALTHY, MORE_FAULTS } from './faults.ts';
import { proveFault, proveWorking } from './proof.ts';
import { REPORTED } from './reports/reports.ts';

export const PART = 'doctor';
const SUITE = 'trixie';
const BACKEND = 'networkd';
const PACKAGES = ['nftables', 'iptables', 'iputils-arping'];

/** A fault, and the word that names its set. */
type Listed = readonly [set: string, fault: Fault];

const SETS: Readonly<Record<string, readonly Fault[]>> = {
  'own set': [...FAULTS, ...MORE_FAULTS],
  healthy: HEALTHY.map(
    (name): Fault => ({ name: `healthy: ${name}`, from: '', case: name, first: ['nothing'] }),
  ),
  ...REPORTED,
};
/** Every third trial of these is run by default, every fourth of older ones, and each healthy case. */
const NEWER: ReadonlySet<string> = new Set(['sixth set', 'seventh set', 'eighth set', 'ninth set']);
const stepOf = (set: string): number => (NEWER.has(set) ? 3 : set === 'healthy' ? 1 : 4);

/** All where a word names trials (`--only doctor`, `--only 'fourth set'`), else a sample on one suite. */
export function doctorTrials(
  images: readonly Image[],
  backends: readonly string[],
  only: readonly string[],
): Trial[] {
  const all = Object.entries(SETS).flatMap(([set, faults]) =>
    faults.map((fault): Listed => [set, fault]),
  );
  const listed = only.length > 0 ? all : sampleOf(all);
  return listed.flatMap(([set, fault]) => {
    const { name, suite = SUITE, backend = BACKEND } = fault;
    const image = images.find((item) => item.suite === suite);
    if (!image || !backends.includes(backend)) return [];
    return {
      part: PART,
      words: [name, set],
      repeat: ['--tier', '1', '--suite', suite, '--backend', backend, '--only', name],
      run: () => tryFault(image, fault),
    };
  });
}

/** The suite whose image has the programs already. */
function sampleOf(all: readonly Listed[]): readonly Listed[] {
  const here = all.filter(([, { suite = SUITE }]) => suite === SUITE);
  return here.filter(([set], index) => index % stepOf(set) === 0);
}

async function tryFault(image: Image, fault: Fault): Promise<Verdict> {
  const { codes, lines } = await ask(image, fault);
  const [first = 'nothing'] = codes;
  return {
    failures: fault.first.includes(first)
      ? []
      : [`first: ${first}, must be ${fault.first.join(' or ')}`, ...lines],
    notes: [`first: ${lines[0]}`],
    evidence: { 'doctor.txt': `${lines.join('\n')}\n` },
  };
}

async function ask(
  plain: Image,
  fault: Fault,
): Promise<{ readonly codes: readonly string[]; readonly lines: readonly string[] }> {
  const image = await withPackages(plain, 'doctor', PACKAGES);
  const { case: name = 'original', backend: id = BACKEND } = fault;
  const { model, backend, all } = renderingsOf(name, id, image);
  const [rendering] = all;
  const [driver] = driversOf(backend, image);
  if (!rendering || !driver) throw new Error(`${name} is not rendered`);
  const { segments, expected } = expectOf(model, driver, rendering.leftOut);
  let answer: Awaited<ReturnType<typeof askDoctor>> | undefined;
  await observe({
    image,
    systems: backend.needs,
    driver,
    isThorough: false,
    hostname: model.host,
    files: rendering.files,
    segments,
    expected,
    guest: guestOf(fault, segments),
    afterwards: async ({ host, guest, router }) => {
      const places = { host, guest, router };
      await perform(router, fault.scenery?.router);
      await perform(host, fault.scenery?.host);
      await proveWorking(fault, places);
      await perform(router, fault.router);
      await perform(guest, fault.inGuest);
      await perform(host, fault.host);
      await proveFault(fault, places, expected.pings);
      const asked = { intent: intentOf(name), backend: id };
      answer = await askDoctor(host as Bare, asked, fault.asks ?? guestAddress(expected, segments));
    },
  });
  if (!answer) throw new Error(`${name}: nobody was asked`);
  return answer;
}

/** @throws Error for a line that fails: a fault that was not put in would be blamed on the program */
async function perform(place: Place, lines: readonly string[] = []): Promise<void> {
  for (const line of lines) {
    const { status, stderr } = await place.runInside(['sh', '-c', line]);
    if (status !== 0) throw new Error(`${line}: ${status}: ${stderr}`);
  }
}

function guestOf({ guest }: Fault, [segment]: readonly Segment[]): Guest {
  if (guest === 'none') return 'none';
  if (guest === undefined || !segment?.guest) return 'macvtap';
  return { source: segment.parent, mode: 'bridge', mac: segment.guest.mac, ...guest };
}

/** A guest that the host reaches while nothing is wrong. */
function guestAddress({ pings }: Expected, [segment]: readonly Segment[]): string | undefined {
  const mine = segment?.subnets.flatMap(({ guest }) => guest ?? []) ?? [];
  return pings.find(
    ({ from, to, address, answered }) =>
      from === 'host' && to === 'guest' && answered && mine.includes(address),
  )?.address;
}
