/**
 * `#templates` while developing: reads `templates/**` and precompiles it. The bundler puts the
 * precompiled templates in this module's place (`bundle.ts`), so every run prints by the same code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

const ROOT = new URL('../../templates/', import.meta.url);

/** Every template as the source of a Handlebars template specification, by `folder/name`. */
export function precompileAll(): Record<string, string> {
  const specs: Record<string, string> = {};
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files) {
    if (!file.endsWith('.hbs')) continue;
    const source = readFileSync(new URL(file, ROOT), 'utf8');
    specs[file.slice(0, -'.hbs'.length)] = String(
      Handlebars.precompile(source, {
        // The output is no HTML; encoding is done before, in the views.
        noEscape: true,
        strict: true,
        knownHelpersOnly: true,
        knownHelpers: { if: true, each: true, unless: true },
      }),
    );
  }
  return specs;
}

const evaluate = (spec: string): unknown => new Function(`return ${spec}`)();

const templates: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(precompileAll()).map(([name, spec]) => [name, evaluate(spec)]),
);

export default templates;
