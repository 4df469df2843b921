/** One thing that is tried in the browser. */
export interface Trial {
  readonly name: string;
  /** @throws what uvu's assertions throw, or the browser */
  run(): Promise<void>;
}
