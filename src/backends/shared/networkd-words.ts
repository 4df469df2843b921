import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Entry, entry } from '../../view/rendered.ts';

export const DIRECTORY = '/etc/systemd/network';

/** An entry of a `.network` file; the authority follows from section and key. */
export const networkEntry = (
  section: string,
  key: string,
  text: string | number,
  why: string,
  origin: Path,
): Entry => entry(text, why, `systemd.network(5), [${section}] ${key}=`, origin);
