/** The form for those who have never written an intent: a dialog that writes one. */

import { DISTRIBUTIONS } from '../targets/distributions.ts';
import type { Owner } from '../targets/target.ts';
import { backendOptions, targetOptions } from './choices.ts';
import { byId } from './element.ts';
import { intentFrom } from './form-intent.ts';

/** What a distribution's network is configured by, unless somebody has changed it. */
const USUAL: readonly (readonly [Owner, string])[] = [
  ['netplan', 'netplan-networkd'],
  ['ifupdown', 'ifupdown'],
  ['networkmanager', 'networkmanager'],
  ['networkd', 'networkd'],
];

const usualBackend = (target: string): string =>
  USUAL.find(([owner]) => DISTRIBUTIONS[target]?.presence[owner] === 'installed')?.[1] ??
  'networkd';

/** @param write takes the intent, and what was chosen beside it */
export function startForm(
  write: (text: string, choice: { readonly backend: string; readonly target: string }) => void,
): void {
  const dialog = byId('form', HTMLDialogElement);
  const field = (name: string): HTMLInputElement => byId(`form-${name}`, HTMLInputElement);
  const [target, backend] = [
    byId('form-target', HTMLSelectElement),
    byId('form-backend', HTMLSelectElement),
  ];
  target.append(...targetOptions());
  backend.append(...backendOptions());
  const chooseUsual = (): void => {
    backend.value = usualBackend(target.value);
  };
  target.value = 'debian-13';
  chooseUsual();
  target.addEventListener('change', chooseUsual);
  const addresses = byId('form-addresses', HTMLDivElement);
  const showAddresses = (): void => {
    addresses.hidden = field('dhcp').checked;
    field('address').required = !addresses.hidden;
  };
  for (const how of ['fixed', 'dhcp']) field(how).addEventListener('change', showAddresses);
  byId('form-open', HTMLButtonElement).addEventListener('click', () => {
    dialog.showModal();
    field('host').select();
  });
  byId('form-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
  const value = (name: string): string => field(name).value.trim();
  const words = (name: string): string[] =>
    value(name)
      .split(/[\s,]+/)
      .filter(Boolean);
  dialog.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close();
    const text = intentFrom({
      host: value('host'),
      nic: value('nic'),
      shim: value('shim'),
      ...(!addresses.hidden && {
        fixed: {
          address: value('address'),
          gateway: value('gateway'),
          nameservers: words('nameservers'),
        },
      }),
      guests: words('guests'),
    });
    write(text, { backend: backend.value, target: target.value });
  });
}
