/** What besides the network's owner may configure our links at boot: cloud-init, ifupdown, sysctl. */
import { parseDocument } from 'yaml';
import type { Model } from '../model/types.ts';
import { type Finding, finding, type HostFile, settingsOf, type Watch } from './foreign.ts';
import { ifupdownWatches, judgeIfupdown } from './foreign-ifupdown.ts';
import type { RenderedFile } from './types.ts';

const SYSCTL = '/etc/sysctl.d';
const OUR_SYSCTL = '90-macvtap.conf';

export const hostWatches: readonly Watch[] = [
  { folder: '/etc/cloud', name: /^(?:cloud\.cfg|cloud-init\.disabled)$/ },
  { folder: '/etc/cloud/cloud.cfg.d', name: /\.cfg$/ },
  ...ifupdownWatches,
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
    ...judgeIfupdown(model, rendered, files, {
      isOwner: said.isIfupdown === true,
      isNetworkManager: said.isNetworkManager,
    }),
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
