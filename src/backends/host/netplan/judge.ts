/** Other netplan files that conflict with the generated ones, or that netplan refuses. */

import { type Finding, finding } from '../../../diagnostics/finding.ts';
import type { Model } from '../../../model/types.ts';
import type { RenderedFile } from '../../../view/rendered.ts';
import { type Claim, claimsOf, type HostFile, merged, UPPER, type Watch } from '../foreign.ts';
import { isByNetplan, isByNetworkManager, type NetworkOwner } from '../network-owner.ts';
import type { Definition, Reference } from './definition.ts';
import { type Configuration, type Problem, readConfiguration } from './definitions.ts';
import { type Fit, fileFits, isOf, renamesAway } from './links.ts';

/** netplan(5): a name in an earlier folder hides the same name in a later one. */
const FOLDERS = ['/run/netplan', '/etc/netplan', '/lib/netplan', '/usr/lib/netplan'];

const OWN_FILE = '/etc/netplan/60-macvtap.yaml';

export const netplanWatches: readonly Watch[] = FOLDERS.map((folder) => ({
  folder,
  name: /^[^.].*\.yaml$/,
}));

/** All files together; a host has a hundredth of this. */
const MOST_TEXT = 640 * 1024;

export function judgeNetplan(
  model: Model,
  rendered: readonly RenderedFile[],
  files: readonly HostFile[],
  owner: NetworkOwner,
): Finding[] {
  const generatedFile = isByNetplan(owner)
    ? rendered.find(({ path }) => path === OWN_FILE)
    : undefined;
  if (!isByNetplan(owner) && files.length === 0) return [];
  const own: HostFile[] = generatedFile
    ? [
        {
          path: OWN_FILE,
          folder: '/etc/netplan',
          name: '60-macvtap.yaml',
          text: generatedFile.text,
        },
      ]
    : [];
  const read = merged([...own, ...files], FOLDERS);
  const found: Finding[] = [];
  let length = 0;
  const small = read.filter(({ path, text = '' }) => {
    if (path === OWN_FILE) return true;
    length += text.length;
    if (length <= MOST_TEXT) return true;
    length -= text.length;
    found.push(finding('foreign-unreadable', path, 'The file is too large to be checked.'));
    return false;
  });
  const configuration = readConfiguration(small);
  if (generatedFile && !read.some(({ path }) => path === OWN_FILE)) {
    const hiding = read.find(({ name }) => name === '60-macvtap.yaml')?.path ?? OWN_FILE;
    found.push(finding('shadowed', hiding, `It hides \`${OWN_FILE}\`.`, { hint: 'Move it away.' }));
  }
  if (isByNetplan(owner)) {
    found.push(
      ...configuration.problems.filter(({ path }) => path !== OWN_FILE).map(refused),
      ...judgeDefaultRoutes(configuration, model),
    );
  }
  const masters = new Map(model.parents.map(({ name, master }) => [name, master?.name] as const));
  const byPort = portsOf(configuration);
  for (const claim of claimsOf(model)) {
    found.push(
      ...judgePorts(configuration, byPort, claim, masters.get(claim.name)),
      ...judgeUpper(configuration, claim, model),
      ...judgeDefinitions(configuration, claim, model, owner),
    );
  }
  return found;
}

/** netplan stops at it, or leaves it out; the message has netplan's reason. */
function refused({ path, line, because, by, isSyntax }: Problem): Finding {
  if (isSyntax)
    return finding('netplan-unreadable', path, `netplan refuses it: ${because}.`, { line });
  return by === undefined
    ? finding('netplan-file-refused', path, `netplan refuses it: ${because}.`, { line })
    : finding('netplan-file-refused', path, `netplan ${by} refuses it: ${because}.`, {
        line,
        severity: 'warning',
      });
}

interface Port {
  readonly master: Definition;
  readonly reference: Reference;
}

/** By id: the bridges, bonds and VRFs that it is a port of. */
function portsOf({ definitions }: Configuration): ReadonlyMap<string, readonly Port[]> {
  const found = new Map<string, Port[]>();
  for (const master of definitions.values()) {
    for (const reference of master.ports) {
      const port = { master, reference };
      const known = found.get(reference.id);
      if (known) known.push(port);
      else found.set(reference.id, [port]);
    }
  }
  return found;
}

/** The ids of a link; an undefined id is a name. */
function idsOf({ definitions }: Configuration, claim: Claim): ReadonlyMap<string, Fit> {
  const found = new Map<string, Fit>();
  for (const definition of definitions.values()) {
    const fit = isOf(definition, claim);
    if (fit !== 'no') found.set(definition.id, fit);
  }
  if (!definitions.has(claim.name)) found.set(claim.name, 'yes');
  return found;
}

function judgePorts(
  configuration: Configuration,
  byPort: ReadonlyMap<string, readonly Port[]>,
  claim: Claim,
  ownMaster: string | undefined,
): Finding[] {
  return [...idsOf(configuration, claim)].flatMap(([id, fit]) =>
    (byPort.get(id) ?? [])
      .filter(({ master }) => master.id !== ownMaster)
      .map(({ master, reference: { path, line } }) => {
        const kind = master.section.replace(/s$/, '');
        return fit === 'yes'
          ? finding(
              'netplan-enslaves-link',
              path,
              `It puts \`${claim.name}\` into the ${kind} \`${master.id}\`, which keeps its addresses and loses the NIC.`,
              { line },
            )
          : finding(
              'netplan-enslaves-link',
              path,
              `It puts \`${id}\`, which may be \`${claim.name}\`, into the ${kind} \`${master.id}\`.`,
              { line, severity: 'warning' },
            );
      }),
  );
}

