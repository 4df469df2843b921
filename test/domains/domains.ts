/** Definitions of libvirt's domains, as tests write them. */

export const UUID = '0b1f3a52-5a4e-4d4e-9c52-00000000000';
export const MAC = '52:54:00:51:00:1';

/** An interface on a bridge, with more elements. */
export const bridged = (number = 1, more = '', bridge = 'br0'): string =>
  `<interface type='bridge'><mac address='${MAC}${number}'/><source bridge='${bridge}'/><model type='virtio'/>${more}</interface>`;

export const direct = (number = 1, more = '', dev = 'eth0'): string =>
  `<interface type='direct' trustGuestRxFilters='yes'><mac address='${MAC}${number}'/><source dev='${dev}' mode='bridge'/><model type='virtio'/>${more}</interface>`;

export const domainXml = (nics: string, name = 'vm1', uuid = `${UUID}1`): string =>
  `<!-- written by libvirt -->
<domain type='kvm'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <devices>
    ${nics}
  </devices>
</domain>
`;
