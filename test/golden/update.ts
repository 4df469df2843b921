/** `npm run golden`: writes what the program makes now. Read the diff line by line before you commit it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { caseNames, expectedFiles, GOLDEN, goldenFiles } from './cases.ts';

if (process.env['CI']) {
  console.error('Golden files are not updated in CI: a person reads them first.');
  process.exit(1);
}

for (const name of caseNames()) {
  const expected = expectedFiles(name);
  const actual = goldenFiles(name);
  const write = (path: string, text: string): void => {
    const url = new URL(`${name}/${path}`, GOLDEN);
    mkdirSync(new URL('./', url), { recursive: true });
    writeFileSync(url, text);
  };
  for (const path of actual.keys()) {
    if (expected.has(path)) continue;
    rmSync(new URL(`${name}/${path}`, GOLDEN));
    console.log(`removed ${name}/${path}`);
  }
  for (const [path, text] of expected) {
    if (actual.get(path) === text) continue;
    write(path, text);
    console.log(`${actual.has(path) ? 'changed' : 'new    '} ${name}/${path}`);
  }
}
