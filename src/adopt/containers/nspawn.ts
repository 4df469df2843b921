/**
 * Containers of systemd-nspawn: their settings in /etc (systemd.nspawn(5), 247 to 262; [Network]), and drop-ins of
 * their units with the words of its command line (systemd-nspawn(1)).
 */
import type { HostFile, Setting, Watch } from '../../backends/host/foreign.ts';
import { systemdSettings, wordsOf } from '../../backends/host/systemd-file.ts';
import { entryOf } from '../values.ts';
import { type Attachment, attachment, type Found, linkNameOf, unreadable } from './attachment.ts';
import { named } from './documents.ts';

/** Files beside an image are not trusted with network settings; /run is empty at the next boot. */
const FOLDER = '/etc/systemd/nspawn';

const UNITS = '/etc/systemd/system';
const DROP_INS = /^systemd-nspawn@.+\.service\.d$/;

export const nspawnWatches: readonly Watch[] = [
  { folder: FOLDER, name: /^[^.].*\.nspawn$/ },
  { folder: UNITS, below: DROP_INS, name: /^[^.].*\.conf$/ },
];

const DEVICES: Readonly<Record<string, Attachment['device']>> = {
  MACVLAN: 'macvlan',
  IPVLAN: 'ipvlan',
  Bridge: 'bridge',
};

export const readNspawn = (files: readonly HostFile[]): Found[] => [
  ...files.filter(({ folder }) => folder === FOLDER).map(readFile),
  ...files
    .filter(
      ({ folder }) =>
        folder.startsWith(`${UNITS}/`) && DROP_INS.test(folder.slice(UNITS.length + 1)),
    )
    .map(readDropIn),
];

/** Its value is behind `=` or in the next word (getopt_long(3)). */
const OPTION = /^--network-(macvlan|ipvlan|bridge)(?:=(.+))?$/;

/** `ExecStart=/usr/bin/systemd-nspawn … --network-macvlan=eth0` */
function readDropIn(file: HostFile): Found {
  const { path, text, folder } = file;
  if (text === undefined) return unreadable(file);
  const name = folder.slice(folder.indexOf('@') + 1).replace(/\.service\.d$/, '');
  const commands = (systemdSettings(text) ?? []).filter(
    ({ section, key }) => section === 'Service' && key === 'ExecStart',
  );
  return {
    attachments: commands.flatMap(({ value, line }) =>
      wordsOf(value, 'unquoted').flatMap((word, index, words) => {
        const [, option = '', same] = OPTION.exec(word) ?? [];
        const key = { macvlan: 'MACVLAN', ipvlan: 'IPVLAN', bridge: 'Bridge' }[option] ?? '';
        return linksOf(path, name, { key, value: same ?? words[index + 1] ?? '', line });
      }),
    ),
    unread: [],
  };
}

function readFile(file: HostFile): Found {
  const { path, text } = file;
  if (text === undefined) return unreadable(file);
  const settings = systemdSettings(text);
  if (!settings) {
    return { attachments: [], unread: [{ path, message: 'systemd-nspawn refuses this file.' }] };
  }
  const own = settings.filter(({ section }) => section === 'Network');
  return {
    attachments: effective(own).flatMap((setting) =>
      linksOf(path, file.name.replace(/\.nspawn$/, ''), setting),
    ),
    unread: [],
  };
}

/** The last `Bridge=` counts; each `MACVLAN=` and `IPVLAN=` adds links, an empty one drops them. */
function effective(settings: readonly Setting[]): Setting[] {
  return settings.filter(({ key, value }, index) => {
    const later = settings.slice(index + 1).filter((item) => item.key === key);
    return value !== '' && !later.some((item) => key === 'Bridge' || item.value === '');
  });
}

function linksOf(
  path: string,
  name: string,
  { key, value, line }: Pick<Setting, 'key' | 'value' | 'line'>,
): Attachment[] {
  const device = entryOf(DEVICES, key);
  if (!device) return [];
  return wordsOf(value, 'unquoted').flatMap((word) => {
    // `eth0:lan0` names the link in the container, too (systemd 254).
    const parent = linkNameOf(word.split(':')[0]);
    return parent === undefined
      ? []
      : [
          attachment({
            title: `systemd-nspawn's container${named(name)}`,
            device,
            parent,
            origin: { path, line },
          }),
        ];
  });
}
