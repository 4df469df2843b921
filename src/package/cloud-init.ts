/**
 * Files → user-data for cloud-init. The files are written in its network stage (`write_files`). The
 * network that cloud-init has set up for the first boot is replaced in its final stage (`runcmd`), by
 * the command that activates on any running host.
 */

import { profileOfCloudInit } from '../backends/host/cloud-init.ts';
import { octal } from '../view/octal.ts';
import { ownershipLine } from '../view/ownership.ts';
import { quote } from '../view/shell.ts';
import { plainText } from '../view/template.ts';
import { memberOfEach, only, type Package, type Packaging } from './package.ts';
import { literal, quoted } from './yaml-text.ts';

/**
 * Sorts after the files of an image, so that it overrides them. It turns off cloud-init's network as a whole: not where
 * a parent is left to others, as cloud-init may be the one that configures it.
 */
const OFF = '/etc/cloud/cloud.cfg.d/99-macvtap.cfg';

export const cloudInitPackaging = {
  id: 'cloud-init',
  summary: 'user-data: files, and their activation at the first boot',
  takesSeveral: false,
  takesHosts: false,
  activates: true,
  text: (packages) => userData(only(packages)),
  members: (packages) => memberOfEach(packages, 'user-data', userData),
} as const satisfies Packaging;

function userData({ host, files, activate, settle, verify, nics, hasUnmanaged }: Package): string {
  const mark = ownershipLine(host);
  const off = {
    path: OFF,
    mode: 0o644,
    // cloud-init's own manual, "Disabling network activation".
    text: `${mark}\n# Do not edit: change the intent and render it again.\n\nnetwork: {config: disabled}\n`,
  };
  const commands = [activate, ...settle, ...left(nics), ...judged(verify)];
  return plainText('cloud-init/user-data', {
    mark,
    files: [...(hasUnmanaged ? [] : [off]), ...files].map(({ path, mode, text }) => ({
      path: quoted(path),
      mode: octal(mode),
      content: literal(text, 6),
    })),
    commands: commands.map((command) => ({ command: quoted(command, 4) })),
  });
}

/**
 * cloud-init's profile for the NIC at the first boot. Other generated files take precedence over
 * cloud-init's; its profiles for NetworkManager have priority 120, and would win at the next boot.
 */
const left = (nics: readonly string[]): string[] =>
  nics.length === 0 ? [] : [`rm -f ${nics.map((nic) => quote(profileOfCloudInit(nic))).join(' ')}`];

/** `cloud-init status` reports an error if the network does not match the intent after half a minute. */
const judged = (verify: readonly string[]): string[] =>
  verify.length === 0
    ? []
    : [
        `(n=0; until ${verify.map((line) => `${line} >/dev/null`).join(' && ')}; do n=$((n + 1)); [ "$n" -lt 30 ] || { echo 'macvtap-render: the network does not match the intent' >&2; exit 1; }; sleep 1; done)`,
      ];
