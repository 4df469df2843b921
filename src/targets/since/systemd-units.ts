/** Drop-ins for units: systemd.unit(5), systemd.service(5), and what boot waits for. */
import type { Lines } from './line.ts';

export const UNIT = {
  'ConditionPathExists=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'ConditionPathIsSymbolicLink=': ['40', 'systemd v40, man/systemd.unit.xml'],
  'After=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'Before=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'Wants=': ['20', 'systemd v20, man/systemd.unit.xml'],
  'drop-in files': ['198', 'NEWS 198: unit files may be extended by drop-in files'],
} as const satisfies Lines;

export const SERVICE = {
  'ExecStartPre=': ['20', 'systemd v20, man/systemd.service.xml'],
  'ExecStart=': ['20', 'systemd v20, man/systemd.service.xml'],
} as const satisfies Lines;

export const WAIT_ONLINE = {
  '-i INTERFACE': [
    '213',
    'systemd-networkd-wait-online.service(8): -i added in version 213',
    { newer: '-i INTERFACE:STATE' },
  ],
  '-i INTERFACE:STATE': ['242', 'NEWS 242: an operational state after each interface'],
} as const satisfies Lines;
