/** What a change of a host came to, and what is passed on from one part of a trial to the next. */

import type { Running } from '../../drive/machine.ts';
import type { Scene } from '../../drive/scene.ts';
import type { State } from './state.ts';

export interface Outcome {
  readonly failures: string[];
  readonly evidence: Record<string, string>;
  /** Seconds out of reach. */
  readonly figures: Record<string, number>;
}

export interface Changed {
  /** What is wrong at once. */
  readonly lines: string[];
  /** The state that `after` must be: that before the change, or the same where it is to stay. */
  readonly before: State;
  readonly after: State;
}

/** What one boot of the machine is seen with. */
export interface Stage {
  readonly running: Running;
  readonly scene: Scene;
}

/** Takes a line out of the script, for those who are to see that it is needed. */
export type Mutate = (script: string) => string;
