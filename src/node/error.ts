/** What the system answers, in the words of `SystemError`. */
import { SystemError, type SystemErrorKind } from '../system.ts';

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

const KINDS: Readonly<Record<string, SystemErrorKind>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-directory',
  EISDIR: 'is-directory',
  ELOOP: 'is-link',
  EEXIST: 'exists',
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not a directory',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  EEXIST: 'is there already',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
  ENAMETOOLONG: 'the name is too long',
};

/** An answer of the system as `SystemError`; anything else as it is. */
export function systemError(path: string, error: unknown): unknown {
  if (error instanceof SystemError) return error;
  const code = codeOf(error);
  // Without a code it is not an error of the system, but an internal one.
  if (code === undefined || code.startsWith('ERR_INVALID')) return error;
  return new SystemError(KINDS[code] ?? 'refused', path, REASONS[code] ?? code);
}

/** Runs it; a refusal of the system is reported for `path`. @throws SystemError */
export function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw systemError(path, error);
  }
}
