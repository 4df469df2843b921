/** `pack` of the library: hosts → a text or a folder for another program. */
import { backends } from '../backends/registry.ts';
import type { Compilation } from '../compile.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { plainSource } from '../intent/source.ts';
import type { FleetHost, Packaging } from '../package/package.ts';
import { packagesOf } from '../package/packages.ts';
import { packagings } from '../package/packagings.ts';
import { diagnosticsOf } from '../report/output.ts';
import { handleOf, withReport } from './handles.ts';
import type * as api from './public.d.ts';

export const pack: typeof api.pack = (hosts, format) => {
  const isFleet = Array.isArray(hosts);
  const all: readonly api.Host[] = isFleet ? hosts : [hosts as api.Host];
  const packaging = packagings.find(({ id }) => id === format);
  const reason = packaging
    ? whyUnfit(packaging, all, isFleet)
    : `There is no format \`${format}\`.`;
  if (!packaging || reason !== undefined) return failed(reason ?? '');
  const compilations = all.map((host) => handleOf(host).compilation);
  const packages = compilations.flatMap((one) =>
    packagesOf(one, isFleet ? one.model?.host : undefined),
  );
  const isText = !isFleet || packaging.takesHosts;
  const fleet = isFleet ? compilations.map(fleetHost) : undefined;
  const folder = packaging.members?.(packages, fleet);
  const value = {
    ...(isText && { text: packaging.text(packages) }),
    ...(folder && { folder: folder.map(({ path, mode, text }) => ({ path, mode, text })) }),
  };
  return { value, diagnostics: [] };
};

/** The back end is known to be that of the host where its intent names one. */
function fleetHost({ model, sets = [] }: Compilation): FleetHost {
  const [set] = sets;
  const isNamed = model !== undefined && model.backends.length > 0;
  return { name: model?.host ?? '', ...(isNamed && set && { backend: set.backend }) };
}

/** Undefined where the format can hold them. */
function whyUnfit(
  { id, takesSeveral, takesHosts, activates, reserved = [], longest, members }: Packaging,
  hosts: readonly api.Host[],
  isFleet: boolean,
): string | undefined {
  const names = hosts.map(({ host }) => host ?? '');
  const sets = hosts.flatMap((host) => handleOf(host).compilation.sets ?? []);
  if (sets.length === 0) {
    return 'Nothing was rendered: name a back end in `backends`, or as `backend` in the intent.';
  }
  const without = hosts.find((host) => handleOf(host).compilation.sets?.length === 0);
  if (without) return `\`${without.host ?? ''}\` has no back end, and other hosts have one.`;
  if (!takesSeveral && hosts.some((host) => handleOf(host).compilation.sets?.length !== 1)) {
    return `\`${id}\` takes one back end at a time.`;
  }
  const unfit = sets.find(({ backend }) =>
    backends.some((one) => one.id === backend && one.scope !== 'host'),
  );
  if (activates && unfit) {
    return `\`${id}\` activates what it contains, and \`${unfit.backend}\` configures no host's network permanently.`;
  }
  if (!isFleet) return undefined;
  if (!takesHosts && !members) return `\`${id}\` takes one host.`;
  if (names.includes('')) return 'A fleet is of hosts with names.';
  if (new Set(names).size < names.length) return 'Two hosts have the same name.';
  const bad = names.find(
    (name) => reserved.includes(name) || name.length > (longest ?? name.length),
  );
  return bad === undefined ? undefined : `\`${bad}\` cannot be the name of a host in \`${id}\`.`;
}

function failed(message: string): api.Outcome<never> {
  const diagnostics: Diagnostic[] = [diagnostic('format-unfit', [], message)];
  const source = plainSource('<intent>', '');
  const shown = diagnosticsOf(source, diagnostics).map(
    ({ code, severity, message: text, hint, path }) => ({
      code,
      severity,
      message: text,
      hint,
      path,
    }),
  );
  return withReport({ diagnostics: shown }, { source, diagnostics, hasLines: false });
}
