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
import { FAULTS, type Fault, HEALTHY, MORE_FAULTS } from './faults.ts';

export const PART = 'doctor';
/** It asks the kernel and programs of all suites alike; the filters are of this one. */
const SUITE = 'trixie';
const BACKEND = 'networkd';
const PACKAGES = ['nftables', 'iptables', 'iputils-arping'];

export function doctorTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  const image = images.find(({ suite }) => suite === SUITE);
  if (!image || !backends.includes(BACKEND)) return [];
  const trial = (name: string, run: () => Promise<Verdict>): Trial => ({
    part: PART,
    words: [name],
    repeat: ['--tier', '1', '--suite', SUITE, '--backend', BACKEND, '--only', name],
    run,
  });
  return [
    ...[...FAULTS, ...MORE_FAULTS].map((fault) => trial(fault.name, () => tryFault(image, fault))),
    ...HEALTHY.map((name) =>
      trial(`healthy: ${name}`, async () => {
        const { codes, lines } = await ask(image, { case: name });
        return {
          failures: codes.length === 0 ? [] : lines.map((line) => `doctor: ${line}`),
          evidence: { 'doctor.txt': `${lines.join('\n')}\n` },
        };
      }),
    ),
  ];
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
  fault: Partial<Fault>,
): Promise<{ readonly codes: readonly string[]; readonly lines: readonly string[] }> {
  const image = await withPackages(plain, 'doctor', PACKAGES);
  const name = fault.case ?? 'original';
  const { model, backend, all } = renderingsOf(name, BACKEND, image);
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
      await perform(router, fault.router);
      await perform(guest, fault.inGuest);
      await perform(host, fault.host);
      const asked = { intent: intentOf(name), backend: BACKEND };
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

function guestOf({ guest }: Partial<Fault>, [segment]: readonly Segment[]): Guest {
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
