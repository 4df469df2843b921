/** What src/node/ uses of `node:path`. */
import { posix } from './posix.ts';

/** An absolute path without `.`, `..` and double slashes; from the working directory, where it is relative. */
export function resolve(path: string): string {
  const all = path.startsWith('/') ? path : `${posix.getcwd()}/${path}`;
  const parts: string[] = [];
  for (const part of all.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function dirname(path: string): string {
  const end = path.replace(/\/+$/, '').lastIndexOf('/');
  if (end > 0) return path.slice(0, end).replace(/\/+$/, '') || '/';
  return path.startsWith('/') ? '/' : '.';
}
