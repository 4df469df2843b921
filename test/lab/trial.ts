/** One trial of the lab, whatever it tries: a name, a way to repeat it, and a verdict. */

export interface Trial {
  /** The part of the lab that it belongs to: a column of the closing table. */
  readonly part: string;
  /** Words that together name it: case, back end, suite, and what else is varied. */
  readonly words: readonly string[];
  /** Options that select it: `--tier 1 --case dhcp --backend networkd --suite sid`. */
  readonly repeat: readonly string[];
  run(): Promise<Verdict>;
}

export type Outcome =
  | 'passed'
  /** The program itself reported that this version cannot do it, and wrote nothing. */
  | 'refused'
  /** Nothing here can judge it. */
  | 'not judged';

export interface Verdict {
  /** What it is if nothing failed. */
  readonly outcome?: Outcome;
  /** Why it was refused, or cannot be judged; alike for all that are so for one reason. */
  readonly reason?: string;
  /** A line for each thing that is not as it must be. */
  readonly failures: readonly string[];
  /** What was seen, for the reader: the line that a negative failed with, a time. */
  readonly notes?: readonly string[];
  /** Name of a file → its text: what a failure leaves behind. */
  readonly evidence?: Readonly<Record<string, string>>;
  /** What failed at the first try and was right at the second, alone. */
  readonly unsteady?: readonly string[];
  /** Figures that the closing tables are made of. */
  readonly figures?: Readonly<Record<string, number>>;
  /** What is added up over the trials of a back end and a suite. */
  readonly counts?: Readonly<Record<string, number>>;
}

export const nameOf = ({ part, words }: Pick<Trial, 'part' | 'words'>): string =>
  `${part}: ${words.join(', ')}`;

/** A trial that only says what is wrong: what should have been tried cannot be. */
export const failing = (part: string, words: readonly string[], failure: string): Trial => ({
  part,
  words,
  repeat: [],
  run: async () => ({ failures: [failure] }),
});

/** The same answer for the whole run. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
