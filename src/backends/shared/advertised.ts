/** What of router advertisements a kernel without a daemon cannot do. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Link } from '../../model/types.ts';

/** Of back ends that leave advertisements to the kernel. */
export function checkAdvertised({ raOverrides, name }: Link, backend: string): Diagnostic[] {
  if (!raOverrides) return [];
  const { table, useDns, useDomains, origin } = raOverrides;
  const leave = (key: string, what: string): Diagnostic =>
    diagnostic(
      'setting-left-out',
      [...origin, key],
      `Nothing takes ${what} from router advertisements on \`${name}\`.`,
      { backend },
    );
  return [
    ...(table === undefined
      ? []
      : [
          diagnostic(
            'override-not-expressible',
            [...origin, 'table'],
            'The kernel puts advertised routes into its main table.',
            { backend },
          ),
        ]),
    ...(useDns === true ? [leave('use-dns', 'name servers')] : []),
    ...(useDomains === undefined || useDomains === false ? [] : [leave('use-domains', 'domains')]),
  ];
}
