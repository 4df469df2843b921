/**
 * A side shim on a parent that the site's own files configure (`managed: false`), put there by `apply`:
 * confirmed, rolled back, cut off. The host must be what a managed parent and the same shim make of
 * it: the judge has the model of that, and the program the intent that has it unmanaged.
 */
import type { Driver } from '../../drive/drivers.ts';
import { hasService } from '../../drive/flavours.ts';
import { mutatedProgram } from '../../drive/program.ts';
import type { TargetFile } from '../../image/host.ts';
import type { Image } from '../../image/images.ts';
import type { Expected } from '../../judge/expected.ts';
import type { Trial, Verdict } from '../../trial.ts';
import { judge } from '../boot/negatives.ts';
import { type Cell, cellOf, withBridges } from '../change/cell.ts';
import { asRead, driversFor, SOURCE } from '../change/hosts.ts';
import { ADDRESS, type Aim, type Kind } from '../change/kinds.ts';
import { GATEWAY } from '../change/lan.ts';
import type { Side } from '../change/settled.ts';
import { SITE_BRIDGE } from './kinds.ts';
import type { OutcomeName } from './outcomes.ts';
import { applied } from './run.ts';

const SHIM = 'mac-shim';
/** What a shim that is renamed is before. */
const OLD_SHIM = 'lan-shim';
/** The site's files leave the link-local address there, and the metric to the daemon. */
const ADDRESSED = `addresses: [${ADDRESS}/24], link-local: [ipv6], routes: [{to: default, via: ${GATEWAY}METRIC}]`;

interface Site {
  readonly name: 'NIC' | 'bridge';
  readonly parent: string;
  /** What the judge has of the parent, and what the program has. */
  readonly managed: string;
  readonly unmanaged: string;
  /** Of NetworkManager's default routes (NetworkManager.conf(5), ipv4.route-metric). */
  readonly metric: number;
  /** The site's files, by back end; absent: those of a NIC, which every system has. */
  readonly files?: NonNullable<Kind['site']>;
}

const SITES: readonly Site[] = [
  {
    name: 'NIC',
    parent: 'eth0',
    managed: `{${ADDRESSED}}`,
    unmanaged: '{managed: false}',
    metric: 100,
  },
  {
    name: 'bridge',
    parent: 'br0',
    managed: `{type: bridge, interfaces: [eth0], parameters: {stp: false}, ${ADDRESSED}}`,
    unmanaged: '{type: bridge, managed: false}',
    metric: 425,
    files: SITE_BRIDGE,
  },
];

const OUTCOMES: readonly OutcomeName[] = [
  'confirmed by --yes',
  'timer fires',
  'rollback by command',
  'power cut at verify',
];

/** A shim that is new, or another name for one. */
type What = 'new' | 'renamed';

interface Tried {
  readonly what: What;
  readonly site: Site;
  readonly outcome: OutcomeName;
  readonly backend: string;
  readonly image: Image;
  readonly driver: Driver;
}

/** What a change of an unmanaged parent's shim needs, taken out of the program. */
export const CURES: readonly {
  readonly name: string;
  readonly backends: readonly string[];
  /** Absent: whatever runs the back end. */
  readonly flavours?: readonly string[];
  readonly suite: string;
  readonly site: Site['name'];
  readonly what: What;
  readonly outcome: OutcomeName;
  readonly lines: RegExp;
  readonly fails: readonly RegExp[];
}[] = [
  {
    name: 'the end of the shim that networkd keeps',
    backends: ['networkd', 'netplan-networkd'],
    suite: 'trixie',
    site: 'NIC',
    what: 'new',
    outcome: 'timer fires',
    lines: /^ {2}\[ "\$3" != before \] \|\| delete_gone "\$1"$/m,
    fails: [/mac-shim/],
  },
  {
    name: 'the parent that a later stanza brings up',
    backends: ['ifupdown'],
    flavours: ['ifupdown', 'ifupdown-ng'],
    suite: 'bookworm',
    site: 'bridge',
    what: 'new',
    outcome: 'confirmed by --yes',
    lines: /\$\(command -v ifup \|\| echo ifup-ng\)/,
    fails: [/^after another boot: mac-shim: there is no such link/],
  },
];

/** @param isWhole all of it; else one trial of each system */
export function unmanagedTrials(
  part: string,
  images: readonly Image[],
  backends: readonly string[],
  isWhole: boolean,
): Trial[] {
  if (!isWhole) return [];
  const all = images.flatMap((image) =>
    backends.flatMap((backend) =>
      driversFor(backend, image)
        // Nothing boots a host without one.
        .filter(({ flavour }) => !flavour || hasService(image, flavour))
        .map((driver) => ({ image, backend, driver })),
    ),
  );
  const found = all.flatMap((where) =>
    SITES.filter(({ files }) => !files || files[where.backend]).flatMap((site) => [
      ...OUTCOMES.map((outcome) => trialOf(part, { site, what: 'new', outcome, ...where })),
      // The steps for ifupdown ask for a file without the stanza of the NIC.
      ...(where.backend === 'ifupdown'
        ? []
        : [trialOf(part, { site, what: 'renamed', outcome: 'timer fires', ...where })]),
    ]),
  );
  const negatives = CURES.flatMap((cure) => {
    const site = SITES.find(({ name }) => name === cure.site);
    return all
      .filter(
        ({ image, backend, driver: { flavour = '' } }) =>
          image.suite === cure.suite &&
          cure.backends.includes(backend) &&
          (!cure.flavours || cure.flavours.includes(flavour)),
      )
      .flatMap((where) => (site ? trialOf(part, { ...where, ...cure, site }, cure) : []));
  });
  return [...found, ...negatives];
}

