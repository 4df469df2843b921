/** `help`, `help WORD`, `COMMAND --help`, and `explain WORD`. */
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
  const { matchingPage, nearestNames, referencePage } = await import('../explain/reference.ts');
  const page = referencePage(word) ?? matchingPage(word);
  if (page === undefined) {
    const near = nearestNames(word);
    const meant =
      near.length > 0
        ? `; did you mean ${near.map((item) => `\`${item}\``).join(' or ')}?`
        : '; to explain an intent, add its path (`./FILE`) or `--backend ID`';
    throw new UsageError(`no diagnostic or key \`${word}\`${meant}`);
  }
  system.stdout.write(page);
  return EXIT.done;
}
