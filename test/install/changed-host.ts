/** A rendered set and its change script, put onto a fake host as an installation does. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { changeScript } from '../../src/install/change-script.ts';
import { intentOf } from '../golden/cases.ts';
import type { FakeHost } from './fake-host.ts';

export interface Rendered {
  readonly script: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export function rendered(intent = intentOf('original'), backendId = 'networkd'): Rendered {
  const { sets, model } = compile(intent, { file: 'intent.yaml', backends: [backendId] });
  const backend = backends.find(({ id }) => id === backendId);
  const [set] = sets ?? [];
  if (!set || !model || !backend) throw new Error('nothing rendered');
  return { script: changeScript(backend, model, set.files), files: set.files };
}

/** Keeps what is there, writes the set, removes other generated files. */
export function installedOn(host: FakeHost, { script, files }: Rendered): void {
  const ours = host.files().filter((path) => /macvtap|10-netplan/.test(path) && isFile(host, path));
  const orphans = ours.filter(
    (path) => !path.startsWith('/etc/macvtap-render') && !files.some((file) => file.path === path),
  );
  const { status, output } = host.change(['keep', ...orphans], host.send(script));
  assert.is(status, 0, output);
  for (const { path, text } of files) host.write(path, text);
  for (const path of orphans) host.remove(path);
}

export const isFile = (host: FakeHost, path: string): boolean =>
  statSync(join(host.root, path)).isFile();
