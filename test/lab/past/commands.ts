/**
 * What the README tells an administrator to type ("To a host, and back"), taken from its own text:
 * a command that is wrong there is run as it is wrong.
 */
import { readFileSync } from 'node:fs';

export interface Commands {
  /** Puts the files on the host: step 1. */
  readonly copy: string;
  /** Arms the timed way back: step 2. */
  readonly arm: string;
  /** Has the settings of the kernel applied: step 4. */
  readonly applySysctl: string;
  /** Looks, and calls the way back off: step 5. */
  readonly verify: string;
  readonly ways: ReadonlyMap<string, WayCommands>;
}

export interface WayCommands {
  readonly activate: string;
  /** With `OLD` for the old profile, where there are profiles. */
  readonly back: string;
}

const README = new URL('../../../README.md', import.meta.url);
const TITLE = '## To a host, and back';
const BLOCK = /^( *)```sh on-the-host\n([\s\S]*?)^\1```$/gm;

/** @throws Error where the section is not built as this expects */
export function readCommands(readme = readFileSync(README, 'utf8')): Commands {
  const [, after = ''] = readme.split(`\n${TITLE}\n`);
  const [section = ''] = after.split(/^## /m);
  const [steps = '', ...rest] = section.split(/^\*\*([\w-]+)\*\* \(activate; back/m);
  const ways = new Map<string, WayCommands>();
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const [way = '', text = ''] = rest.slice(index, index + 2);
    // The last of them is followed by the trial, which has commands of its own.
    const [own = ''] = text.split(/^\*\*For a trial\*\*/m);
    const [activate, back] = blocksOf(own, 2, `the commands of ${way}`);
    ways.set(way, { activate, back } as WayCommands);
  }
  const step = (number: number): string => {
    const [, text = ''] = steps.split(new RegExp(`^${number}\\. `, 'm'));
    const [own = ''] = text.split(/^\d\. /m);
    return blocksOf(own, 1, `step ${number}`)[0] ?? '';
  };
  return { copy: step(1), arm: step(2), applySysctl: step(4), verify: step(5), ways };
}

function blocksOf(text: string, count: number, what: string): string[] {
  const blocks = [...text.matchAll(BLOCK)].map(([, indent = '', body = '']) =>
    body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  if (blocks.length === count) return blocks;
  throw new Error(`README, "${TITLE}": ${blocks.length} commands for ${what}, not ${count}`);
}

/** The command with other words; each must be there. */
export function withWords(command: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((text, [word, other]) => {
    if (!text.includes(word)) throw new Error(`README: "${text.trim()}" does not say "${word}"`);
    return text.replaceAll(word, other);
  }, command);
}
