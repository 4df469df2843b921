/** A directory whose process is stopped in the middle of an installation. */
import type { Directory } from '../../src/system.ts';

export class Stopped extends Error {}

/**
 * The directory, which throws `Stopped` at the `count`th name that is created, replaced or removed, and
 * at all that follow: nothing is done any more.
 * @param locks whether names of locks count; locks of a stopped process are left then
 */
export function stoppingAt(
  count: number,
  top: Directory,
  { locks = false }: { readonly locks?: boolean } = {},
): Directory {
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps >= count) throw new Stopped();
  };
  const stopping =
    <T extends unknown[], R>(act: (...args: T) => R) =>
    (...args: T): R => {
      step();
      return act(...args);
    };
  const wrap = (inner: Directory): Directory => ({
    ...inner,
    enter: (name) => {
      const next = inner.enter(name);
      return next && wrap(next);
    },
    enterOrCreate: (name) => wrap(inner.enterOrCreate(name)),
    enterNew: (name, mode) => wrap(stopping(inner.enterNew)(name, mode)),
    create: stopping(inner.create),
    createLink: stopping(inner.createLink),
    rename: stopping(inner.rename),
    // Two calls of the system's: stopped between them, the file has both names.
    renameNew: (from, to) => {
      step();
      inner.link(from, to);
      step();
      inner.remove(from);
    },
    remove: stopping(inner.remove),
    removeDirectory: stopping(inner.removeDirectory),
    lock: locks ? () => stopping(stopping(inner.lock)()) : inner.lock,
  });
  return wrap(top);
}
