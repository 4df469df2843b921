/** VLANs, bonds and bridges against each other: loops, heights, ids, members. */
import { diagnostic } from '../../diagnostics/diagnostic.ts';
import { itemsOf } from '../resolve/items.ts';
import { MAX_HEIGHT } from '../resolve/nodes.ts';
import type { Parent } from '../types.ts';
import type { Context } from './context.ts';

export function checkJoined({ model, damaged, report }: Context): void {
  const loops = loopsAmong(model.parents.filter(({ height }) => height > MAX_HEIGHT));
  const taken = new Map<string, Parent>();
  for (const parent of model.parents) {
    const { vlan, name, origin } = parent;
    if (parent.height <= MAX_HEIGHT) {
      // Nothing below this height is on top of itself.
    } else if (!loops.has(name)) {
      const message = `\`${name}\` is on top of more than ${MAX_HEIGHT} links.`;
      report(diagnostic('link-too-deep', origin, message, { at: 'key' }));
    } else {
      const key = vlan ? 'link' : 'interfaces';
      report(diagnostic('link-loop', [...origin, key], `\`${name}\` is on top of itself.`));
    }
    if (!vlan || damaged([...origin, 'id'])) continue;
    const key = `${vlan.linkId} ${vlan.id}`;
    const other = taken.get(key);
    if (other) {
      const message = `VLAN id ${vlan.id} on \`${vlan.link}\` is taken by \`${other.name}\`.`;
      report(diagnostic('vlan-taken', [...origin, 'id'], message));
    } else taken.set(key, parent);
  }
}

/** Every link is a member of one bond or bridge, once. */
export function checkMembersOnce({ intent, model, report }: Context): void {
  const names = new Map(model.parents.map(({ id, name }) => [id, name]));
  const seen = new Map<string, string>();
  for (const [id, { interfaces }] of intent.parents ?? []) {
    for (const { item, origin } of itemsOf(interfaces, ['parents', id, 'interfaces'])) {
      const name = names.get(item) ?? item;
      const other = seen.get(name);
      if (other === undefined) seen.set(name, id);
      else {
        const message = `\`${name}\` is already a member of \`${other}\`.`;
        const hint = other === id ? 'Remove it from the list.' : 'Remove it from one of the two.';
        report(diagnostic('parent-enslaved', origin, message, { hint }));
      }
    }
  }
}

/**
 * Names of those that are on top of themselves: the strongly connected components of more than one
 * (R. Tarjan, 1972), and what names itself. A walk from each would be as long as all together; calls
 * within calls would be as deep as the chain is long.
 */
function loopsAmong(high: readonly Parent[]): ReadonlySet<string> {
  const lower = new Map(
    high.map(({ name, vlan, members }) => [name, [...(vlan ? [vlan.link] : []), ...members]]),
  );
  const found = new Set<string>();
  const order = new Map<string, number>();
  const least = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const enter = (name: string): Visit => {
    order.set(name, order.size);
    least.set(name, order.size - 1);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const lowerTo = (name: string, to = 0): void =>
    void least.set(name, Math.min(least.get(name) ?? 0, to));
  const leave = (name: string): void => {
    if (least.get(name) !== order.get(name)) return;
    const component = open.splice(open.lastIndexOf(name));
    for (const item of component) isOpen.delete(item);
    if (component.length > 1 || lower.get(name)?.includes(name)) {
      for (const item of component) found.add(item);
    }
  };
  for (const start of lower.keys()) {
    const path: Visit[] = order.has(start) ? [] : [enter(start)];
    for (let at = path.at(-1); at; at = path.at(-1)) {
      const below = lower.get(at.name)?.[at.next];
      at.next += 1;
      if (below === undefined) {
        leave(at.name);
        path.pop();
        const upper = path.at(-1);
        if (upper) lowerTo(upper.name, least.get(at.name));
      } else if (lower.has(below) && !order.has(below)) path.push(enter(below));
      else if (isOpen.has(below)) lowerTo(at.name, order.get(below));
    }
  }
  return found;
}

/** A link that is being looked at, and which of those below it is the next. */
interface Visit {
  readonly name: string;
  next: number;
}
