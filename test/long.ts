/**
 * What runs whole in `npm run test:long` only, and as a sample in `npm test`: the same few each
 * time, so that it fails by what was changed and not by chance.
 */
export const isLong = process.env['MACVTAP_TEST_LONG'] !== undefined;

/** One of so many, the first included; all of them in a long run. */
export const sample = <T>(all: readonly T[], every: number): T[] =>
  all.filter((_, index) => isLong || index % every === 0);

/** As `sample`, but each place of `all` takes its turn: with one for each `turn`, none is left out. */
export const turn = <T>(all: readonly T[], every: number, turn: number): T[] =>
  all.filter((_, index) => isLong || (index + turn) % every === 0);

/** One of a few, whose turn it is; all of them in a long run. */
export const oneOf = <T>(all: readonly T[], turn: number): T[] =>
  all.filter((_, index) => isLong || index === turn % all.length);

/** A size of hostile input: a tenth in `npm test`. What takes a minute for all of it shows in a long run. */
export const sizeOf = (whole: number): number => (isLong ? whole : Math.ceil(whole / 10));
