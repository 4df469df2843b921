/** Numbers of several rounds. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Of an even count the mean of the two in the middle. @throws Error without values */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error('no values');
  return (low + high) / 2;
}

export const summary = (values: readonly number[]): Summary => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/**
 * Two programs that ran in turn: the median of the ratios of each round, in which both had the same
 * machine. The ratio of two medians is of rounds that may have been minutes apart.
 */
export function pairedRatio(values: readonly number[], bases: readonly number[]): Summary {
  if (values.length !== bases.length) throw new Error('rounds are missing');
  return summary(values.map((value, round) => value / (bases[round] ?? Number.NaN)));
}
