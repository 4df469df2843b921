/** What was measured, as a text of aligned columns. */
import type { FleetCost } from './fleet.ts';
import type { GrowthCost } from './growth.ts';
import type { ProgramCost } from './programs.ts';
import type { Summary } from './statistics.ts';

export interface Report {
  readonly node: string;
  readonly cores: number;
  readonly programs: readonly ProgramCost[];
  readonly fleets: readonly FleetCost[];
  /** Milliseconds a host, in a process that has compiled others before. */
  readonly warmCompile?: number;
  readonly growth: readonly GrowthCost[];
}

export function reportTable(report: Report): string {
  const { node, cores, programs, fleets, warmCompile, growth } = report;
  const parts = [`Node ${node}, ${cores} cores; medians (least to most)`];
  if (programs.length > 0) {
    const rows = programs.map((item) => [
      item.name,
      ms(item.milliseconds),
      times(item.ratio),
      times(item.toNetplan),
      fixed(item.mebibytes, 1),
      item.bytes === undefined ? '' : (item.bytes / 1024).toFixed(0),
    ]);
    const head = ['one host', 'ms', 'x node -e 0', "x netplan's generator", 'MiB', 'KiB of file'];
    parts.push(aligned([head, ...rows]));
  }
  if (fleets.length > 0) {
    const rows = fleets.map((item) => [
      String(item.hosts),
      String(item.files),
      ms(item.milliseconds),
      item.renderedPerHost.toFixed(2),
      item.writtenPerHost.toFixed(2),
      item.againPerHost.toFixed(2),
      times(item.toCareful),
      times(item.toPlain),
      fixed(item.mebibytes, 0),
    ]);
    const head = [
      ...['hosts', 'files', 'ms', 'rendered, ms/host', 'written, ms/host', 'again, ms/host'],
      ...['x C careful', 'x C plain', 'MiB'],
    ];
    parts.push(aligned([head, ...rows]));
  }
  if (warmCompile !== undefined) parts.push(`compiled warm: ${warmCompile.toFixed(2)} ms a host`);
  if (growth.length > 0) {
    const rows = growth.map(({ of, program, count, milliseconds }) => [
      `${count} ${of}`,
      program,
      ms(milliseconds),
    ]);
    parts.push(aligned([['one host', 'program', 'ms'], ...rows]));
  }
  return `${parts.join('\n\n')}\n`;
}

const ms = ({ median, min, max }: Summary): string =>
  `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`;

const times = (ratio: Summary | undefined): string =>
  ratio ? `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})` : '';

const fixed = (value: number | undefined, digits: number): string =>
  value === undefined ? '' : value.toFixed(digits);

/** The first column to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
