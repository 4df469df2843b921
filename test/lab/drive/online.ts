/**
 * What `network-online.target` is worth: a service that is ordered after it, as a user's would
 * be, asks the gateways at once. And how long the target was waited for.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { TargetFile } from '../image/host.ts';
import { must } from '../process.ts';
import { SERVICE } from './flavours.ts';
import type { Running } from './machine.ts';

export interface Online {
  /** Gateway → whether it answered the first question. */
  readonly reached: ReadonlyMap<string, boolean>;
  readonly waits: readonly Wait[];
}

/** A service that holds `network-online.target` until it has seen enough. */
export interface Wait {
  readonly unit: string;
  /** It was started, and no condition of its own passed it over. */
  readonly wasRun: boolean;
  /** `success`, `exit-code`, `timeout` … (systemd.service(5)). */
  readonly result: string;
  readonly seconds: number;
}

const REPORT = '/run/lab-online';
const SCRIPT = '/etc/lab-online.sh';

/** The service, for the disk of a machine. */
export const onlineFiles = (unit: string, gateways: readonly string[]): TargetFile[] => [
  {
    path: `/etc/systemd/system/${unit}`,
    mode: 0o644,
    text: `[Unit]
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
ExecStart=/bin/sh ${SCRIPT}
[Install]
WantedBy=multi-user.target
`,
  },
  {
    path: SCRIPT,
    mode: 0o644,
    text: `{
  for gateway in ${gateways.join(' ')}; do
    ping -n -q -c 1 -W 2 "$gateway" >/dev/null 2>&1 && answer=yes || answer=no
    echo "$gateway $answer"
  done
} >${REPORT}.new
mv ${REPORT}.new ${REPORT}
`,
  },
];

/** Whether the service has asked, and written down what came of it. */
export const isOnline = ({ root }: Pick<Running, 'root'>): boolean =>
  existsSync(`${root}${REPORT}`);

const WAITS = [
  'systemd-networkd-wait-online.service',
  'NetworkManager-wait-online.service',
  // ifupdown has done all when it has started.
  SERVICE,
];

/** @param running has asked (`isOnline`) */
export async function readOnline(running: Running): Promise<Online> {
  const lines = readFileSync(`${running.root}${REPORT}`, 'utf8').trim().split('\n');
  const answers = lines.filter((line) => line !== '').map((line) => line.split(' '));
  const units = await show(running, WAITS);
  return {
    reached: new Map(answers.map(([gateway = '', answer]) => [gateway, answer === 'yes'])),
    waits: units.map(waitOf),
  };
}

function waitOf(is: Properties): Wait {
  const time = (key: string): number => Number(is[`${key}TimestampMonotonic`] ?? 0) / 1e6;
  const begin = time('InactiveExit');
  // It stays active; one that has failed is inactive again.
  const end = Math.max(time('ActiveEnter'), time('InactiveEnter'));
  return {
    unit: is['Id'] ?? '',
    wasRun: begin > 0,
    result: is['Result'] ?? '',
    seconds: begin > 0 ? end - begin : 0,
  };
}

type Properties = Readonly<Record<string, string | undefined>>;

/** Properties of units; an empty line is between two. */
async function show(running: Running, args: readonly string[]): Promise<Properties[]> {
  const printed = await must(running.inside(['systemctl', 'show', ...args]));
  return printed.split('\n\n').map((part) => {
    const lines = part.split('\n').map((line) => line.split(/=(.*)/s));
    return Object.fromEntries(lines.map(([key = '', value]) => [key, value]));
  });
}
