import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Authority, NetworkKey, NetworkSection } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';

export const DIRECTORY = '/etc/systemd/network';

/** Whether a `.network` file leaves its links to another system. */
export const isUnmanaged = (text: string): boolean => /^Unmanaged=yes$/m.test(text);

/** An entry of a `.network` file; the authority follows from section and key. */
export const networkEntry = <S extends NetworkSection>(
  section: S,
  key: NetworkKey<S>,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `systemd.network(5), [${section}] ${key}=` as Authority, origin);

/** A boolean, as systemd.syntax(7) has it. */
export const yesNo = (value: boolean): 'yes' | 'no' => (value ? 'yes' : 'no');
