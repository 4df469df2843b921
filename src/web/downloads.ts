/** Files of the output that a reader saves, by the packagings of the command. */
import { backendOf } from '../backends/registry.ts';
import type { HostCompilation } from '../compile-fleet.ts';
import { changeScript } from '../install/change-script.ts';
import { packagesOf } from '../package/packages.ts';
import { packagings } from '../package/packagings.ts';
import { nameOf } from './steps.ts';

/** One download: what it is, and what it is for. */
export interface Download {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** The ending of its name. */
  readonly ending: string;
  /** Only for back ends of a host's network. */
  readonly activates: boolean;
}

export const DOWNLOADS: readonly Download[] = [
  {
    id: 'tar',
    title: 'Archive',
    summary: 'The files at their places, for tar -x -p -C / on the host.',
    ending: '.tar',
    activates: false,
  },
  {
    id: 'change',
    title: 'Change script',
    summary: 'Keeps what is replaced, activates, and rolls back unless confirmed.',
    ending: '-change.sh',
    activates: true,
  },
  {
    id: 'ansible',
    title: 'Ansible role',
    summary: 'An archive of the role; it rolls back a host that does not answer.',
    ending: '-ansible.tar',
    activates: true,
  },
  {
    id: 'cloud-init',
    title: 'cloud-init user-data',
    summary: 'For the first boot of a new machine.',
    ending: '-user-data.yaml',
    activates: true,
  },
  {
    id: 'ignition',
    title: 'Ignition',
    summary: 'For the first boot of Fedora CoreOS or Flatcar.',
    ending: '.ign',
    activates: true,
  },
];

export interface Saved {
  readonly name: string;
  /** Of an archive: written in UTF-8 it is its bytes. */
  readonly text: string;
}

/** @returns undefined for what the compilation does not have */
export function saved(
  { sets, model, source }: HostCompilation,
  backendId: string,
  id: string,
): Saved | undefined {
  const set = sets?.find(({ backend }) => backend === backendId);
  const download = DOWNLOADS.find((item) => item.id === id);
  if (!set || !model || !download) return undefined;
  const backend = backendOf(set.backend, model.renderer);
  if (download.activates && backend.scope !== 'host') return undefined;
  const name = `${nameOf(model.host, set.backend)}${download.ending}`;
  if (id === 'change') return { name, text: changeScript(backend, model, set.files) };
  const packaging = packagings.find((item) => item.id === id);
  return (
    packaging && {
      name,
      text: packaging.text(packagesOf({ sets: [set], model, source, diagnostics: [] })),
    }
  );
}
