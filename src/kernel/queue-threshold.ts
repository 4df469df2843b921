/** The threshold of a parent's broadcast queue where it is the default, which no program prints. */
import type { System } from '../system.ts';
import { ask, textAt } from './ask.ts';

/** macvlan_fill_info() of drivers/net/macvlan.c leaves out the value 1. */
const DEFAULT = 1;

/**
 * What a macvlan without `bclim` has.
 * @returns undefined where Linux or ip(8) may not know the threshold: both have it from 6.4 on
 */
export const unprintedThreshold = (system: System): number | undefined =>
  isSince64(/^(\d+)\.(\d+)/.exec(textAt(system, '/proc/sys/kernel/osrelease') ?? '')) &&
  isSince64(/ iproute2-(\d+)\.(\d+)/.exec(ask(system, 'ip', ['-V']).text ?? ''))
    ? DEFAULT
    : undefined;

function isSince64(version: RegExpExecArray | null): boolean {
  if (!version) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 6 || (major === 6 && minor >= 4);
}
