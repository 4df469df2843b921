/** What of the lab is run: the options of `npm run test:lab`. */
import { parseArgs } from 'node:util';
import { backends } from '../../src/backends/registry.ts';
import { caseNames } from '../golden/cases.ts';
import { SUITES } from './image/images.ts';

export const HELP = `npm run test:lab -- [OPTIONS]

Each option may be given several times; without any, all of the lab is run.

  --tier N          1 (daemons alone, in namespaces) or 2 (booted, and booted again)
  --case NAME       a folder of golden/
  --backend ID      ${backends.map(({ id }) => id).join(', ')};
                    ifupdown and iproute2, whose every step is a program, are run in whole only if named
  --suite NAME      a suite of Debian: ${SUITES.join(', ')}, or another
  --only WORD       trials that have this word in their name: negative, macvtap ...; 'A|B': one of them
  --lanes N         so many trials at a time
  --fresh           recreate the root file systems, with the packages of today
  --verbose         report each trial
  --vm              in a virtual machine, whose kernel makes VLANs, bonds and ipvlans: tier 1, and by
                    default the cases that this machine's kernel cannot judge; with --tier 2, the hosts
                    with a VLAN or a bond that \`init\` reads
  --readme          write the tables of whole tiers into test/lab/README.md
  -h, --help        this text
`;

export interface Selection {
  readonly tiers: readonly number[];
  readonly cases: readonly string[];
  readonly backends: readonly string[];
  readonly suites: readonly string[];
  /** All of these words, or of `A|B` one, are in the name of a trial. */
  readonly only: readonly string[];
  readonly lanes?: number;
  readonly isFresh: boolean;
  readonly isVerbose: boolean;
  readonly writesReadme: boolean;
  readonly wantsVm: boolean;
  readonly wantsHelp: boolean;
  readonly namesNoBackend: boolean;
  /** Nothing was left out. */
  readonly isWhole: boolean;
}

/** @throws Error for what there is none of */
export function parseOptions(argv: readonly string[]): Selection {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tier: { type: 'string', multiple: true },
      case: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
      suite: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      lanes: { type: 'string' },
      fresh: { type: 'boolean' },
      verbose: { type: 'boolean' },
      readme: { type: 'boolean' },
      vm: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const choose = (what: string, named: readonly string[] | undefined, all: readonly string[]) => {
    const unknown = named?.find((name) => !all.includes(name));
    if (unknown !== undefined) {
      throw new Error(`there is no ${what} ${unknown}; there are: ${all.join(', ')}`);
    }
    return named ?? all;
  };
  const lanes = values.lanes === undefined ? undefined : Number(values.lanes);
  if (lanes !== undefined && !(Number.isInteger(lanes) && lanes > 0)) {
    throw new Error(`--lanes takes a number from 1: ${values.lanes}`);
  }
  const selected = [values.case, values.backend, values.suite, values.only];
  const isWhole = selected.every((list) => list === undefined);
  if (values.readme && !isWhole) throw new Error('--readme wants whole tiers');
  return {
    tiers: choose('tier', values.tier, ['1', '2']).map(Number),
    cases: choose('case', values.case, caseNames()),
    backends: choose(
      'back end',
      values.backend,
      backends.map(({ id }) => id),
    ),
    suites: values.suite ?? SUITES,
    only: values.only ?? [],
    ...(lanes !== undefined && { lanes }),
    isFresh: values.fresh === true,
    isVerbose: values.verbose === true,
    writesReadme: values.readme === true,
    wantsVm: values.vm === true,
    wantsHelp: values.help === true,
    namesNoBackend: values.backend === undefined,
    isWhole: isWhole && values.tier === undefined,
  };
}
