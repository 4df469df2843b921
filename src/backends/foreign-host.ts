/** What besides the network's owner may configure our links at boot: cloud-init, ifupdown, sysctl. */
import { parseDocument } from 'yaml';
import type { Model } from '../model/types.ts';
import {
  claimsOf,
  type Finding,
  finding,
  fits,
  type HostFile,
  settingsOf,
  type Watch,
} from './foreign.ts';
import type { RenderedFile } from './types.ts';

const SYSCTL = '/etc/sysctl.d';
const OUR_SYSCTL = '90-macvtap.conf';

export const hostWatches: readonly Watch[] = [
  { folder: '/etc/cloud', name: /^(?:cloud\.cfg|cloud-init\.disabled)$/ },
  { folder: '/etc/cloud/cloud.cfg.d', name: /\.cfg$/ },
  { folder: '/etc/network', name: /^interfaces$/ },
  { folder: '/etc/network/interfaces.d', name: /^[a-zA-Z0-9_.-]+$/ },
  { folder: SYSCTL, name: /\.conf$/ },
];

interface Said {
  /** Whether NetworkManager is to have the links: it keeps off what ifupdown has. */
  readonly isNetworkManager: boolean;
  /** Whether ifupdown is to have them: it adds up what it finds of a link. */
  readonly isIfupdown?: boolean;
}

export function judgeHost(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  said: Said,
): Finding[] {
  return [
    ...judgeCloudInit(files),
    ...judgeIfupdown(model, files, said),
    ...judgeSysctl(rendered, files),
  ];
}

/** cloud-init writes the network again at each boot of a new instance, and some of it at every boot. */
function judgeCloudInit(files: readonly HostFile[]): Finding[] {
  const own = files.filter(({ path }) => path.startsWith('/etc/cloud/'));
  const main = own.find(({ name }) => name === 'cloud.cfg');
  const isOff = own.some(
    ({ name, text }) => name === 'cloud-init.disabled' || (text !== undefined && turnsOff(text)),
  );
  if (!main || isOff) return [];
  return [
    finding('cloud-init-writes-network', main.path, 'cloud-init is here, and writes the network.'),
  ];
}

function turnsOff(text: string): boolean {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' });
  return document.errors.length === 0 && document.getIn(['network', 'config']) === 'disabled';
}

/** interfaces(5). */
function judgeIfupdown(
  model: Model,
  files: readonly HostFile[],
  { isNetworkManager, isIfupdown = false }: Said,
): Finding[] {
  const own = files.filter(({ path }) => path.startsWith('/etc/network/'));
  const lines = own.flatMap(({ path, text = '' }) =>
    text.split('\n').map((line, index) => ({
      path,
      line: index + 1,
      words: line.replace(/#.*/, '').trim().split(/\s+/),
    })),
  );
  const brought = lines
    .filter(({ words: [first = ''] }) => /^(?:auto|allow-(?:auto|hotplug))$/.test(first))
    .flatMap(({ words: [, ...names] }) => names);
  return claimsOf(model).flatMap(({ name }) =>
    lines
      .filter(({ words: [first, link = ''] }) => first === 'iface' && fits(link, name))
      .flatMap(({ path, line, words: [, , , method = ''] }) => {
        const isAtBoot = brought.some((one) => fits(one, name));
        const takes = method !== 'manual' && isAtBoot;
        if (isIfupdown) return [addsUp(name, path, line)];
        if (!takes && !isNetworkManager) return [];
        const message = takes
          ? `ifupdown brings \`${name}\` up at boot, with addresses (${method}).`
          : `\`${name}\` is ifupdown's here: NetworkManager leaves it alone, unless told otherwise.`;
        return [
          finding('ifupdown-claims-link', path, message, {
            line,
            severity: takes ? 'error' : 'warning',
          }),
        ];
      }),
  );
}

/** The host stays reachable, with the old address as well: a warning, for it goes when ours is activated. */
const addsUp = (name: string, path: string, line: number): Finding =>
  finding(
    'ifupdown-claims-link',
    path,
    `\`${name}\` has an \`iface\` here, which is added to ours.`,
    {
      line,
      severity: 'warning',
      hint: 'Take it out in the moment that ours is activated (what is printed afterwards says how).',
    },
  );

/** sysctl.d(5): of two files that set a key, the later one by name counts. */
function judgeSysctl(rendered: readonly RenderedFile[], files: readonly HostFile[]): Finding[] {
  const ours = rendered.find(({ path }) => path === `${SYSCTL}/${OUR_SYSCTL}`);
  if (!ours) return [];
  const plain = (key: string): string => key.replace(/^-/, '').replaceAll('/', '.');
  const set = new Map(settingsOf(ours.text).map(({ key, value }) => [plain(key), value]));
  return files
    .filter(({ folder, name }) => folder === SYSCTL && name > OUR_SYSCTL)
    .flatMap(({ path, text = '' }) =>
      settingsOf(text)
        .filter(({ key, value }) => (set.get(plain(key)) ?? value) !== value)
        .map(({ key, value, line }) =>
          finding('sysctl-overridden', path, `It sets \`${plain(key)}\` to ${value} after ours.`, {
            line,
          }),
        ),
    );
}
