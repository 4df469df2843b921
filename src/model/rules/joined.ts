/** VLANs, bonds and bridges against each other: loops, heights, ids, members. */
import { diagnostic } from '../../diagnostics.ts';
import type { Intent } from '../../intent/schema.ts';
import { MAX_HEIGHT } from '../resolve/nodes.ts';
import type { Model, Parent } from '../types.ts';
import type { Context } from './context.ts';

export function checkJoined({ intent, model, damaged, report }: Context): void {
  const loops = loopsAmong(model.parents.filter(({ height }) => height > MAX_HEIGHT));
  checkMembersOnce(intent, model, report);
  const taken = new Map<string, Parent>();
  for (const parent of model.parents) {
    const { vlan, name, origin } = parent;
    if (parent.height <= MAX_HEIGHT) {
      // Nothing that is so low stands on itself.
    } else if (!loops.has(name)) {
      const message = `\`${name}\` would stand on more than ${MAX_HEIGHT} others.`;
      report(diagnostic('link-too-deep', origin, message, { at: 'key' }));
    } else {
      const key = vlan ? 'link' : 'interfaces';
      report(diagnostic('link-loop', [...origin, key], `\`${name}\` stands on itself.`));
    }
    if (!vlan || damaged([...origin, 'id'])) continue;
    const key = `${vlan.linkId} ${vlan.id}`;
    const other = taken.get(key);
    if (other) {
      const message = `\`${other.name}\` has id ${vlan.id} on \`${vlan.link}\`, too.`;
      report(diagnostic('vlan-taken', [...origin, 'id'], message));
    } else taken.set(key, parent);
  }
}

/** Every link is a member of one bond or bridge, once. */
function checkMembersOnce(intent: Intent, model: Model, report: Context['report']): void {
  const names = new Map(model.parents.map(({ id, name }) => [id, name]));
  const seen = new Map<string, string>();
  for (const [id, { interfaces = [] }] of intent.parents ?? []) {
    for (const [index, called] of interfaces.entries()) {
      const name = names.get(called) ?? called;
      const other = seen.get(name);
      if (other === undefined) seen.set(name, id);
      else {
        const message = `\`${name}\` is a member of \`${other}\`, and cannot be one again.`;
        report(diagnostic('parent-enslaved', ['parents', id, 'interfaces', index], message));
      }
    }
  }
}

/**
 * Names of those that are on top of themselves. What is no part of a loop is taken off from below
 * and from above, one by one: a walk from each of them would be as long as all together.
 */
function loopsAmong(high: readonly Parent[]): ReadonlySet<string> {
  const lower = new Map<string, string[]>(high.map(({ name }) => [name, []]));
  const upper = new Map<string, string[]>(high.map(({ name }) => [name, []]));
  for (const { name, vlan, members } of high) {
    for (const below of new Set([...(vlan ? [vlan.link] : []), ...members])) {
      if (!upper.has(below)) continue;
      lower.get(name)?.push(below);
      upper.get(below)?.push(name);
    }
  }
  const kept = new Set(lower.keys());
  for (const [waitsFor, others] of [
    [lower, upper],
    [upper, lower],
  ] as const) {
    const left = new Map([...kept].map((name) => [name, countIn(kept, waitsFor.get(name))]));
    const free = [...kept].filter((name) => left.get(name) === 0);
    // The list grows while it is walked.
    for (const name of free) {
      kept.delete(name);
      for (const other of others.get(name) ?? []) {
        const count = (left.get(other) ?? 0) - 1;
        left.set(other, count);
        if (count === 0) free.push(other);
      }
    }
  }
  return kept;
}

const countIn = (kept: ReadonlySet<string>, names: readonly string[] = []): number =>
  names.filter((name) => kept.has(name)).length;
