/** What the services of a boot complain of, and which of it says nothing against the files. */

import { HARMLESS, without } from '../harmless.ts';
import { must, run } from '../process.ts';
import type { Running } from './machine.ts';

/** Whose words count: all that have to do with links. */
const SPEAKERS =
  /^(systemd-network.*|NetworkManager|nm-.*|systemd-sysctl|netplan.*|systemd-udevd|\(udev-worker\)|udevadm)$/;

/** Of the service manager's own words, those on units that have to do with links. */
const UNITS = /network|NetworkManager|netplan|nm-|sysctl|udev/i;

interface Entry {
  readonly SYSLOG_IDENTIFIER?: string;
  /** Bytes, where it is no text. */
  readonly MESSAGE?: string | readonly number[];
}

/** @returns a line for each warning of this boot, and for each unit that failed */
export async function readWarnings(running: Running): Promise<string[]> {
  const journal = ['journalctl', '--boot', '--priority=warning', '--output=json', '--no-pager'];
  const lines = (await must(running.inside(journal))).split('\n').filter((line) => line !== '');
  const said = lines
    .map((line) => JSON.parse(line) as Entry)
    .map(({ SYSLOG_IDENTIFIER: speaker = '', MESSAGE: message = '' }) => ({
      speaker,
      text: typeof message === 'string' ? message : Buffer.from(message).toString(),
    }))
    .filter(
      ({ speaker, text }) => SPEAKERS.test(speaker) || (speaker === 'systemd' && UNITS.test(text)),
    )
    .map(({ speaker, text }) => `${speaker}: ${text}`);
  const list = ['systemctl', 'list-units', '--failed', '--plain', '--no-legend', '--no-pager'];
  const failed = (await run(running.inside(list))).stdout.split('\n');
  return without(
    [...said, ...failed.map((line) => line.replace(/^(\S+) .*/, 'failed: $1'))],
    HARMLESS.boot,
  );
}