function trialOf(part: string, tried: Tried, cure?: (typeof CURES)[number]): Trial {
  const { site, what, outcome, backend, image, driver } = tried;
  const { flavour } = driver;
  const name = `${what} side shim on a ${site.name} of the site; ${outcome}`;
  const fault = cure ? [`without ${cure.name}`, 'must fail'] : [];
  return {
    part,
    words: [name, backend, image.suite, ...(flavour ? [flavour] : []), ...fault],
    repeat: [
      ...['--only', part, '--only', `: ${name}`, '--backend', backend, '--suite', image.suite],
      ...(flavour ? ['--only', `, ${flavour}`] : []),
      ...(cure ? ['--only', cure.name] : []),
    ],
    run: async (): Promise<Verdict> => {
      const cell = await cellFor(tried, cure?.lines);
      if ('refusal' in cell) return { outcome: 'refused', reason: cell.refusal, failures: [] };
      const { failures, evidence, figures } = await applied(cell, outcome);
      if (!cure) {
        const notes = Object.entries(figures).map(
          ([what, seconds]) => `${what} for ${seconds.toFixed(2)} s`,
        );
        return { failures, evidence, figures, notes };
      }
      const { failures: missing, notes } = judge(cure, failures);
      return { failures: missing, notes: notes.slice(0, 3), evidence };
    },
  };
}

/** @param lines what is taken out of the program */
async function cellFor(
  { site, what, backend, image, driver }: Tried,
  lines?: RegExp,
): Promise<Cell | { readonly refusal: string }> {
  const { name, parent, managed, unmanaged, metric, files } = site;
  const intentWith = (says: string, shim: string): string => `version: 1
host: kvm1
parents: {${parent}: ${says}}
shims:
  ${shim}:
    parent: ${parent}
    addresses: [198.51.100.222/32]
    routes: [{to: 198.51.100.192/27, scope: link}]
`;
  const metricText = backend.endsWith('networkmanager') ? `, metric: ${metric}` : '';
  const judged = managed.replace('METRIC', metricText);
  const aim = (shim: string): Aim => ({ intent: intentWith(judged, shim), address: ADDRESS });
  const kind: Kind = {
    name: `${what} side shim on a ${name}`,
    nics: ['eth0'],
    second: aim(SHIM),
    ...(what === 'renamed' && { first: aim(OLD_SHIM) }),
  };
  const ofHost = files ? await withBridges(image, driver) : image;
  const cell = await cellOf(kind, backend, ofHost, driver);
  if ('refusal' in cell) return cell;
  const program = lines ? await mutated(lines) : cell.program;
  const own = files?.[backend]?.map((file) => inOrder(asRead(file, driver.flavour), driver));
  const kept = cell.host.files.filter(({ path }) => !own || path.includes('/conf.d/'));
  const soon = lines && { settleSeconds: 5 };
  /** The program leaves the parent to the site. */
  const sideOf = <S extends Side>(side: S, shim: string): S => ({
    ...side,
    ...soon,
    ...(side.wanted && {
      wanted: {
        ...side.wanted,
        intent: intentWith(unmanaged, shim),
        expected: withoutMac(side.wanted.expected, parent),
      },
    }),
  });
  return {
    ...cell,
    program,
    host: { ...cell.host, binds: program.binds, files: [...(own ?? []), ...kept] },
    first: sideOf(cell.first, OLD_SHIM),
    second: sideOf(cell.second, SHIM),
  };
}

/** The two others bring the parent up from within the shim's stanza (`unmanaged-order`). */
const inOrder = (file: TargetFile, { flavour }: Driver): TargetFile =>
  flavour === 'ifupdown2'
    ? { ...file, text: `${file.text.replace(SOURCE, '')}\n${SOURCE}\n` }
    : file;

const withoutMac = (expected: Expected, parent: string): Expected => ({
  ...expected,
  links: expected.links.map((link) => (link.name === parent ? { ...link, mac: '' } : link)),
});

const mutated = (lines: RegExp): ReturnType<typeof mutatedProgram> =>
  mutatedProgram((bundle) => {
    const other = bundle.replace(lines, '  :');
    if (other === bundle) throw new Error(`the script has nothing like ${lines}`);
    return other;
  });
