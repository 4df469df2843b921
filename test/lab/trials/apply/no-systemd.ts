/** Changes of a host whose init is not systemd: a process of its own session is the timer. */
import { readFileSync } from 'node:fs';
import type { Manager } from '../../drive/look.ts';
import type { Image } from '../../image/images.ts';
import { type SystemOfSysvinit, withSysvinit } from '../../image/sysvinit-image.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { type Cell, cellOf } from '../change/cell.ts';
import { driversFor } from '../change/hosts.ts';
import { APPLY_KINDS } from './kinds.ts';
import type { OutcomeName } from './outcomes.ts';
import { applied } from './run.ts';

const SUITE = 'bookworm';
const BACKENDS: readonly SystemOfSysvinit[] = ['ifupdown', 'networkmanager'];
/** Those that need nothing of systemd; without it a reboot keeps the change. */
const OUTCOMES: readonly OutcomeName[] = [
  'confirmed by --yes',
  'confirmed from elsewhere',
  'confirmed by Enter',
  'timer fires',
  'timer fires, its sleep killed',
  'verification fails',
  'rollback by command',
  'session killed',
  'killed at activate',
  'killed at verify',
  'confirm at the moment of the timer',
  'confirm a second before the timer',
  'confirm during the rollback',
  'a full disk',
  'reboot without systemd',
];
const KINDS = ['first installation', 'address and gateway', 'shim renamed'];

/** ifupdown's own list of what it has brought up. */
const MANAGER: Manager = {
  good: 'up',
  states: async ({ root }) => {
    const lines = readFileSync(`${root}/run/network/ifstate`, 'utf8').split('\n');
    return new Map(
      lines.filter((line) => line !== '').map((line) => [line.split('=')[0] ?? '', 'up']),
    );
  },
  resolver: () => undefined,
};

export function trialsWithoutSystemd(
  part: string,
  images: readonly Image[],
  backends: readonly string[],
): Trial[] {
  const image = images.find(({ suite }) => suite === SUITE);
  if (!image) return [];
  return BACKENDS.filter((id) => backends.includes(id)).flatMap((backend) =>
    KINDS.flatMap((kind, index) =>
      // All of them on one kind; the others are ended by some.
      OUTCOMES.filter((_, at) => index === 0 || at % 3 === 0).map((outcome): Trial => {
        const name = `${kind}; ${outcome}`;
        const words = [name, backend, SUITE, 'sysvinit'];
        return {
          part,
          words,
          repeat: [
            ...['--only', part, '--only', `: ${name}`, '--only', 'sysvinit'],
            ...['--backend', backend, '--suite', SUITE],
          ],
          run: async (): Promise<Verdict> => {
            const cell = await cellWithoutSystemd(image, backend, kind);
            const { failures, evidence, figures } = await applied(cell, outcome);
            return { failures, evidence, figures };
          },
        };
      }),
    ),
  );
}

/** @param suite the image whose packages are replaced by those of another init */
export async function cellWithoutSystemd(
  suite: Image,
  backend: SystemOfSysvinit,
  name: string,
): Promise<Cell> {
  const image = await withSysvinit(suite, backend);
  const kind = APPLY_KINDS.find((item) => item.name === name);
  const [driver] = driversFor(backend, image);
  if (!kind || !driver) throw new Error(`there is no ${name} on ${backend}`);
  const cell = await cellOf(kind, backend, image, driver);
  if ('refusal' in cell) throw new Error(`the program refuses: ${cell.refusal}`);
  if (backend !== 'ifupdown') return cell;
  const own = { manager: MANAGER };
  return { ...cell, first: { ...cell.first, ...own }, second: { ...cell.second, ...own } };
}
