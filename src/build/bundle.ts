/**
 * `npm run build`: the program and the library, templates precompiled.
 *
 *     dist/macvtap-render.cjs   the command; Node 20 and later, nothing else
 *     dist/program/             what it runs, in parts, and V8's code cache of each (code-cache.ts)
 *     dist/index.js             the library: an ES module for any engine, free of `node:`
 *     dist/index.d.ts           its types, as they are in the sources; intent.d.ts, names.d.ts beside it
 *     dist/intent.schema.json   the JSON Schema of an intent, for editors
 *     dist/output.schema.json   the JSON Schema of every `--format json`
 *     dist/man/, completions/   from the sources of `help`
 *     dist/THIRD-PARTY-NOTICES  the licences of what the two have in them
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { jsonSchema } from '../intent/json-schema.ts';
import { outputJsonSchema } from '../report/output-schema.ts';
import { systemNames } from '../selection.ts';
import { evaluatedOf, PARTS, writeProgram } from './code-cache.ts';
import { allKeyExamples } from './key-texts.ts';
import { namesTypes } from './names.ts';
import { noticesOf } from './notices.ts';
import { programInParts } from './parts.ts';
import { precompileAll } from './templates.ts';
import { allExamples, allGuides } from './texts.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Puts precompiled templates in the place of the module that reads and compiles them. */
export const precompiledTemplates: Plugin = {
  name: 'precompiled-templates',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#templates$/ }, ({ path }) => ({ path, namespace: 'templates' }));
    onLoad({ filter: /.*/, namespace: 'templates' }, () => {
      const entries = Object.entries(precompileAll()).map(
        ([name, spec]) => `${JSON.stringify(name)}: ${spec}`,
      );
      return { contents: `export default {${entries.join(',\n')}};` };
    });
  },
};

/** Puts the texts themselves in the place of the modules that read them. */
export const bundledTexts: Plugin = {
  name: 'bundled-texts',
  setup({ onResolve, onLoad }) {
    const texts = {
      '#guides': allGuides,
      '#examples': allExamples,
      '#key-examples': allKeyExamples,
    };
    onResolve({ filter: /^#(?:guides|(?:key-)?examples)$/ }, ({ path }) => ({
      path,
      namespace: 'texts',
    }));
    onLoad({ filter: /.*/, namespace: 'texts' }, ({ path }) => {
      const read = texts[path as keyof typeof texts];
      return { contents: `export default ${JSON.stringify(read())};` };
    });
  },
};

/**
 * What cosmiconfig would load configuration with: its loaders of code, and parsers of its own. Our
 * search reads text; without them no door to code is even in the file.
 */
const withoutLoaders: Plugin = {
  name: 'without-loaders',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/loaders$/ }, ({ path, importer }) =>
      importer.includes('/cosmiconfig/') ? { path, namespace: 'absent' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Starting programs takes Node 2 ms to load, and what most runs do starts none. */
const programsOnDemand: Plugin = {
  name: 'programs-on-demand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ path, namespace }) =>
      namespace === 'on-demand' ? { path, external: true } : { path, namespace: 'on-demand' },
    );
    onLoad({ filter: /.*/, namespace: 'on-demand' }, ({ path }) => ({
      contents: `export const spawnSync = (...words) => require('${path}').spawnSync(...words);`,
    }));
  },
};

export const shared = {
  absWorkingDir: root,
  bundle: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  minify: true,
  target: 'es2022',
} as const;

/** How the command is built. */
export const ofCommand: BuildOptions = {
  ...shared,
  plugins: [precompiledTemplates, bundledTexts, withoutLoaders, programsOnDemand],
};

/**
 * Everything below `outdir` but man pages and completions.
 * @returns the files that are in the two bundles, from the top of the repository
 */
export async function bundle(outdir: string): Promise<string[]> {
  rmSync(outdir, { recursive: true, force: true });
  const command = `${outdir}/macvtap-render.cjs`;
  const program = await programInParts(root, ofCommand, PARTS, (whole) => evaluatedOf(root, whole));
  writeProgram(root, program.parts, command);
  chmodSync(command, 0o755);
  const { metafile: ofLibrary } = await build({
    ...shared,
    entryPoints: ['src/index.ts'],
    outfile: `${outdir}/index.js`,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'esm',
    plugins: [precompiledTemplates, bundledTexts],
  });
  copyFileSync(`${root}src/library/public.d.ts`, `${outdir}/index.d.ts`);
  copyFileSync(`${root}src/library/intent.d.ts`, `${outdir}/intent.d.ts`);
  writeFileSync(`${outdir}/names.d.ts`, namesTypes());
  writeFileSync(`${outdir}/intent.schema.json`, jsonSchema(systemNames()));
  writeFileSync(`${outdir}/output.schema.json`, outputJsonSchema());
  const inputs = [...new Set([...program.inputs, ...Object.keys(ofLibrary.inputs)])];
  writeFileSync(`${outdir}/THIRD-PARTY-NOTICES`, noticesOf(root, inputs));
  return inputs;
}

/** Man pages and completions, below `outdir`. */
async function writePages(outdir: string): Promise<void> {
  // Heavy, and for the package alone: the tests' own bundles do without.
  const [{ manPages }, { completions }] = await Promise.all([
    import('./man.ts'),
    import('./completions.ts'),
  ]);
  for (const [folder, texts] of [
    ['man', manPages()],
    ['completions', completions()],
  ] as const) {
    mkdirSync(`${outdir}/${folder}`, { recursive: true });
    for (const [name, text] of Object.entries(texts))
      writeFileSync(`${outdir}/${folder}/${name}`, text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(`${root}dist`);
  await writePages(`${root}dist`);
}
