/**
 * `#guides` and `#examples` while developing: reads `src/help/*.md` and `golden/`. The bundler puts the texts
 * themselves in these modules' place (`bundle.ts`).
 */
import { readdirSync, readFileSync } from 'node:fs';

const HELP = new URL('../help/', import.meta.url);
const GOLDEN = new URL('../../golden/', import.meta.url);

/** Every guide's Markdown, by its topic. */
export const allGuides = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(HELP)
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => [name.slice(0, -'.md'.length), readFileSync(new URL(name, HELP), 'utf8')]),
  );

/**
 * An intent for each diagnostic: the golden case that is about it (of its name), else the shortest one that
 * has it. A case with a target of its own is left out: the page would have to say which.
 */
export function allExamples(): Record<string, string> {
  const best = new Map<string, { rank: number; text: string }>();
  const { targets } = JSON.parse(readFileSync(new URL('options.json', GOLDEN), 'utf8')) as {
    readonly targets: Readonly<Record<string, string>>;
  };
  for (const name of readdirSync(GOLDEN).sort()) {
    const read = (file: string): string | undefined => {
      try {
        return readFileSync(new URL(`${name}/${file}`, GOLDEN), 'utf8');
      } catch {
        return undefined;
      }
    };
    const text = read('intent.yaml');
    const found = read('diagnostics.json');
    if (text === undefined || found === undefined || name in targets) continue;
    if (text.length > 2000) continue;
    const codes = new Set((JSON.parse(found) as { code: string }[]).map(({ code }) => code));
    for (const code of codes) {
      const isOwn = name.replace(/^bad-/, '') === code;
      const rank = isOwn ? 0 : text.length;
      if (rank < (best.get(code)?.rank ?? Number.POSITIVE_INFINITY)) best.set(code, { rank, text });
    }
  }
  return Object.fromEntries([...best].map(([code, { text }]) => [code, text]));
}

/** The texts of golden intents without an error of their own, by the names of their cases. */
export const rightIntents = (): string[] =>
  readdirSync(GOLDEN)
    .filter((name) => !name.startsWith('bad-') && !name.includes('.'))
    .sort()
    .map((name) => readFileSync(new URL(`${name}/intent.yaml`, GOLDEN), 'utf8'));
