/** Finds the intent and reads its text. Faults of the file itself are diagnostics, too. */
import { type DiagnosticCode, diagnostic } from '../diagnostics/diagnostic.ts';
import { type System, SystemError, type SystemErrorKind } from '../system.ts';
import type { IntentText } from './fleet.ts';
import { MAX_BYTES } from './parse.ts';

/** The places where an intent is looked for, in each folder. */
export const SEARCH_PLACES = [
  'macvtap.yaml',
  'macvtap.yml',
  'macvtap.json',
  '.config/macvtap.yaml',
];

const CODE_OF: Partial<Record<SystemErrorKind, DiagnosticCode>> = {
  'not-utf8': 'not-utf8',
  'too-large': 'too-large',
  'is-directory': 'intent-is-directory',
  'not-found': 'intent-not-found',
  'not-directory': 'intent-not-found',
};

/**
 * The texts of the files named; of a file that cannot be read as one, a diagnostic.
 * @param paths files, directories, `-` for standard input; none: to be searched for
 * @throws SystemError where a file is there and cannot be read
 */
export async function load(system: System, paths: readonly string[]): Promise<IntentText[]> {
  const texts = await loadAll(system, paths);
  const size = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (size > LARGE) await system.saveMemory?.();
  return texts;
}

/** Some thousands of hosts, in characters. */
const LARGE = 256 * 1024;

async function loadAll(system: System, paths: readonly string[]): Promise<IntentText[]> {
  if (paths.length > 0) return paths.flatMap((path) => loadPath(system, path));
  const found = await system.search(SEARCH_PLACES);
  if (found !== undefined) return loadPath(system, found);
  const hint = `Name a file, or - for standard input; \`macvtap-render init\` prints one of this host. Searched for: ${SEARCH_PLACES.join(', ')}.`;
  const message =
    'No intent in this directory, nor in those above it up to the repository or the home directory.';
  return [failed('macvtap.yaml', 'intent-not-found', message, { hint })];
}

function loadPath(system: System, path: string): IntentText[] {
  const file = path === '-' ? '<stdin>' : path;
  try {
    return [{ file, text: system.readText(path, MAX_BYTES) }];
  } catch (error) {
    if (!(error instanceof SystemError) || error.kind !== 'is-directory') {
      return [refused(file, error)];
    }
  }
  const files = textsBelow(system, path);
  return files.length > 0
    ? files
    : [failed(file, 'intent-is-directory', 'No intent in this directory.')];
}

function loadFile(system: System, file: string): IntentText {
  try {
    return { file, text: system.readText(file, MAX_BYTES) };
  } catch (error) {
    return refused(file, error);
  }
}

/** What is read of a directory, and of those in it: not what editors and git keep there. */
const INTENT_PATH = /^(?:[^./][^/]*\/)*[^./][^/]*\.(?:yaml|yml|json)$/;

function textsBelow(system: System, path: string): IntentText[] {
  const folder = system.openExisting(path);
  if (!folder) return [];
  try {
    return folder.list().flatMap((name) => {
      const inner = `${path.replace(/\/+$/, '')}/${name}`;
      if (name.startsWith('.')) return [];
      const kind = folder.kindOf(name);
      if (kind === 'directory') return textsBelow(system, inner);
      if (kind === 'link' && leadsToDirectory(system, inner)) {
        const message = 'Links to directories are not followed.';
        return [failed(inner, 'intent-not-a-file', message)];
      }
      if (!INTENT_PATH.test(name)) return [];
      return kind === 'other'
        ? [failed(inner, 'intent-not-a-file', 'Not a regular file.')]
        : [loadFile(system, inner)];
    });
  } finally {
    folder.close();
  }
}

function leadsToDirectory(system: System, path: string): boolean {
  try {
    const folder = system.openExisting(path);
    folder?.close();
    return folder !== undefined;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

/** An intent, or a fleet, as it was at a git revision: `main`, `macvtap.yaml`, or a directory. */
export async function loadRevision(
  system: System,
  revision: string,
  path: string,
): Promise<IntentText[]> {
  const file = `${revision}:${path}`;
  try {
    return [{ file, text: await system.readRevision(revision, path, MAX_BYTES) }];
  } catch (error) {
    if (!(error instanceof SystemError) || error.kind !== 'is-directory') {
      return [refused(file, error)];
    }
  }
  try {
    const found = await system.readRevisionTree(revision, path, INTENT_PATH, MAX_BYTES);
    return found.length > 0
      ? found.map(({ path: name, text, isLink }) =>
          isLink
            ? failed(
                `${file}/${name}`,
                'intent-not-a-file',
                `Not a regular file, but a link to ${text}.`,
              )
            : { file: `${file}/${name}`, text },
        )
      : [failed(file, 'intent-is-directory', 'No intent in this directory.')];
  } catch (error) {
    return [refused(file, error)];
  }
}

function refused(file: string, error: unknown): IntentText {
  const code = error instanceof SystemError ? CODE_OF[error.kind] : undefined;
  if (code === undefined || !(error instanceof SystemError)) throw error;
  return failed(file, code, `The file ${error.message}.`);
}

const failed = (
  file: string,
  code: DiagnosticCode,
  message: string,
  extra: { hint?: string } = {},
): IntentText => ({ file, text: '', problem: diagnostic(code, [], message, extra) });
