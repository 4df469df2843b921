/**
 * `npm run build`: the program and the library, each one file, templates precompiled.
 *
 *     dist/macvtap-render.cjs   the command; Node 20 and later, nothing else
 *     dist/index.js             the library: an ES module for any engine, free of `node:`
 *     dist/index.d.ts           its types, which need no other package
 *     dist/intent.schema.json   the JSON Schema of an intent, for editors
 *     dist/output.schema.json   the JSON Schema of every `--format json`
 *     dist/man/, completions/   from the sources of `help`
 *     dist/THIRD-PARTY-NOTICES  the licences of what the two have in them
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { jsonSchema } from '../intent/json-schema.ts';
import { outputJsonSchema } from '../report/output-schema.ts';
import { noticesOf } from './notices.ts';
import { precompileAll } from './templates.ts';
import { allExamples, allGuides } from './texts.ts';
import { rolledUp } from './types.ts';

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
    onResolve({ filter: /^#(?:guides|examples)$/ }, ({ path }) => ({ path, namespace: 'texts' }));
    onLoad({ filter: /.*/, namespace: 'texts' }, ({ path }) => {
      const texts = path === '#guides' ? allGuides() : allExamples();
      return { contents: `export default ${JSON.stringify(texts)};` };
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

const shared = {
  absWorkingDir: root,
  bundle: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  minify: true,
  target: 'es2022',
} as const;

/**
 * Everything below `outdir` but the types.
 * @returns the files that are in the two bundles, from the top of the repository
 */
export async function bundle(outdir: string): Promise<string[]> {
  rmSync(outdir, { recursive: true, force: true });
  const command = `${outdir}/macvtap-render.cjs`;
  const { metafile: ofCommand } = await build({
    ...shared,
    entryPoints: ['src/main.ts'],
    outfile: command,
    platform: 'node',
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [precompiledTemplates, bundledTexts, withoutLoaders],
  });
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
  writeFileSync(`${outdir}/intent.schema.json`, jsonSchema());
  writeFileSync(`${outdir}/output.schema.json`, outputJsonSchema());
  const inputs = [
    ...new Set([ofCommand, ofLibrary].flatMap(({ inputs: all }) => Object.keys(all))),
  ];
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

/** `index.d.ts` below `outdir`. */
export function emitTypes(outdir: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'macvtap-types-'));
  try {
    // The compiler takes a project or options of its own, and the project holds the tests, too.
    const project = join(folder, 'tsconfig.json');
    const compilerOptions = {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rewriteRelativeImportExtensions: true,
      rootDir: `${root}src`,
      outDir: `${folder}/types`,
      typeRoots: [`${root}node_modules/@types`],
    };
    const files = [`${root}src/index.ts`, `${root}src/view/handlebars-runtime.d.ts`];
    writeFileSync(
      project,
      JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions, files, include: [] }),
    );
    const { status, stdout } = spawnSync(
      process.execPath,
      [`${root}node_modules/typescript/bin/tsc`, '-p', project],
      { cwd: root, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stdout);
    writeFileSync(`${outdir}/index.d.ts`, rolledUp(`${folder}/types`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle(`${root}dist`);
  await writePages(`${root}dist`);
  if (process.argv.includes('--types')) emitTypes(`${root}dist`);
}
