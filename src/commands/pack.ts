/** `--format`: rendered files → a packaging, on standard output or as a folder of its own. */
import {
  type Compilation,
  type Installation,
  type Member,
  type Placement,
  packagesOf,
  packagings,
  planFiles,
  type System,
  writeFiles,
} from '../index.ts';
import type { CommandLine } from '../options.ts';
import { tellWritten } from './install.ts';
import { complain, EXIT, type ExitStatus } from './status.ts';

/** @throws SystemError where the folder cannot be written */
export function pack(system: System, line: CommandLine, compilation: Compilation): ExitStatus {
  const packages = packagesOf(compilation);
  const [usual] = packagings;
  const packaging = packagings.find(({ id }) => id === line.format) ?? usual;
  if (!packaging) throw new Error('there are packagings');
  if (line.output === undefined || !packaging.members) {
    system.stdout.write(packaging.text(packages));
    return EXIT.done;
  }
  return writeMembers(system, line, line.output, packaging.members(packages));
}

/** As files are installed: all or nothing, and nothing of somebody else's is written over. */
function writeMembers(
  system: System,
  line: CommandLine,
  folder: string,
  members: readonly Member[],
): ExitStatus {
  const placements: Placement[] = members.map((file) => ({ file, steps: file.path.split('/') }));
  const wishes = { force: line.force, backup: line.backup };
  const top = line.dryRun ? system.openExisting(folder) : system.openDirectory(folder);
  try {
    const { written, problems }: Installation =
      line.dryRun || !top
        ? planFiles(top, placements, [], wishes)
        : writeFiles(top, placements, [], wishes);
    for (const { path, message, hint } of problems) complain(system, `${path}: ${message}`, hint);
    if (!written) {
      system.stderr.write('Nothing was written.\n');
      return EXIT.system;
    }
    tellWritten(system, line, written);
    return EXIT.done;
  } finally {
    top?.close();
  }
}
