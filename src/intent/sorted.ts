/** Binary search. */

/** The last index whose start is not after `wanted`, of starts in their order; 0 where all are. */
export function lastNotAfter(
  count: number,
  wanted: number,
  startOf: (index: number) => number,
): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startOf(middle) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
