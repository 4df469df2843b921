/** The files of a host before and after: bytes, mode and owner; and what a change may leave behind. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Running } from '../../drive/machine.ts';
import { run } from '../../process.ts';

/** Path → mode, owner and bytes, as one text. */
export type Files = ReadonlyMap<string, string>;

/** All that configures a host. */
const KEPT = ['/etc', '/usr/local', '/root'];
/** Made of it by generators and daemons: what is called so must be there again, and nothing else. */
const MADE = ['/run/systemd/network', '/run/NetworkManager', '/run/network', '/run/systemd/system'];
/** Where temporary files are. */
const TEMPORARY = ['/run', '/tmp', '/var/tmp', '/dev/shm'];

/** What daemons write for themselves, which a change does not mention. */
const OF_DAEMONS = [
  // Its own notes: which devices it has, leases, the number of a connection's activation.
  /^\/run\/NetworkManager\/(?:devices|dhcp|no-stub-resolv\.conf|resolv\.conf)/,
  // It began with a change, and ended with its rollback.
  /^\/run\/NetworkManager(?:\/system-connections\/lo\.nmconnection)?$/,
  /^\/run\/systemd\/(?:units|transient|private|sessions|inaccessible)/,
  // The folders of services that end when nobody asks them.
  /\/systemd-private-[^/]*$/,
  // That Debian's service ran, for its next start (its ExecStopPost); a soft reboot keeps it.
  /^\/run\/network\/restart-hotplug$/,
  // A lock for each link that ifupdown ever had, and the number of a DHCP client that has ended.
  /^\/run\/(?:network\/ifstate\.|ifstate\.\S+\.lock$|dhclient.*\.pid$)/,
  /^\/etc\/(?:ld\.so\.cache|mtab|\.pwd\.lock)$/,
];

const isOfDaemons = (path: string): boolean => OF_DAEMONS.some((item) => item.test(path));

export function readFiles({ root }: Pick<Running, 'root'>): Files {
  const found = new Map<string, string>();
  const walk = (folder: string, isDeep: boolean, hasBytes: boolean): void => {
    for (const name of namesIn(`${root}${folder}`)) {
      const path = `${folder}/${name}`;
      if (isOfDaemons(path)) continue;
      const stat = lstatSync(`${root}${path}`, { throwIfNoEntry: false });
      if (!stat) continue;
      if (stat.isDirectory()) {
        // Folders that daemons create in /run come and go.
        if (!isDeep || hasBytes) found.set(path, 'folder');
        if (isDeep) walk(path, isDeep, hasBytes);
        continue;
      }
      const who = `${(stat.mode & 0o7777).toString(8)} ${stat.uid}:${stat.gid}`;
      const bytes = stat.isSymbolicLink()
        ? `→ ${readlinkSync(`${root}${path}`)}`
        : stat.isFile() && hasBytes
          ? readFileSync(`${root}${path}`, 'latin1')
          : '';
      found.set(path, `${who}\n${bytes}`);
    }
  };
  for (const folder of KEPT) walk(folder, true, true);
  for (const folder of MADE) walk(folder, true, false);
  for (const folder of TEMPORARY) walk(folder, false, false);
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @returns a line for each file that is not as it was */
export function compareFiles(before: Files, after: Files): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].sort().flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    if (is === undefined) return [`${path} is gone`];
    if (was === undefined) return [`${path} is left`];
    const [mode = '', text = ''] = is.split(/\n(.*)/s);
    const [modeBefore = '', textBefore = ''] = was.split(/\n(.*)/s);
    return [
      ...(mode === modeBefore ? [] : [`${path}: ${mode}, was ${modeBefore}`]),
      ...(text === textBefore ? [] : [`${path} has other bytes`]),
    ];
  });
}

/** Of a change while it is made: copies, locks, lists. */
const OF_THE_CHANGE = /(?:\.macvtap-[^/]*|\.(?:part|macvtap|new))$/;

/** @returns a line for each file of a confirmed change that nobody needs any more */
export function strays(before: Files, after: Files): string[] {
  const isStray = (path: string): boolean =>
    OF_THE_CHANGE.test(path) || /^\/(?:tmp|var\/tmp|dev\/shm)\//.test(path);
  return [...after.keys()]
    .filter((path) => !before.has(path) && isStray(path))
    .map((path) => `${path} is left`);
}

const UNITS = ['macvtap*', 'run-*.service'];

/** @returns a line for each unit, timer and process of a change that is still there */
export async function leftovers(running: Running): Promise<string[]> {
  const list = ['systemctl', 'list-units', '--all', '--plain', '--no-legend', '--no-pager'];
  const units = (await run(running.inside([...list, ...UNITS]))).stdout.split('\n');
  return [
    ...units.filter((line) => line.trim() !== '').map((line) => `unit left: ${line.trim()}`),
    ...processes(running).map((line) => `process left: ${line}`),
    ...namesIn(`${running.root}/etc/macvtap-render`).map(
      (name) => `/etc/macvtap-render/${name} is left`,
    ),
  ];
}

function processes({ root }: Running): string[] {
  return namesIn(`${root}/proc`)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const words = readFileSync(`${root}/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return /macvtap-render|pending/.test(words) ? [`${pid} ${words.trim()}`] : [];
      } catch {
        return [];
      }
    });
}
