/**
 * Files → user-data for cloud-init. The files are written in its network stage (`write_files`);
 * what it has set up by then, for a first boot, is left by the command that activates on any host
 * that runs, in its final stage (`runcmd`), when nothing else of it comes any more.
 */

import { profileOfCloudInit } from '../backends/host/cloud-init.ts';
import { octal } from '../view/octal.ts';
import { ownershipLine } from '../view/ownership.ts';
import { quote } from '../view/shell.ts';
import { plainText } from '../view/template.ts';
import { memberOfEach, only, type Package, type Packaging } from './package.ts';
import { literal, quoted } from './yaml-text.ts';

/** Comes after what an image brings, so that it has the last word. */
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

function userData({ host, files, activate, settle, verify, nics }: Package): string {
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
    files: [off, ...files].map(({ path, mode, text }) => ({
      path: quoted(path),
      mode: octal(mode),
      content: literal(text, 6),
    })),
    commands: commands.map((command) => ({ command: quoted(command, 4) })),
  });
}

/**
 * What cloud-init has written for our NIC at the first boot. Everywhere else ours comes before it;
 * its profiles for NetworkManager have priority 120, and would take the NIC at the next boot.
 */
const left = (nics: readonly string[]): string[] =>
  nics.length === 0 ? [] : [`rm -f ${nics.map((nic) => quote(profileOfCloudInit(nic))).join(' ')}`];

/** `cloud-init status` tells an error where the network is not as it must be after half a minute. */
const judged = (verify: readonly string[]): string[] =>
  verify.length === 0
    ? []
    : [
        `(n=0; until ${verify.map((line) => `${line} >/dev/null`).join(' && ')}; do n=$((n + 1)); [ "$n" -lt 30 ] || { echo 'macvtap-render: the network is not as the intent says' >&2; exit 1; }; sleep 1; done)`,
      ];
