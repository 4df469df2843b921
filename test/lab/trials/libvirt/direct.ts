/**
 * A guest attached as its XML says: libvirt reads the file that is written for it, and what it has
 * read makes the macvtap, on a host that a back end has made. Host, LAN and guest must reach each other.
 */
import { targetOf } from '../../../golden/cases.ts';
import { compileFor, renderingsOf } from '../../case.ts';
import { attributeOf, hear } from '../../drive/libvirt.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Direct } from '../../network/macvtap.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../cases.ts';
import { CUT_OFF_FROM_GUESTS, type Negative, need, withLine } from '../negatives/negative.ts';
import { judgeNegative } from '../negatives/trials.ts';

const CASE = 'guests';
/** Who makes the host's part: which one is of no matter to a guest. */
const HOST = 'networkd';
const fileOf = (guest: string): string => `/etc/libvirt/macvtap/macvtap-guest-${guest}.xml`;

interface Attached extends Partial<Negative> {
  readonly guest: string;
}

const other = (line: string): Negative['mutate'] => {
  return (files) => withLine(files, fileOf('vm2'), /<source /, line);
};

const ATTACHED: readonly Attached[] = [
  { guest: 'vm1' },
  { guest: 'vm2' },
  {
    guest: 'vm2',
    name: 'mode private',
    mutate: other("  <source dev='eth0' mode='private'/>"),
    fails: CUT_OFF_FROM_GUESTS,
    spares: [/router/],
  },
  {
    guest: 'vm2',
    name: 'no mode',
    // libvirt takes vepa, and the switch of the LAN sends nothing back.
    mutate: other("  <source dev='eth0'/>"),
    fails: CUT_OFF_FROM_GUESTS,
    spares: [/router/],
  },
  {
    guest: 'vm2',
    name: 'another source',
    mutate: other("  <source dev='lo' mode='bridge'/>"),
    fails: [/^no guest on eth0: /],
  },
];

/** On the newest suite of those that are selected: what is looked at is the XML. */
export function directOf(
  cases: readonly string[],
  images: readonly Image[],
  backend: string,
): Trial[] {
  const image = images.at(-1);
  if (!image || !cases.includes(CASE)) return [];
  const { files = [] } = compileFor(CASE, backend, targetOf(CASE).target);
  return ATTACHED.map(({ guest, name, mutate, fails, spares }) => ({
    part: backend,
    words: [
      CASE,
      backend,
      image.suite,
      `${guest} by its XML`,
      ...(name === undefined ? [] : [name]),
    ],
    repeat: ['--tier', '1', '--case', CASE, '--backend', backend, '--only', `${guest} by its XML`],
    run: async () => {
      const { failures, evidence } = await attach(guest, mutate ? mutate(files) : files, image);
      return fails
        ? { ...judgeNegative({ fails, ...(spares && { spares }) }, failures), ...evidence }
        : { failures, ...evidence };
    },
  }));
}

async function attach(
  guest: string,
  files: readonly TargetFile[],
  image: Image,
): Promise<Pick<Verdict, 'failures' | 'evidence'>> {
  const { complaints, guests } = await hear(files);
  if (complaints.length > 0) return { failures: complaints };
  const renderings = renderingsOf(CASE, HOST, image);
  const { failures, observed } = await judge(renderings, need(renderings.all[0]), image, {
    guest: directOfXml(need(guests.get(guest))),
  });
  return { failures, evidence: observed.evidence };
}

/** @param xml an interface, as libvirt keeps it */
function directOfXml(xml: string): Direct {
  const of = (element: string, attribute: string): string =>
    need(attributeOf(xml, element, attribute));
  const mode = of('source', 'mode');
  const target = attributeOf(xml, 'target', 'dev');
  return {
    source: of('source', 'dev'),
    mode: mode === 'passthrough' ? 'passthru' : mode,
    mac: of('mac', 'address'),
    // A name that the test driver gives is not one of the file's.
    ...(target !== undefined && !/^testnet[0-9]+$/.test(target) && { target }),
  };
}
