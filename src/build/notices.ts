/** What is in the bundles → the notices that its licences ask for: each package with its own text. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** As its package.json says. */
  readonly license: string;
  /** Its licence, whole; of several files one after the other. */
  readonly text: string;
}

/** MIT, ISC and BSD require their text in every copy; other licences are not bundled. */
const KNOWN = /^(?:MIT|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0)$/;

/**
 * The packages that some files are of, by name.
 * @param inputs paths from `root`, as esbuild's metafile has them
 * @throws Error for a package without a licence, or with one that nobody has looked at
 */
export function bundledPackages(root: string, inputs: readonly string[]): Bundled[] {
  const folders = new Set(
    inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(`${root}${folder}/package.json`, 'utf8'),
    ) as { name: string; version: string; license?: string };
    const files = readdirSync(`${root}${folder}`)
      .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
      .filter((file) => existsSync(`${root}${folder}/${file}`))
      .sort();
    const text = files.map((file) => readFileSync(`${root}${folder}/${file}`, 'utf8').trim());
    if (text.length === 0) throw new Error(`${name} has no file with its licence`);
    if (license === undefined || !KNOWN.test(license)) {
      throw new Error(`${name}: the licence ${license} is not known to be one that may be bundled`);
    }
    return { name, version, license, text: text.join('\n\n') };
  });
}

const RULE = `${'-'.repeat(78)}\n`;

export function noticesOf(root: string, inputs: readonly string[]): string {
  const packages = bundledPackages(root, inputs);
  const list = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})\n`);
  const texts = packages.map(
    ({ name, version, text }) => `\n${RULE}${name} ${version}\n${RULE}\n${text}\n`,
  );
  return `program/ and index.js have these packages in them, in whole or in part:\n\n${list.join('')}${texts.join('')}`;
}
