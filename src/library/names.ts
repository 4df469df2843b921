/**
 * What back ends, targets and formats are called. In the sources a name is text; the build writes
 * `names.d.ts` from the tables, where each is the union of those that there are.
 */
import type { Backend } from '../backends/backend.ts';
import type { PackagingId } from '../package/packagings.ts';

export type BackendId = Backend['id'];
export type TargetName = string;
export type Format = PackagingId;
