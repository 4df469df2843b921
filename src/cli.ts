/** The command: words → calls → exit status. Touches the world through the `System` it is given. */

import { colourful, complain, EXIT, type ExitStatus } from './commands/status.ts';
import {
  type Asked,
  type Compilation,
  compile,
  type Diagnostic,
  hasErrors,
  jsonText,
  load,
  locatedFindings,
  reportJson,
  reportText,
  type System,
  SystemError,
  sarif,
  targetOfOsRelease,
} from './index.ts';
import { type CommandLine, parseCommandLine, UsageError } from './options.ts';

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
  const options = {
    ways: line.ways,
    strict: line.strict,
    ...(line.renderer && { renderer: line.renderer }),
    ...(target && { target }),
  };
  if (line.command === 'diff') {
    const { diff } = await import('./commands/diff.ts');
    return diff(system, line, options, (compilation) => report(system, line, compilation));
  }
  const loaded = await load(system, line.intent);
  const compilation: Compilation =
    'text' in loaded ? compile(loaded.text, { ...options, file: loaded.file }) : loaded;
  const told = report(system, line, compilation);
  const { sets, source } = compilation;
  if (!sets) {
    if (line.format === 'sarif') {
      system.stdout.write(jsonText(sarif(locatedFindings(source, told), version)));
    }
    return EXIT.intent;
  }
  if (line.command === 'check') {
    const { check } = await import('./commands/check.ts');
    return check(system, line, compilation, told, version);
  }
  if (line.command === 'lint') return EXIT.done;
  if (line.command === 'explain') {
    const { explain, explainText } = await import('./explain.ts');
    const files = sets.flatMap(({ files: set }) => set);
    const asJson = line.format === 'json';
    system.stdout.write(asJson ? jsonText(explain(source, files)) : explainText(source, files));
    return EXIT.done;
  }
  if (line.format === undefined && (line.root !== undefined || line.output !== undefined)) {
    const { install } = await import('./commands/install.ts');
    return install(system, line, compilation);
  }
  const { pack } = await import('./commands/pack.ts');
  return pack(system, line, compilation);
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

/** Tells what there is to tell. @returns which diagnostics those are */
function report(
  system: System,
  line: CommandLine,
  compilation: Compilation,
): readonly Diagnostic[] {
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
  return diagnostics;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return `${errors} ${errors === 1 ? 'error' : 'errors'}.`;
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
