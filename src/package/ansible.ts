/**
 * Files → a role for Ansible. What differs from host to host is below `vars/hosts/` (what is in
 * `vars/main/` Ansible reads for every host), in a folder of the host's below `files/`, and in the
 * change script of the host below `changes/`; the rest is the same for all. Files are files: Ansible
 * copies them and evaluates nothing in them, and a reviewer sees what will be on the host.
 */

import { places } from '../backends/places.ts';
import { backends } from '../backends/registry.ts';
import { octal } from '../view/octal.ts';
import { ownershipLine, sharedLine } from '../view/ownership.ts';
import { plainText } from '../view/template.ts';
import type { FleetHost, Member, Package, Packaging } from './package.ts';
import { tar } from './tar.ts';
import { quoted, unevaluated } from './yaml-text.ts';

export const ansiblePackaging = {
  id: 'ansible',
  summary: 'a role for Ansible: an archive, or a folder with --output',
  takesSeveral: false,
  takesHosts: true,
  activates: true,
  text: (packages) => tar(role(packages)),
  members: role,
  // Groups of Ansible and of this role.
  reserved: ['all', 'ungrouped', 'macvtap', ...backends.map(({ id }) => groupOf(id))],
  // `vars/hosts/NAME.yml`: a file system takes 255 bytes.
  longest: 255 - '.yml'.length,
  treeOf: (item) => ['files', folderOf(item)],
} as const satisfies Packaging;

/** The name of the folder if the intent names no host. */
const UNNAMED = 'unnamed';

const folderOf = ({ host }: Package): string => (host === '' ? UNNAMED : host);

function role(packages: readonly Package[], fleet = fleetOf(packages)): Member[] {
  return [
    // The tasks last, after what they refer to.
    ...packages.flatMap(ofHost),
    ...(fleet.length > 0
      ? [member('inventory.yml', 'ansible/inventory.yml', inventory(fleet))]
      : []),
    member('defaults/main.yml', 'ansible/defaults.yml', SHARED),
    member('meta/main.yml', 'ansible/meta.yml', SHARED),
    member('handlers/main.yml', 'ansible/handlers.yml', SHARED),
    member('tasks/apply.yml', 'ansible/apply.yml', SHARED),
    member('tasks/main.yml', 'ansible/tasks.yml', { ...SHARED, ...searched() }),
  ];
}

function ofHost(item: Package): Member[] {
  const { host } = item;
  const folder = folderOf(item);
  return [
    ...item.files.map(({ path, mode, text }) => ({
      path: `files/${folder}${path}`,
      mode,
      text,
      host,
    })),
    { path: `changes/${folder}.sh`, mode: 0o755, text: item.change, host },
    { ...member(`vars/hosts/${folder}.yml`, 'ansible/vars.yml', varsOf(item)), host },
  ];
}

const fleetOf = (packages: readonly Package[]): FleetHost[] =>
  packages.flatMap(({ folder }) => (folder === undefined ? [] : [{ name: folder }]));

/**
 * An inventory of all hosts of the fleet, without addresses to connect to. The role refuses hosts that
 * were never rendered.
 */
const inventory = (fleet: readonly FleetHost[]) => ({
  ...SHARED,
  hosts: fleet.map(({ name }) => ({ host: quoted(name) })),
  systems: systemsIn(fleet),
});

/** Where the intent names systems, the hosts of each, in the order of the first of them: one list, or none. */
function systemsIn(fleet: readonly FleetHost[]) {
  const named = [...new Set(fleet.flatMap(({ backend }) => backend ?? []))];
  const groups = named.map((id) => ({
    group: groupOf(id),
    backend: quoted(id),
    hosts: fleet
      .filter(({ backend }) => backend === id)
      .map(({ name }) => ({ host: quoted(name) })),
  }));
  return groups.length === 0 ? [] : [{ groups }];
}

/** Names of groups are names of variables, too: no hyphen. */
function groupOf(backendId: string): string {
  return `macvtap_${backendId.replaceAll('-', '_')}`;
}

const SHARED = { mark: sharedLine() };

const member = (
  path: string,
  template: string,
  values: Parameters<typeof plainText>[1],
): Member => ({ path, mode: 0o644, text: plainText(template, values) });

function varsOf({ host, files, verify }: Package) {
  return {
    mark: ownershipLine(host),
    line: unevaluated(ownershipLine(host), 2),
    files: files.map(({ path, mode }) => ({ path: unevaluated(path), mode: octal(mode) })),
    verify: verify.map((line) => ({ command: unevaluated(line, 4) })),
  };
}

/** Where generated files can be, and their names: the same for every back end of a host. */
function searched() {
  const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
  const ofHosts = places.filter(({ scope }) => scope === undefined);
  return {
    folders: distinct(ofHosts.map(({ folder }) => folder)).map((folder) => ({
      folder: quoted(folder),
    })),
    names: distinct(ofHosts.map(({ name }) => name.source)).map((name) => ({ name: quoted(name) })),
  };
}
