/** Faults that only a past shows, each of which must be seen. */

import { bootOnce } from '../../drive/boot.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { withoutLine } from '../negatives/negative.ts';
import { PART, repeatOf, withPast } from './past-trials.ts';
import { PASTS } from './pasts.ts';
import { type Situation, situationOf } from './situation.ts';

interface Fault {
  readonly name: string;
  readonly backend: string;
  readonly suite: string;
  /** Each of these must match a failure. */
  readonly fails: readonly RegExp[];
  run(fault: Fault, image: Image): Promise<readonly string[]>;
}

const PARENT = '/etc/systemd/network/00-macvtap-eth0.network';
const LAST = '/etc/systemd/network/99-macvtap-eth0.network';
const PROFILE = '/etc/NetworkManager/system-connections/macvtap-eth0.nmconnection';

const FAULTS: readonly Fault[] = [
  {
    name: 'an old profile with a newer timestamp, and ours without a priority',
    backend: 'networkmanager',
    suite: 'bookworm',
    fails: [/^eth0, addresses: 198\.51\.100\.50\/24, must be none/],
    run: booted('an old profile with a newer timestamp, static', (files) =>
      withoutLine(files, PROFILE, /^autoconnect-priority=/),
    ),
  },
  {
    name: "a site's file that sorts before ours",
    backend: 'networkd',
    suite: 'bookworm',
    fails: [
      /^eth0, addresses: 198\.51\.100\.77\/24, must be none/,
      /^veth0: there is no such link/,
    ],
    run: booted('50-dhcp.network for en* and eth*', (files) => renamed(files, PARENT, LAST)),
  },
];

export function pastNegativeTrials(images: readonly Image[], backends: readonly string[]): Trial[] {
  return FAULTS.filter(({ backend }) => backends.includes(backend)).flatMap((fault) => {
    const image = images.find(({ suite }) => suite === fault.suite);
    return image ? [trialOf(fault, image)] : [];
  });
}

function trialOf(fault: Fault, image: Image): Trial {
  const { name, backend, suite } = fault;
  return {
    part: PART,
    words: [name, backend, suite, 'must fail'],
    repeat: repeatOf(PART, name, backend, suite),
    run: async (): Promise<Verdict> => judge(fault, await fault.run(fault, image)),
  };
}

/** Boots a host with that past, and with our files changed. */
function booted(name: string, mutate: (files: readonly TargetFile[]) => TargetFile[]) {
  return async ({ backend }: Fault, image: Image): Promise<readonly string[]> => {
    const past = PASTS.find((item) => item.name === name);
    if (!past) throw new Error(`there is no past "${name}"`);
    const { host, ...rest } = wanted(situationOf(past.kind, 'static', backend, image));
    const files = mutate(host.files);
    return (await bootOnce(withPast(past, { host: { ...host, files }, ...rest }))).failures;
  };
}

function wanted(situation: Situation | string): Situation {
  if (typeof situation === 'string') throw new Error(`the program refuses: ${situation}`);
  return situation;
}

function renamed(files: readonly TargetFile[], from: string, to: string): TargetFile[] {
  if (!files.some(({ path }) => path === from)) throw new Error(`there is no ${from}`);
  return files.map((file) => (file.path === from ? { ...file, path: to } : file));
}