/** VLANs and VXLANs: the generated file for the link replaces the one that creates them. */
function judgeUpper(configuration: Configuration, claim: Claim, model: Model): Finding[] {
  const parent = model.parents.find(({ name }) => name === claim.name);
  const ids = idsOf(configuration, claim);
  return [...configuration.definitions.values()].flatMap((definition) => {
    const { id, section, link } = definition;
    const fit = link && ids.get(link.id);
    const own = rendererOf(configuration, definition);
    if (!link || !fit || own === 'sriov' || parent?.vlans.includes(id)) return [];
    const kind = section === 'vlans' ? 'VLAN' : 'VXLAN';
    // NetworkManager creates it by another profile.
    const isSure = fit === 'yes' && own !== 'NetworkManager';
    const message = `Its ${kind} \`${id}\` ${fit === 'yes' ? 'is' : 'may be'} on \`${claim.name}\`.`;
    return [
      finding('netplan-vlan-on-link', link.path, message, {
        line: link.line,
        ...(!isSure && { severity: 'warning' }),
      }),
    ];
  });
}

const rendererOf = ({ renderer }: Configuration, definition: Definition): string =>
  definition.renderer ?? renderer;

function judgeDefinitions(
  configuration: Configuration,
  claim: Claim,
  model: Model,
  owner: NetworkOwner,
): Finding[] {
  const found: Finding[] = [];
  const isParent = model.parents.some(({ name }) => name === claim.name);
  const generatedFile = model.parents.find(({ name }) => name === claim.name)?.id ?? claim.name;
  for (const definition of configuration.definitions.values()) {
    const place = definition.places.filter(({ path }) => path !== OWN_FILE).at(-1);
    if (!place) continue;
    const { path, line } = place;
    if (renamesAway(definition, claim)) {
      const message = `It renames \`${claim.name}\` to \`${definition.setName}\`.`;
      found.push(finding('netplan-renames-link', path, message, { line }));
    }
    if (isByNetplan(owner) && !isParent && definition.id === claim.name) {
      const message = `It also has a \`${claim.name}\` under \`${definition.section}\`: netplan merges the lists of both.`;
      found.push(finding('netplan-same-name', path, message, { line }));
    }
    if (owner === 'netplan-networkd' && rendererOf(configuration, definition) === 'networkd') {
      found.push(...judgeOrder(definition, claim, generatedFile, place));
    }
  }
  return isParent && isByNetworkManager(owner)
    ? [...found, ...judgeGiving(configuration, claim)]
    : found;
}

/** netplan writes `10-netplan-<id>.network` for each; the first that matches a link counts. */
function judgeOrder(
  definition: Definition,
  claim: Claim,
  generatedFile: string,
  { path, line }: { readonly path: string; readonly line: number },
): Finding[] {
  const { id } = definition;
  if (id === generatedFile || `${id}.network` >= `${generatedFile}.network`) return [];
  const fit = fileFits(definition, claim);
  if (fit === 'no') return [];
  const message = `netplan's file for \`${id}\` sorts before that for \`${generatedFile}\` and ${fit === 'yes' ? 'matches' : 'may match'} \`${claim.name}\`.`;
  return [
    finding(fit === 'yes' ? 'shadowed' : 'may-be-shadowed', path, message, {
      line,
      hint: `Rename its id to \`${generatedFile}\`, or change its match so that it excludes \`${claim.name}\`.`,
    }),
  ];
}

/**
 * NetworkManager must manage the NIC: netplan has udev set NM_UNMANAGED for links of another renderer,
 * by the name before and after renaming, or by the MAC, and the last rule counts (nm.c).
 */
function judgeGiving(configuration: Configuration, claim: Claim): Finding[] {
  const fitting = [...configuration.definitions.values()]
    .map((definition) => ({ definition, fit: isOf(definition, claim) }))
    .filter(({ fit }) => fit !== 'no');
  const last = fitting.map(({ fit }) => fit).lastIndexOf('yes');
  return fitting.slice(Math.max(last, 0)).flatMap(({ definition, fit }) => {
    const renderer = rendererOf(configuration, definition);
    const place = definition.places.filter(({ path }) => path !== OWN_FILE).at(-1);
    if (renderer === 'NetworkManager' || !place) return [];
    const { path, line } = place;
    return fit === 'yes'
      ? [
          finding('netplan-gives-link-away', path, `It gives \`${claim.name}\` to networkd.`, {
            line,
          }),
        ]
      : [
          finding(
            'netplan-gives-link-away',
            path,
            `It gives \`${definition.id}\`, which may be \`${claim.name}\`, to networkd.`,
            { line, severity: 'warning' },
          ),
        ];
  });
}

/** netplan allows one default route of a family, table and metric, over all of its files. */
function judgeDefaultRoutes({ definitions }: Configuration, model: Model): Finding[] {
  const nics = claimsOf(model).filter(({ kind }) => !UPPER.has(kind));
  const generatedFile = new Set<string>();
  for (const { defaultRoutes } of definitions.values()) {
    for (const { key, path } of defaultRoutes) if (path === OWN_FILE) generatedFile.add(key);
  }
  return [...definitions.values()].flatMap((definition) => {
    const nic = nics.find((claim) => isOf(definition, claim) !== 'no');
    const route = definition.defaultRoutes.find(
      ({ key, path }) => path !== OWN_FILE && generatedFile.has(key),
    );
    if (!nic || !route) return [];
    const message = `\`${definition.id}\` and the shim both have a default route: every netplan command prints \`Conflicting default route declarations\`, and \`netplan get\` shows both.`;
    return [finding('netplan-default-routes', route.path, message, { line: route.line })];
  });
}
