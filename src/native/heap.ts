/** src/node/heap.ts in the native binary: QuickJS frees what is no longer used at once. */
export const keepHeapSmall = (): void => {};
