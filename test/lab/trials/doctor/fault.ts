/** A fault that is put into a healthy host, and what `doctor` has to name first. */
import type { Direct } from '../../network/macvtap.ts';

export interface Fault {
  readonly name: string;
  /** Who reported it: project and number, or a page. */
  readonly from: string;
  /** The golden case of the healthy host; `original` by default. */
  readonly case?: string;
  /** What configures the host; `networkd` by default. */
  readonly backend?: string;
  /** Its suite of Debian; `trixie` by default. */
  readonly suite?: string;
  /** How the guest is attached, where that is the fault. `none`: it does not run. */
  readonly guest?: Partial<Direct> | 'none';
  /** The guest that is asked for, where the host is not to reach it even when all is well. */
  readonly asks?: string;
  /** Lines of a shell, run before the fault: what is there on a healthy day. */
  readonly scenery?: { readonly host?: readonly string[]; readonly router?: readonly string[] };
  /** Lines of a shell, run by each after all is up. */
  readonly host?: readonly string[];
  readonly router?: readonly string[];
  readonly inGuest?: readonly string[];
  /** What works before and fails with the fault: a line of a shell, or an address that is pinged. */
  readonly broken?: readonly [from: 'host' | 'guest' | 'router', probe: string];
  /** All that the host and its neighbours reached before, they reach after these lines, too. */
  readonly isHarmless?: true;
  /** What an administrator has to know first, in plain words, as it was written down before the codes were looked up. */
  readonly cause?: string;
  /** Codes; any of them is the right first cause. `nothing`: none may be named. */
  readonly first: readonly string[];
}
