/** `help`, `help WORD`, `COMMAND --help`, and `explain WORD`. */
import type { IntentText } from '../intent/fleet.ts';
import type { System } from '../system.ts';
import { COMMANDS, type CommandLine, UsageError } from './command-line.ts';
import { nearest } from './nearest.ts';
import { EXIT, type ExitStatus } from './status.ts';

/** `help`, `help WORD`, `COMMAND --help`. @throws UsageError for a word that there is no help on */
export async function helpOn(system: System, line: CommandLine): Promise<ExitStatus> {
  const { commandHelp, generalHelp } = await import('./usage.ts');
  const { guide, topicNames } = await import('../help/topics.ts');
  const [word] = line.command === 'help' ? line.intents : [];
  const requested = line.command === 'help' ? word : line.namesCommand ? line.command : undefined;
  if (requested === undefined || requested === 'help') {
    system.stdout.write(generalHelp());
    return EXIT.done;
  }
  const command = COMMANDS.find((name) => name === requested);
  const text = command
    ? commandHelp(command)
    : (guide(requested) ?? (await referenceOn(requested)));
  if (text === undefined) {
    const near = nearest(requested, [...COMMANDS, ...topicNames()]);
    throw new UsageError(
      `no command, guide, diagnostic or key \`${requested}\`${near ? `; did you mean \`${near}\`?` : ''}`,
    );
  }
  system.stdout.write(text);
  return EXIT.done;
}

async function referenceOn(word: string): Promise<string | undefined> {
  const { referencePage } = await import('../explain/reference.ts');
  return referencePage(word);
}

/** @throws UsageError for a word that is neither a diagnostic nor a key */
export async function explainWord(system: System, word: string): Promise<ExitStatus> {
  const { matchingPage, referencePage } = await import('../explain/reference.ts');
  const page = referencePage(word) ?? matchingPage(word);
  if (page === undefined) {
    throw new UsageError(`no diagnostic or key \`${word}\`${await hintFor(word)}`);
  }
  system.stdout.write(page);
  return EXIT.done;
}

/** What a word may stand for that is neither a diagnostic nor a key. */
async function hintFor(word: string): Promise<string> {
  const { nearestNames } = await import('../explain/reference.ts');
  const near = nearestNames(word);
  return near.length > 0
    ? `; did you mean ${near.map((item) => `\`${item}\``).join(' or ')}?`
    : '; `explain [./FILE] --backend ID` prints each line of the files with its reason';
}

/**
 * Words that may be something else than the files that they were read as.
 * @throws UsageError for one without such a file
 */
export async function checkWords(line: CommandLine, texts: readonly IntentText[]): Promise<void> {
  const lacking = texts.filter(({ problem }) => problem?.code === 'intent-not-found');
  const words = line.intents.filter((word) => lacking.some(({ file }) => file === word));
  if (!line.namesCommand) {
    const word = words.find((each) => !/[./]/.test(each));
    if (word === undefined) return;
    const { topicNames } = await import('../help/topics.ts');
    const guide = topicNames().includes(word) ? `\`help ${word}\` prints the guide` : '';
    throw new UsageError(`no command or file \`${word}\`; ${guide || '`help` lists the guides'}`);
  }
  if (line.command !== 'explain' || line.backends.length > 0) return;
  const word = words.find((each) => !/\/|\.(?:ya?ml|json)$/.test(each));
  if (word === undefined) return;
  const { referencePage } = await import('../explain/reference.ts');
  throw new UsageError(
    line.intents.length > 1 && line.intents.some((each) => referencePage(each) !== undefined)
      ? `\`explain\` takes one diagnostic or key at a time, not \`${line.intents.join(' ')}\``
      : `no file, diagnostic or key \`${word}\`${await hintFor(word)}`,
  );
}
