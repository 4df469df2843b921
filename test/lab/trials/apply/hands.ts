/** What the ends of a change have in common: what is done with the host, and what must come of it. */
import type { Running } from '../../drive/machine.ts';
import type { Cell } from '../change/cell.ts';

/** What is done with the host of a trial. */
export interface Hands {
  readonly cell: Cell;
  running(): Running;
  /** `macvtap-render` there: status and all that it prints. */
  command(words: readonly string[]): Promise<Ran>;
  /** `macvtap-render apply` of the second intent. */
  apply(...options: readonly string[]): Promise<Ran>;
  reboot(): Promise<void>;
  /** It reboots by itself. */
  rebooted(): Promise<void>;
  /** Pulls the plug, and boots. */
  cut(): Promise<void>;
  /** `systemctl soft-reboot`: all that runs is another one, the kernel and its links are not. */
  softReboot(): Promise<void>;
  /** Until no change is pending. @returns a line if that takes too long */
  untilOver(seconds: number): Promise<string[]>;
}

export interface Ran {
  readonly status: number;
  readonly text: string;
}

export interface Ended {
  readonly isChanged: boolean;
  readonly lines: readonly string[];
}

export type End = (hands: Hands) => Promise<Ended>;

/** The shortest time that `--timeout` takes. */
export const TIMEOUT = '10s';
/** A timer of ten seconds, its rollback, and a machine that has other things to do. */
export const OVER_SECONDS = 60;

export const expectStatus = ({ status, text }: Ran, wanted: number, what: string): string[] =>
  status === wanted ? [] : [`${what}: status ${status}, must be ${wanted}: ${text.trim()}`];

export const kept = (lines: readonly string[]): Ended => ({ isChanged: false, lines });
export const changed = (lines: readonly string[]): Ended => ({ isChanged: true, lines });

export const ROLLBACK_RUNS = `n=0; until [ -e /etc/macvtap-render/pending.claimed/running ]; do
  [ "$n" -lt 2000 ] || exit 1; n=$((n + 1)); sleep 0.02; done`;

/** No folder of the host's that is compared. */
export const INTENT = '/var/lib/lab-intent.yaml';

/** An installed host needs no flags; another back end is named. */
export const backendOf = ({ kind, host, second }: Cell): string[] => [
  ...(kind.becomes ? ['--backend', second.wanted.backend] : []),
  ...(kind.isForced ? ['--switch'] : []),
  ...(kind.site ? host.files.flatMap(({ path }) => moved(kind, path)) : []),
];

const moved = ({ site = {} }: Cell['kind'], path: string): string[] =>
  Object.values(site).some((files) => files.some((file) => file.path === path))
    ? ['--move', path]
    : [];
