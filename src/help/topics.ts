/** Guides: one Markdown page for each topic. */
import guides from '#guides';

const all: Readonly<Record<string, string>> = guides;

/** Names of the guides, sorted. */
export const topicNames = (): string[] => Object.keys(all).sort();

/** The first line of a guide, without its mark. */
export const titleOf = (topic: string): string =>
  (all[topic] ?? '').split('\n', 1)[0]?.replace(/^# /, '') ?? '';

/**
 * A guide for the terminal: without the marks that tests use to find its blocks.
 * @returns undefined where there is no such topic
 */
export function guide(topic: string): string | undefined {
  if (!Object.hasOwn(all, topic)) return undefined;
  return (all[topic] ?? '')
    .replace(/^<!-- .* -->\n\n?/gm, '')
    .replace(/^(```[a-z]+) .*$/gm, '$1')
    .replace(/\n{3,}/g, '\n\n');
}
