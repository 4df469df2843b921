/** What every rule sees. */
import type { Diagnostic, Path } from '../../diagnostics.ts';
import type { Intent } from '../../intent/schema.ts';
import type { Addressing, Family, Link, Model } from '../types.ts';

export interface Context {
  /** What was said. */
  readonly intent: Intent;
  /** What follows. */
  readonly model: Model;
  /** Whether something at this place is wrong already; what hangs on it is then not judged. */
  readonly damaged: (path: Path) => boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

export const label = (family: Family): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');

export const hasIpv6 = ({ families, linkLocal }: Addressing): boolean =>
  families.includes('ipv6') || linkLocal.includes('ipv6');

/** Every link that may have addresses. */
export const linksOf = ({ parents, shims }: Model): readonly Link[] => [...parents, ...shims];
