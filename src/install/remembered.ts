/** A tree that several look at, one after the other, and nobody changes: it is read once. */
import type { Directory } from '../system.ts';

/** The tree; `close` closes what was opened below it, and not the directory itself. */
export interface RememberedTree {
  readonly tree: Directory;
  readonly close: () => void;
}

export function rememberedTree(top: Directory): RememberedTree {
  const opened: Directory[] = [];
  const wrap = (folder: Directory): Directory => {
    const listed = once(() => {
      const kinds = folder.entries();
      return { kinds, names: [...kinds.keys()] };
    });
    const inner = byName((name) => {
      const found = folder.enter(name);
      if (found) opened.push(found);
      return found && wrap(found);
    });
    const kinds = byName(folder.kindOf);
    const kindOf = (name: string) => (listed.value ? listed.value.kinds.get(name) : kinds(name));
    const texts = new Map<string, ReturnType<Directory['read']>>();
    return {
      ...folder,
      list: () => listed.get().names,
      entries: () => listed.get().kinds,
      kindOf,
      enter: (name) => (listed.value?.kinds.has(name) === false ? undefined : inner(name)),
      read(name, limit) {
        const key = `${limit} ${name}`;
        const found = texts.get(key) ?? folder.read(name, limit);
        texts.set(key, found);
        return found;
      },
      close() {},
    };
  };
  return {
    tree: wrap(top),
    close() {
      for (const folder of opened) folder.close();
    },
  };
}

interface Once<T> {
  readonly get: () => T;
  /** Undefined before the first `get`. */
  readonly value: T | undefined;
}

function once<T extends object>(make: () => T): Once<T> {
  let value: T | undefined;
  return {
    get() {
      value ??= make();
      return value;
    },
    get value() {
      return value;
    },
  };
}

/** What throws is asked again. */
function byName<T>(ask: (name: string) => T): (name: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (name) => {
    const found = known.get(name) ?? { value: ask(name) };
    known.set(name, found);
    return found.value;
  };
}
