/** The command line of `npm run bench`. */

export const PARTS = ['programs', 'fleets', 'growth'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly help: boolean;
  readonly format: 'table' | 'json';
  readonly parts: readonly Part[];
  /** Fewer rounds, and nothing that takes minutes. */
  readonly isQuick: boolean;
  /** Where the picture goes. */
  readonly svg?: string;
  /** A root file system: programs other than Node are run there. */
  readonly root?: string;
}

export const HELP = `npm run bench -- [OPTIONS]

What the command costs, as ratios in one run: figures of two machines do not compare.

  --only PART      programs, fleets or growth; may be repeated; default: all
  --quick          fewer rounds, fleets up to 1,000 hosts
  --format FORMAT  table (default) or json
  --svg FILE       draw cost as work grows: hosts, shims, diagnostics
  --root DIR       run nmcli, netplan, cloud-init, Ansible and the here-document script in this root
                   file system (needs root); default: those that are on this machine
  --help           print this

programs  one host: the command, the native binary if it is built (npm run build:native), and other
          programs for the same network, beside \`node -e 0\`: time, memory, size
fleets    1 to 100,000 hosts, beside a program in C that writes the same files with the same care
growth    1 to 1,000 shims and 1 to 10,000 diagnostics; with --svg also the fleets

--quick takes minutes; all of it much longer, most of that for 100,000 hosts.
`;

/** @throws Error with a line for the user */
export function benchOptions(words: readonly string[]): BenchOptions {
  const parts: Part[] = [];
  const texts = new Map<string, string>();
  const flags = new Set<string>();
  const waiting = [...words];
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    const [name = '', given] = word.split(/=(.*)/s);
    if (name === '--help' || name === '--quick') flags.add(name);
    else if (['--only', '--format', '--svg', '--root'].includes(name)) {
      const value = given ?? waiting.shift();
      if (value === undefined) throw new Error(`${name} needs a value`);
      if (name === '--only') parts.push(partOf(value));
      else texts.set(name, value);
    } else throw new Error(`unknown option ${word}: see --help`);
  }
  const format = texts.get('--format') ?? 'table';
  if (format !== 'table' && format !== 'json') throw new Error('--format is table or json');
  const [svg, root] = [texts.get('--svg'), texts.get('--root')];
  return {
    help: flags.has('--help'),
    isQuick: flags.has('--quick'),
    format,
    parts: parts.length === 0 ? PARTS : parts,
    ...(svg !== undefined && { svg }),
    ...(root !== undefined && { root }),
  };
}

function partOf(value: string): Part {
  const part = PARTS.find((name) => name === value);
  if (!part) throw new Error(`--only is one of ${PARTS.join(', ')}`);
  return part;
}
