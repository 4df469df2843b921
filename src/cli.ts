/** The command: words → calls → exit status. Touches the world through the `System` it is given. */

import {
  type Asked,
  backends,
  type Compilation,
  compile,
  type Diagnostic,
  flatPlacements,
  hasErrors,
  json,
  jsonText,
  load,
  type Placement,
  reportJson,
  reportText,
  type System,
  SystemError,
  stream,
  targetOfOsRelease,
  treePlacements,
  visible,
  writeFiles,
} from './index.ts';
import { type CommandLine, parseCommandLine, UsageError } from './options.ts';

export const EXIT = { done: 0, intent: 2, usage: 3, system: 4, bug: 70 } as const;
type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Runs the command; everything that goes wrong is told on standard error, and in the status. */
export async function run(system: System, version: string): Promise<ExitStatus> {
  try {
    return await dispatch(system, version);
  } catch (error) {
    return tell(system, version, error);
  }
}

async function dispatch(system: System, version: string): Promise<ExitStatus> {
  const line = parseCommandLine(system.args);
  if (line.help) {
    const { help } = await import('./help.ts');
    system.stdout.write(help());
    return EXIT.done;
  }
  if (line.version) {
    system.stdout.write(`macvtap-render ${version}\n`);
    return EXIT.done;
  }
  if (line.command === 'schema') {
    const { jsonSchema } = await import('./intent/json-schema.ts');
    system.stdout.write(jsonSchema());
    return EXIT.done;
  }
  const target = line.target === 'host' ? await hostTarget(system) : line.target;
  const loaded = await load(system, line.intent);
  const compilation: Compilation =
    'text' in loaded
      ? compile(loaded.text, {
          file: loaded.file,
          ways: line.ways,
          strict: line.strict,
          ...(line.renderer && { renderer: line.renderer }),
          ...(target && { target }),
        })
      : loaded;
  report(system, line, compilation);
  const { sets, source } = compilation;
  if (!sets) return EXIT.intent;
  if (line.command === 'lint') return EXIT.done;
  if (line.command === 'explain') {
    const { explain, explainText } = await import('./explain.ts');
    const files = sets.flatMap(({ files: set }) => set);
    const asJson = line.format === 'json';
    system.stdout.write(asJson ? jsonText(explain(source, files)) : explainText(source, files));
    return EXIT.done;
  }
  return emit(system, line, sets);
}

/** Where os-release(5) looks, in its order. */
const OS_RELEASE = ['/etc/os-release', '/usr/lib/os-release'];

/** @throws UsageError where this host is none that is known */
async function hostTarget(system: System): Promise<Asked> {
  const { decode } = await import('ini');
  for (const path of OS_RELEASE) {
    let text: string;
    try {
      text = system.readText(path, 64 * 1024);
    } catch (error) {
      if (error instanceof SystemError && error.kind === 'not-found') continue;
      throw error;
    }
    const found = targetOfOsRelease(decode(text));
    if (typeof found !== 'string') return found;
    throw new UsageError(`\`--target host\`: ${found}; name a distribution or versions`);
  }
  throw new UsageError('`--target host`: there is no os-release here; name a distribution');
}

function report(system: System, line: CommandLine, compilation: Compilation): void {
  const { source } = compilation;
  // Notes are for those who ask what there is to know.
  const diagnostics = compilation.diagnostics.filter(
    ({ severity }) => severity !== 'note' || line.command === 'lint',
  );
  const asJson = line.format === 'json';
  if (asJson && line.command === 'lint') {
    system.stdout.write(reportJson(source, diagnostics));
  } else if (diagnostics.length > 0) {
    system.stderr.write(
      asJson ? reportJson(source, diagnostics) : reportText(source, diagnostics, colourful(system)),
    );
    if (!asJson && hasErrors(diagnostics)) {
      const nothing = line.command === 'render' ? 'Nothing was written: ' : '';
      system.stderr.write(`\n${nothing}${summary(diagnostics)}\n`);
    }
  }
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return `${errors} ${errors === 1 ? 'error' : 'errors'}.`;
}

/** Colour only on a terminal, and never against `NO_COLOR` (no-color.org). */
const colourful = (system: System): boolean =>
  !system.env('NO_COLOR') && system.env('TERM') !== 'dumb' && system.stderr.isTerminal;

function emit(
  system: System,
  line: CommandLine,
  sets: NonNullable<Compilation['sets']>,
): ExitStatus {
  if (line.root !== undefined) {
    const placements = sets.flatMap(({ way, files }) =>
      treePlacements(files, sets.length > 1 ? [way] : []),
    );
    return write(system, line.root, placements);
  }
  if (line.output !== undefined) return emitFlat(system, line.output, sets);
  system.stdout.write(
    line.format === 'json' ? json(sets) : stream(sets.flatMap(({ files }) => files)),
  );
  return EXIT.done;
}

function emitFlat(
  system: System,
  output: string,
  sets: NonNullable<Compilation['sets']>,
): ExitStatus {
  const [set] = sets;
  const backend = backends.find(({ id }) => id === set?.way);
  if (!set || !backend) throw new Error('--output without a back end');
  const { placements, elsewhere } = flatPlacements(set.files, backend.directory);
  const essential = elsewhere.filter(({ role }) => role === 'essential');
  if (essential.length > 0) {
    const paths = essential.map(({ path }) => path).join(', ');
    throw new UsageError(
      `${backend.id} also needs ${paths}, outside of ${backend.directory}: use \`--root\``,
    );
  }
  const status = write(system, output, placements);
  if (status === EXIT.done) {
    for (const { path, about } of elsewhere) {
      system.stderr.write(`not written: ${path} - ${about.why} (--root writes it)\n`);
    }
  }
  return status;
}

function write(system: System, path: string, placements: readonly Placement[]): ExitStatus {
  const top = system.openDirectory(path);
  try {
    const { written, problems } = writeFiles(top, placements);
    for (const { path: where, message, hint } of problems)
      complain(system, `${where}: ${message}`, hint);
    if (!written) {
      system.stderr.write('Nothing was written.\n');
      return EXIT.system;
    }
    for (const { path: where, change } of written)
      system.stderr.write(`${change}: ${visible(where)}\n`);
    return EXIT.done;
  } finally {
    top.close();
  }
}

function complain(system: System, message: string, hint: string): void {
  system.stderr.write(`macvtap-render: ${visible(message)}\n  help: ${visible(hint)}\n`);
}

function statusOf(error: unknown): ExitStatus {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof SystemError) return EXIT.system;
  return EXIT.bug;
}

function tell(system: System, version: string, error: unknown): ExitStatus {
  const status = statusOf(error);
  if (error instanceof UsageError) {
    complain(system, error.message, '`macvtap-render --help` shows how it is used.');
  } else if (error instanceof SystemError) {
    complain(
      system,
      `${error.path}: ${error.message}`,
      'Mend it, and run the command again: it goes on where it stopped.',
    );
  } else {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(
      system,
      'this is a bug of macvtap-render; nothing that was asked for can be relied on',
      'Report it with the intent (names and addresses changed), the command line, and what follows.',
    );
    system.stderr.write(`version ${version}\n${stack}\n`);
  }
  return status;
}
