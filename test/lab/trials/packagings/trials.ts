/** Packagings, judged by the tools that they are for, as Debian has them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backends } from '../../../../src/backends/registry.ts';
import type { Image } from '../../image/images.ts';
import type { Selection } from '../../options.ts';
import { once, type Trial, type Verdict } from '../../trial.ts';
import { roleOnHost, rollBackRole } from './ansible.ts';
import { firstBoot, notActivated } from './cloud-init.ts';
import { fleetTrial } from './fleet.ts';
import { byReboot, notBeforeBoot, oddities } from './role-variants.ts';
import { staticTrials, staticTrialsOf } from './tools.ts';

const PART = 'packagings';
/** The suites whose hosts a role is tried on. */
const SUITE = 'bookworm';
/** The suite whose tools are asked, too. */
const NEXT = 'trixie';
/** One way of each daemon: what is tried is the role, not the way. The second, where it is named. */
const BACKENDS = ['networkd', 'netplan-networkmanager'];
/** Hosts of a fleet: the canary and another in a run of all, more where it is named. */
const FEW = 2;
const MANY = 21;

const forGood = (backendIds: readonly string[]): string[] =>
  backendIds.filter((backend) =>
    backends.some(({ id, scope }) => id === backend && scope === 'host'),
  );

/** With all of the lab, or when it is named (`--only packagings`). */
export function packagingPart(
  { isWhole, only, backends }: Pick<Selection, 'isWhole' | 'only' | 'backends'>,
  images: readonly Image[],
): Trial[] {
  if (!isWhole && !only.includes(PART)) return [];
  const place = once(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'macvtap-packagings-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  });
  const trial = (words: readonly string[], run: (folder: string) => Promise<Verdict>): Trial => ({
    part: PART,
    words,
    repeat: [PART, ...words].flatMap((word) => ['--only', word]),
    run: async () => run(await place()),
  });
  const tried = BACKENDS.filter((backend) => backends.includes(backend)).slice(
    0,
    isWhole ? 1 : undefined,
  );
  const image = images.find(({ suite }) => suite === SUITE);
  const next = images.find(({ suite }) => suite === NEXT);
  const [first] = tried;
  return [
    ...(image
      ? [
          ...tried.map((backend) =>
            trial(['ansible', backend, SUITE], (folder) => roleOnHost(folder, backend, image)),
          ),
          trial(['ansible', 'fleet', SUITE], (folder) =>
            fleetTrial(folder, image, isWhole ? FEW : MANY),
          ),
          // The canary of the fleet is lost and comes back in every run.
          ...(first === undefined || isWhole
            ? []
            : [
                trial(['ansible', 'back by itself', first, SUITE], (folder) =>
                  rollBackRole(folder, first, image),
                ),
              ]),
        ]
      : []),
    ...(image && first !== undefined
      ? [
          trial(['cloud-init', first, SUITE], () => firstBoot(first, image)),
          trial(['cloud-init', 'not activated', first, SUITE], () => notActivated(first, image)),
        ]
      : []),
    // Where it is named: what else is done with a role, and what another suite makes of it.
    ...(next && first !== undefined && !isWhole
      ? [
          trial(['role', 'odd files', NEXT], (folder) => oddities(folder, next)),
          trial(['role', 'none', NEXT], (folder) => notBeforeBoot(folder, next)),
          trial(['role', 'reboot', NEXT], (folder) => byReboot(folder, next)),
          trial(['ansible', first, NEXT], (folder) => roleOnHost(folder, first, next, next)),
          trial(['cloud-init', first, NEXT], () => firstBoot(first, next)),
          trial(['cloud-init', 'not activated', first, NEXT], () => notActivated(first, next)),
        ]
      : []),
    // What activates takes what makes a host's network for good.
    ...staticTrials(forGood(backends)).map(({ words, run }) => trial(words, run)),
    ...(next
      ? staticTrialsOf(forGood(backends), next).map(({ words, run }) => trial(words, run))
      : []),
  ];
}
