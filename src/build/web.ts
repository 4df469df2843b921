/**
 * `npm run build:web`: the page, dist/web/index.html. One file: style, script and guides are in it, it
 * requests nothing, and its Content-Security-Policy allows the script and the style by their hashes.
 * The same sources give the same bytes.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { bundledTexts, precompiledTemplates, shared } from './bundle.ts';
import { bundledPackages } from './notices.ts';
import { guidesHtml, topicOptions } from './web-guides.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = (name: string): string => readFileSync(`${root}src/web/${name}`, 'utf8');

/** In this order: what comes later overrides. */
const STYLES = ['base', 'layout', 'files', 'panels', 'dialog', 'media'] as const;

/** @returns the whole page */
export async function webPage(): Promise<string> {
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: ['src/web/main.ts'],
    outfile: 'page.js',
    write: false,
    platform: 'browser',
    mainFields: ['module', 'main'],
    format: 'iife',
    plugins: [precompiledTemplates, bundledTexts],
  });
  const script = outputFiles[0]?.text ?? '';
  // The end of a script, or what begins one within it (HTML, 13.2.5.20 script data escaped state).
  const unsafe = /<\/?script/i.exec(script)?.[0];
  if (unsafe !== undefined) throw new Error(`the page's script has ${unsafe} in it`);
  const css = STYLES.map((name) => source(`style/${name}.css`)).join('');
  const { code: style } = await transform(css, { loader: 'css', minify: true });
  return filled(source('page.html'), {
    policy: policyOf(script, style),
    style,
    script,
    topics: topicOptions(),
    guides: guidesHtml(),
    notices: noticesOf(Object.keys(metafile.inputs)),
  });
}

/** Everything is refused but what is in the page; no text becomes HTML or a script. */
const policyOf = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    // The compiler, from the script itself.
    'worker-src blob:',
    // The icon that there is not, so that none is requested.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types worker',
  ].join('; ');

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Licences ask for their text in every copy. */
const noticesOf = (inputs: readonly string[]): string =>
  bundledPackages(root, inputs)
    .map(({ name, version, text }) => `${name} ${version}\n\n${text}`)
    .join('\n\n')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{([a-z]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the page has no ${name}`);
    return value;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = await webPage();
  mkdirSync(`${root}dist/web`, { recursive: true });
  writeFileSync(`${root}dist/web/index.html`, page);
  console.log(`dist/web/index.html: ${Buffer.byteLength(page)} bytes`);
}
