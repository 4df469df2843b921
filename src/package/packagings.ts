/** All packagings, in the order of the help. A new one is a file in this folder, and a line here. */
import { ansiblePackaging } from './ansible.ts';
import { cloudInitPackaging } from './cloud-init.ts';
import { ignitionPackaging } from './ignition.ts';
import { jsonPackaging } from './json.ts';
import type { Packaging } from './package.ts';
import { streamPackaging } from './stream.ts';
import { tarPackaging } from './tar.ts';

/** The first is the default. */
const all = [
  streamPackaging,
  jsonPackaging,
  tarPackaging,
  cloudInitPackaging,
  ansiblePackaging,
  ignitionPackaging,
] as const satisfies readonly Packaging[];

export type PackagingId = (typeof all)[number]['id'];

export const packagings: readonly (Packaging & { readonly id: PackagingId })[] = all;
