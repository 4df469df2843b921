/**
 * `#templates` while developing: reads `templates/**` and precompiles it. The bundler puts the
 * precompiled templates in this module's place (`bundle.ts`), so every run prints by the same code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { shapeOf } from './shapes.ts';

const ROOT = new URL('../../templates/', import.meta.url);
const ENDING = '.hbs';
/** A script without values, which shellcheck(1) reads as it is. */
const SCRIPT = '.sh';

/** Templates of packagings and of the change script print texts that are always there; scripts, too. */
const OF_TEXTS = /^(?:(?:ansible|change|cloud-init)\/|.*\.sh$)/;

/** Every template, by `folder/name`. */
const sources = (): [name: string, source: string][] =>
  readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING) || file.endsWith(SCRIPT))
    .sort()
    .map((file) => [
      file.endsWith(ENDING) ? file.slice(0, -ENDING.length) : file,
      readFileSync(new URL(file, ROOT), 'utf8'),
    ]);

/** The templates that print views: those of back ends. */
export const viewTemplates = (): [name: string, source: string][] =>
  sources().filter(([name]) => !OF_TEXTS.test(name));

/**
 * Every template as the source of a Handlebars template specification, by `folder/name`.
 * @throws Error for a template that a view cannot fill
 */
export function precompileAll(): Record<string, string> {
  for (const [name, source] of viewTemplates()) shapeOf(name, source);
  return Object.fromEntries(
    sources().map(([name, source]) => [
      name,
      String(
        Handlebars.precompile(source, {
          // The output is not HTML; encoding is done before, in the views.
          noEscape: true,
          // A value that is absent from a view takes its line with it (`view/structure.ts`).
          strict: OF_TEXTS.test(name),
          knownHelpersOnly: true,
          knownHelpers: { if: true, each: true, unless: true, join: true },
        }),
      ),
    ]),
  );
}

const evaluate = (spec: string): unknown => new Function(`return ${spec}`)();

const templates: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(precompileAll()).map(([name, spec]) => [name, evaluate(spec)]),
);

export default templates;
