/** `diff` of the library. */
import { changesOfHost, patchesOfHost } from '../install/replacement.ts';
import { handleOf } from './handles.ts';
import type * as api from './public.d.ts';

export const diff: typeof api.diff = (before, after) => {
  const [old, now] = [handleOf(before).compilation, handleOf(after).compilation];
  return {
    changes: changesOfHost(old, now).map(({ severity, subject, message }) => ({
      severity,
      subject,
      message,
    })),
    patches: patchesOfHost(old, now),
  };
};
