/** A step of the script for a trial: a function of the script and its arguments. */
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Link } from '../../model/types.ts';
import type { Authority } from '../../targets/since.ts';
import { type Entry, entry } from '../../view/rendered.ts';
import { IP_LINK } from '../shared/ip-words.ts';

/** The functions of the script that a plan may name. */
export type StepName =
  | 'need_nic'
  | 'need_no_master'
  | 'need_name'
  | 'falls_silent'
  | 'is_kept'
  | 'save'
  | 'ip_link_add'
  | 'ip_link_set'
  | 'ip_link_master'
  | 'ip_link_up'
  | 'ip_source_add'
  | 'ip_link_queue'
  | 'ip_link_allmulticast'
  | 'ip_tap_access'
  | 'ip_token_set'
  | 'stable_secret'
  | 'ip_address_flush'
  | 'ip_address_add'
  | 'ip_address_wait'
  | 'ip_route_add'
  | 'ip_rule_add'
  | 'kernel'
  | 'announce';

/** A line of the plan: a function of the script and its arguments, not quoted yet. */
export interface Step {
  readonly step: Entry;
  readonly words: readonly Entry[];
}

export type Named = Pick<Link, 'name' | 'origin'>;

/** Steps of one authority, whose first argument is a link. */
export const stepsOf =
  (authority: Authority) =>
  (
    name: StepName,
    why: string,
    { name: link, origin }: Named,
    words: readonly Entry[] = [],
    at: Path = origin,
  ): Step => ({
    step: entry(name, why, authority, at),
    words: [entry(link, why, authority, at), ...words],
  });

export const onLink = stepsOf(IP_LINK);
export const onAddress = stepsOf('ip-address(8)');
export const onRoute = stepsOf('ip-route(8)');
