/** What a stanza has by itself, and by another that it inherits from. */
import type { Option, Stanza } from './file.ts';
import type { Interfaces } from './tree.ts';

/** A stanza's options, those that it inherits first. */
export const optionsOf =
  ({ byName }: Pick<Interfaces, 'byName'>) =>
  (stanza: Stanza): readonly Option[] => {
    const base = stanza.inherits === undefined ? undefined : byName.get(stanza.inherits);
    return base && base !== stanza ? [...base.options, ...stanza.options] : stanza.options;
  };
