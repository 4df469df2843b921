/** `golden/options.json`: how a case is compiled, where not for the newest versions and by every back end. */
import { readFileSync } from 'node:fs';

interface Options {
  /** What `--target` is in a case. */
  readonly targets: Readonly<Record<string, string>>;
  /** The back ends that a case is about. */
  readonly backends: Readonly<Record<string, readonly string[]>>;
}

const FILE = new URL('../../golden/options.json', import.meta.url);

export const { targets: TARGETS, backends: BACKENDS } = JSON.parse(
  readFileSync(FILE, 'utf8'),
) as Options;
