/** A host that has generated files → the intent that they are from. */
import { backendsIn, type FileLink, type Files, readGenerated } from '../backends/generated.ts';
import type { HostFile } from '../backends/host/foreign.ts';
import { readYaml, textOf, valuesOf } from '../backends/host/netplan/yaml.ts';
import { finding } from '../diagnostics/finding.ts';
import type { TargetSpec } from '../targets/target.ts';
import { isGenerated } from '../view/ownership.ts';
import type { Adoption } from './adopt.ts';
import { addFlags } from './flags.ts';
import { type FoundLink, type Origin, set } from './found.ts';
import { foundLink } from './generated-links.ts';
import { type Branch, below, branch, put, scalar, sorted } from './tree.ts';

export interface GeneratedHost {
  readonly host: string;
  readonly backend: string;
  /** By name; what the files of the back end have of it. */
  readonly links: readonly FileLink[];
  readonly files: Files;
}

const OWNER =
  /^# Written by macvtap-render from (?:the intent of host (.*)|an intent without a host)\.$/;

/** @param files those that have the mark of generated files; undefined: none of a host's back end */
export function generatedHost(files: Files): GeneratedHost | undefined {
  const [backend] = backendsIn(files);
  if (backend === undefined) return undefined;
  const own = [...files.values()]
    .map((text) => OWNER.exec(text.split('\n', 1)[0] ?? ''))
    .find((match) => match !== null);
  const links = [...readGenerated(files, backend).links.values()];
  return { host: own?.[1] ?? '', backend, links: inOrder(links, files), files };
}

/** In the order of the intent, which the list for NetworkManager has (`unmanaged-devices`). */
function inOrder(links: readonly FileLink[], files: Files): FileLink[] {
  const list = [...files].find(([path]) => path.endsWith('/conf.d/90-macvtap.conf'))?.[1] ?? '';
  const names = [...list.matchAll(/interface-name:([^,\n]+)/g)].map(([, name]) => name);
  const rank = ({ name }: FileLink): number => {
    const at = names.indexOf(name);
    return at < 0 ? names.length : at;
  };
  return [...links].sort((a, b) => rank(a) - rank(b));
}

/** The intent, without what files do not have of a link: `flags.ts` finds that. */
export function generatedIntent(
  { host, backend, links, files }: GeneratedHost,
  target: string | undefined,
): Branch {
  const intent = branch();
  intent.pairs.set('version', scalar(1));
  if (host !== '') intent.pairs.set('host', scalar(host));
  intent.pairs.set('backend', scalar(backend));
  if (target !== undefined) intent.pairs.set('target', scalar(target));
  const sections = { parents: branch(), shims: branch(), taps: branch() };
  const ids = new Map(links.map((link) => [link.name, link.id ?? link.name] as const));
  for (const link of links) {
    const section =
      { macvlan: 'shims', ipvlan: 'shims', macvtap: 'taps' }[link.kind as string] ?? 'parents';
    const found = foundLink(link, host, { links, ids });
    if (link.kind === 'macvtap') addOwner(found, link.name, files);
    addZone(found, link.name, ids.get(link.name) ?? link.name, files);
    const target_ = below(
      sections[section as keyof typeof sections],
      ids.get(link.name) ?? link.name,
    );
    if (/^(?:bond|bridge)$/.test(link.kind)) target_.pairs.set('type', scalar(link.kind));
    for (const entry of sorted(found.entries)) put(target_, entry);
  }
  for (const [key, section] of Object.entries(sections)) {
    if (section.pairs.size > 0) intent.pairs.set(key, section);
  }
  return intent;
}

const NOWHERE = {};

/** The zone of firewalld: in NetworkManager's profile, or where netplan passes it on to that. */
function addZone(found: FoundLink, name: string, id: string, files: Files): void {
  const path = `/etc/NetworkManager/system-connections/macvtap-${name}.nmconnection`;
  const profile = /^zone=(.+)$/m.exec(files.get(path) ?? '')?.[1];
  const zone = profile ?? passedOn(files, id, 'connection.zone');
  if (zone !== undefined) set(found, 'firewall-zone', zone, NOWHERE);
}

/** A setting below `passthrough` of a link, whichever list of netplan's the link is in. */
function passedOn(files: Files, id: string, key: string): string | undefined {
  const { root } = readYaml(files.get('/etc/netplan/60-macvtap.yaml') ?? '');
  const [network] = valuesOf(root, 'network');
  const lists = network?.kind === 'map' ? network.pairs.map(({ value }) => value) : [];
  const texts = lists
    .flatMap((list) => valuesOf(list, id))
    .flatMap((link) => valuesOf(link, 'networkmanager'))
    .flatMap((settings) => valuesOf(settings, 'passthrough'))
    .map((passed) => textOf(passed, key));
  return texts.find((text) => text !== undefined);
}

/** Who may open a tap, by udev's rule for it. */
function addOwner(found: FoundLink, name: string, files: Files): void {
  const rules = files.get('/etc/udev/rules.d/90-macvtap.rules') ?? '';
  const rule = rules.split('\n').find((line) => line.includes(`KERNELS=="${name}"`)) ?? '';
  const [, owner, group] = /\/chown ([^: ]*):?([^ :]*) /.exec(rule) ?? [];
  const permissions = /MODE="(\d+)"/.exec(rule)?.[1];
  if (owner) set(found, 'owner', owner, NOWHERE);
  if (group) set(found, 'group', group, NOWHERE);
  const usual = group ? '0660' : '0600';
  if (permissions !== undefined && permissions !== usual)
    set(found, 'permissions', permissions, NOWHERE);
}

/** The intent of a host that has generated files; undefined: it has none. */
export function adoptGenerated(
  files: readonly HostFile[],
  target: { readonly spec: TargetSpec; readonly origin: Origin } | undefined,
): Adoption | undefined {
  const own = new Map(
    files.flatMap(({ path, text }) =>
      text !== undefined && isGenerated(text) ? [[path, text] as const] : [],
    ),
  );
  const found = generatedHost(own);
  if (!found) return undefined;
  const intent = generatedIntent(found, target?.spec.name);
  const left = addFlags(intent, { backend: found.backend, target: target?.spec, files: own });
  return {
    backend: found.backend,
    ...(target && { target: { name: target.spec.name, origin: target.origin } }),
    intent,
    findings: left
      ? left.map(({ path, line, text }) =>
          finding(
            'generated-not-adopted',
            path,
            line === undefined
              ? `The intent also renders \`${text.trim()}\`.`
              : `The intent does not render \`${text.trim()}\`.`,
            line === undefined ? {} : { line },
          ),
        )
      : [
          finding(
            'generated-not-adopted',
            '/',
            'The intent has errors (`lint`): the generated files were edited, or are not complete.',
          ),
        ],
  };
}
