/** What was measured, as lines to draw. */
import type { Panel } from './chart.ts';
import type { FleetCost } from './fleet.ts';
import type { GrowthCost } from './growth.ts';

/** Cost as work grows; a panel for what was measured. */
export function panelsOf(fleets: readonly FleetCost[], growth: readonly GrowthCost[]): Panel[] {
  const careful = fleets.flatMap(({ hosts, careful: cost }) =>
    cost ? [[hosts, cost.median] as const] : [],
  );
  const grown = (of: GrowthCost['of']): Panel[] => {
    const lines = (['Node', 'native'] as const).map((program) => ({
      name: program === 'Node' ? 'the Node command' : 'the native binary',
      points: growth
        .filter((item) => item.of === of && item.program === program)
        .map(({ count, milliseconds }) => [count, milliseconds.median] as const),
    }));
    const drawn = lines.filter(({ points }) => points.length > 0);
    if (drawn.length === 0) return [];
    return [{ title: `One host, ${of}`, xLabel: of, yLabel: 'milliseconds', lines: drawn }];
  };
  const hosts: Panel = {
    title: 'A fleet, rendered and written',
    xLabel: 'hosts',
    yLabel: 'milliseconds',
    lines: [
      {
        name: 'the Node command',
        points: fleets.map((item) => [item.hosts, item.milliseconds.median] as const),
      },
      ...(careful.length > 0 ? [{ name: 'C, writing alone', points: careful }] : []),
    ],
  };
  return [...(fleets.length > 0 ? [hosts] : []), ...grown('shims'), ...grown('diagnostics')];
}
