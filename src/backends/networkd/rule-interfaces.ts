/** Interfaces that rules of a link name: systemd-networkd waits for them. */
import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../model/types.ts';

/**
 * A link is configured once its rules are, and a rule once its interface exists (seen with 257): boot
 * would wait for what a later service creates.
 */
export function checkRuleInterfaces(model: Model, backend: string): Diagnostic[] {
  const { parents, unmanaged, shims, taps } = model;
  const known = new Set(['lo', ...[...parents, ...unmanaged, ...shims, ...taps].map(nameOf)]);
  return [...parents, ...shims].flatMap(({ name, rules }) =>
    rules.flatMap((rule) =>
      (['iif', 'oif'] as const).flatMap((key) => {
        const other = rule[key];
        if (other === undefined || known.has(other)) return [];
        const message = `systemd-networkd configures \`${name}\` only when \`${other}\` exists, which no link of the intent is: boot would wait for it.`;
        const hint = `Name a link of the intent, or select the packets of \`${other}\` by \`from\`.`;
        return [
          diagnostic('setting-not-expressible', [...rule.origin, key], message, { backend, hint }),
        ];
      }),
    ),
  );
}

const nameOf = ({ name }: { readonly name: string }): string => name;
