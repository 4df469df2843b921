/** iproute2: a script for a trial that ends with the next boot at the latest. */

import { type Diagnostic, diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Link, Model } from '../../model/types.ts';
import type { RenderedFile } from '../../view/rendered.ts';
import type { Backend } from '../backend.ts';
import { checkGuests } from '../host/unmanaged.ts';
import { checkAdvertised } from '../shared/advertised.ts';
import { checkFirewallZone } from '../shared/firewall-zone.ts';
import { checkLinkLocal4 } from '../shared/link-order.ts';
import { DIRECTORY, SCRIPT, scriptFile } from './script.ts';

const ID = 'iproute2';

export const iproute2: Backend = {
  id: ID,
  summary: 'ip(8): a script for a trial, with a timed rollback',
  scope: 'trial',
  directory: DIRECTORY,
  // Every host has it, and no daemon reads the script.
  needs: [],
  daemons: [],
  places: [SCRIPT],
  check: (model: Model): Diagnostic[] => [
    ...[...model.parents, ...model.shims].flatMap(checkLink),
    ...checkNics(model),
    ...checkFirewallZone(model, ID),
    ...checkGuests(model, ID),
  ],
  render: (model: Model): RenderedFile[] => [scriptFile(model)],
  activation: () => ({
    commands: ['--check', '--try 60', '--keep', '--undo'].map(
      (word) => `sh ${DIRECTORY}/macvtap-trial ${word}`,
    ),
    effect:
      '`--check` changes nothing; `--try 60` undoes everything after a minute, unless `--keep` comes first; `--undo` undoes it now. Nothing of it survives a reboot.',
  }),
  // The script itself checks the host, when it is run.
  watches: [],
  judge: () => [],
};

function checkLink(link: Link): Diagnostic[] {
  const { name, origin, nameservers, search } = link;
  const refuse = (key: string, message: string): Diagnostic =>
    diagnostic('setting-not-expressible', [...origin, key], message, {
      backend: ID,
      hint: 'For a trial, write the address that the host has now in `addresses`, or use the back end of its system.',
    });
  const leave = (key: string, message: string): Diagnostic =>
    diagnostic('setting-left-out', [...origin, key], message, { backend: ID });
  const resolver = 'The trial leaves name resolution as it is';
  return [
    ...(link.dhcp4 ? [refuse('dhcp4', `ip(8) has no DHCP client for \`${name}\`.`)] : []),
    ...(link.dhcp6 ? [refuse('dhcp6', `ip(8) has no DHCPv6 client for \`${name}\`.`)] : []),
    ...checkLinkLocal4(link, ID, `The kernel assigns no IPv4 link-local address to \`${name}\`.`),
    ...(link.dhcp6ByRouter && !link.dhcp6
      ? [leave('accept-ra', `Nothing follows the router's managed flag on \`${name}\`.`)]
      : []),
    ...checkAdvertised(link, ID),
    ...(nameservers.length + search.length > 0 ? [leave('nameservers', `${resolver}.`)] : []),
    ...(link.multicastDns !== undefined ? [leave('multicast-dns', `${resolver}.`)] : []),
    ...(link.dnsDefaultRoute !== undefined ? [leave('dns-default-route', `${resolver}.`)] : []),
  ];
}

function checkNics({ parents }: Model): Diagnostic[] {
  return parents.flatMap(({ name, permanentMac, wakeonlan, origin }) => [
    ...(permanentMac === undefined
      ? []
      : [
          diagnostic(
            'setting-left-out',
            [...origin, 'set-name'],
            `The trial renames no NIC: \`${name}\` must have this name already, which the script checks.`,
            { backend: ID },
          ),
        ]),
    ...(wakeonlan
      ? [
          diagnostic(
            'setting-left-out',
            [...origin, 'wakeonlan'],
            `ip(8) does not arm \`${name}\`.`,
            { backend: ID },
          ),
        ]
      : []),
  ]);
}
