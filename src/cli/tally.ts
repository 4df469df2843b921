/** What was done to the files of many hosts, in a few lines. */
import type { Written } from '../install/plan.ts';
import { counted } from '../report/text.ts';
import { hostCount, namedHosts } from './hosts.ts';

/** What was done to the files of one host. */
export interface Done {
  readonly host: string;
  readonly files: number;
  /** `6 created, 1 removed`; empty if all were up to date. */
  readonly what: string;
}

export function doneOf(host: string, written: readonly Written[]): Done {
  const counts = new Map<Written['change'], number>();
  for (const { change } of written) {
    if (change !== 'unchanged') counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  const what = [...counts].map(([change, count]) => `${count} ${change}`).join(', ');
  return { host, files: written.length, what };
}

/** @param isDry whether it would be done, and was not */
export function tally(done: readonly Done[], isDry: boolean): string {
  const groups = new Map<string, string[]>();
  for (const { host, what } of done) {
    const hosts = groups.get(what);
    if (hosts) hosts.push(host);
    else groups.set(what, [host]);
  }
  const unchanged = groups.get('')?.length ?? 0;
  groups.delete('');
  const would = isDry ? 'would be ' : '';
  const lines = [...groups].map(([what, hosts]) => `${would}${what}: ${namedHosts(hosts)}\n`);
  const files = done.reduce((sum, item) => sum + item.files, 0);
  const changed = counted(done.length - unchanged);
  return `${lines.join('')}${hostCount(done.length)}, ${counted(files)} files: ${changed} changed, ${counted(unchanged)} unchanged.\n`;
}
