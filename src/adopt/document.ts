/** An adopted host as values with their sources, for programs. */
import { visible } from '../diagnostics/visible.ts';
import type { Adoption } from './adopt.ts';
import type { MovedGuests } from './moved-guests.ts';
import { type Node, valuesOf } from './tree.ts';

export function documentOf({ intent, backend, target, moved }: Adoption) {
  return {
    host: intent ? nameIn(intent) : null,
    ...(backend !== undefined && { backend }),
    ...(target !== undefined && { target: target.name }),
    ...(intent && { intent: plainOf(intent) }),
    ...(moved && {
      guests: { there: moved.there.map(plainStep), back: moved.back.map(plainStep) },
    }),
    values: (intent ? valuesOf(intent) : []).map(({ path, value, origin }) => ({
      path: [...path],
      value,
      ...(origin?.path !== undefined && { file: visible(origin.path) }),
      ...(origin?.line !== undefined && { line: origin.line }),
      ...(origin?.endLine !== undefined && { endLine: origin.endLine }),
      ...(origin?.note !== undefined && { note: visible(origin.note) }),
    })),
  };
}

const plainStep = ({ text, commands }: MovedGuests['there'][number]) => ({
  text: visible(text),
  commands: commands.map(visible),
});

/** The name of the host. */
export const nameIn = (intent: NonNullable<Adoption['intent']>): string | null => {
  const node = intent.pairs.get('host');
  return node?.kind === 'scalar' ? String(node.value) : null;
};

/** A node without origins. Keys are names of links, and no prototype's. */
export function plainOf(node: Node): unknown {
  if (node.kind === 'scalar' || node.kind === 'words') return node.value;
  if (node.kind === 'list') return node.items.map(({ value }) => value);
  return Object.fromEntries([...node.pairs].map(([key, item]) => [key, plainOf(item)]));
}
