/** What the services of a boot complain of, and which of it says nothing against the files. */

import { HARMLESS, without } from '../judge/harmless.ts';
import { must, run } from '../process.ts';
import type { Running } from './machine.ts';

/** Whose words count: all that have to do with links. */
const SPEAKERS =
  /^(systemd-network.*|NetworkManager|nm-.*|systemd-sysctl|netplan.*|systemd-udevd|\(udev-worker\)|udevadm)$/;

/** What they print is all of one level: each word counts. */
const PRINTERS = /^(?:ifup|networking|start-networking|ifupdown-hotplug)$/;

/** Of the service manager's own words, those on units that have to do with links. */
const UNITS = /network|NetworkManager|netplan|nm-|sysctl|udev/i;

/** What is looked at of an entry (systemd.journal-fields(7)). */
export interface Entry {
  readonly SYSLOG_IDENTIFIER?: string;
  /** Bytes, where it is not text. */
  readonly MESSAGE?: string | readonly number[];
  /** 0 to 7, as of syslog(3). */
  readonly PRIORITY?: string;
  /** Microseconds. */
  readonly __MONOTONIC_TIMESTAMP?: string;
}

/** All messages of this boot. */
export async function readJournal(running: Running): Promise<Entry[]> {
  const fields = 'SYSLOG_IDENTIFIER,MESSAGE,PRIORITY';
  const read = ['journalctl', '--boot', '--output=json', `--output-fields=${fields}`, '--no-pager'];
  const lines = (await must(running.inside(read))).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Entry);
}

function textOf({ MESSAGE: message = '' }: Entry): string {
  return typeof message === 'string' ? message : Buffer.from(message).toString();
}

/** As a reader wants it: seconds since the kernel began, who, what. */
export const showJournal = (journal: readonly Entry[]): string =>
  journal
    .map((entry) => {
      const seconds = Number(entry.__MONOTONIC_TIMESTAMP ?? 0) / 1e6;
      const { PRIORITY: level = '6', SYSLOG_IDENTIFIER: speaker = '' } = entry;
      return `${seconds.toFixed(3)} <${level}> ${speaker}: ${textOf(entry)}`;
    })
    .join('\n');

const WARNING = 4;

/** @returns a line for each warning of this boot, and for each unit that failed */
export async function readWarnings(
  running: Running,
  journal?: readonly Entry[],
): Promise<string[]> {
  const all = (journal ?? (await readJournal(running))).map((entry) => ({
    level: Number(entry.PRIORITY ?? '6'),
    speaker: entry.SYSLOG_IDENTIFIER ?? '',
    text: textOf(entry),
  }));
  const output = all
    .filter(({ level }) => level <= WARNING)
    .filter(
      ({ speaker, text }) => SPEAKERS.test(speaker) || (speaker === 'systemd' && UNITS.test(text)),
    )
    .map(({ speaker, text }) => `${speaker}: ${text}`);
  const printed = all
    .filter(({ speaker }) => PRINTERS.test(speaker))
    .filter(({ text }) => without([text], HARMLESS.ifupdown).length > 0)
    .map(({ speaker, text }) => `${speaker}: ${text}`);
  const list = ['systemctl', 'list-units', '--failed', '--plain', '--no-legend', '--no-pager'];
  const failed = (await run(running.inside(list))).stdout.split('\n');
  return without(
    [...output, ...printed, ...failed.map((line) => line.replace(/^(\S+) .*/, 'failed: $1'))],
    HARMLESS.boot,
  );
}
