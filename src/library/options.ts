/** Options of the library → those of the compiler, or what is wrong with them. */
import { backends } from '../backends/registry.ts';
import type { RenderOptions } from '../compile.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { targetNames } from '../targets/distributions.ts';
import { parseTarget } from '../targets/requested.ts';
import type { TargetSpec } from '../targets/target.ts';
import type { CompileOptions } from './public.d.ts';

export interface ReadOptions {
  readonly options: RenderOptions;
  /** About the options themselves: then nothing is compiled. */
  readonly diagnostics: readonly Diagnostic[];
}

export function readOptions(given: CompileOptions): ReadOptions {
  const { backends: names = [], renderer, target, strict } = given;
  const diagnostics = names.filter((name) => !isBackend(name)).map(unknownBackend);
  let spec: TargetSpec | undefined;
  if (target !== undefined) {
    const parsed = parseTarget(String(target));
    if (typeof parsed === 'string') diagnostics.push(unknownTarget(parsed));
    else spec = parsed;
  }
  const options = {
    backends: names,
    ...(renderer !== undefined && { renderer }),
    ...(strict !== undefined && { strict }),
    ...(spec && { target: spec }),
  };
  return { options, diagnostics };
}

const isBackend = (name: string): boolean =>
  name === 'netplan' || backends.some(({ id }) => id === name);

function unknownBackend(name: string): Diagnostic {
  const known = [...backends.map(({ id }) => id), 'netplan'].map((id) => `\`${id}\``).join(', ');
  const hint = `There are ${known}.`;
  return diagnostic('backend-unknown', [], `There is no back end \`${name}\`.`, { hint });
}

function unknownTarget(message: string): Diagnostic {
  const known = targetNames().map((name) => `\`${name}\``);
  const hint = `There are ${known.join(', ')}, and versions as in \`systemd=252,netplan=0.106\`.`;
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return diagnostic('target-unknown', [], sentence, { hint });
}
