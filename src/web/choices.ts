/** System, versions, back end and host: what is chosen beside the intent. */
import { backends } from '../backends/registry.ts';
import { visible } from '../diagnostics/visible.ts';
import { targetNames } from '../targets/distributions.ts';
import { byId, element } from './element.ts';

export interface Choice {
  readonly backend?: string;
  readonly target?: string;
  readonly host?: string;
}

export interface Choices {
  chosen(): Choice;
  choose(choice: Choice): void;
  /** Offers the hosts of a fleet. */
  offerHosts(names: readonly string[]): void;
}

/** The option of the versions that are typed. */
const VERSIONS = 'versions';

/** So many hosts are offered. */
const MOST_HOSTS = 2000;

const NAMES: Readonly<Record<string, string>> = {
  arch: 'Arch Linux',
  debian: 'Debian',
  fedora: 'Fedora',
  opensuse: 'openSUSE',
  rhel: 'RHEL',
  ubuntu: 'Ubuntu',
};

/** `debian-12` → `Debian 12` */
const titleOf = (target: string): string => {
  const [first = '', ...rest] = target.split('-');
  return [NAMES[first] ?? first, ...rest].join(' ');
};

const option = (value: string, text: string): HTMLOptionElement =>
  element('option', { value }, text);

/** Options for a choice of the system. */
export const targetOptions = (): HTMLOptionElement[] =>
  targetNames().map((name) => option(name, titleOf(name)));

/** Options for a choice of the back end. */
export const backendOptions = (): HTMLOptionElement[] => backends.map(({ id }) => option(id, id));

export function startChoices(changed: () => void): Choices {
  const target = byId('target-choice', HTMLSelectElement);
  const versions = byId('versions', HTMLInputElement);
  const versionsLabel = byId('versions-label', HTMLLabelElement);
  const backend = byId('backend-choice', HTMLSelectElement);
  const host = byId('host-choice', HTMLSelectElement);
  const hostLabel = byId('host-label', HTMLLabelElement);
  target.append(
    option('', 'as in the intent, or any'),
    ...targetOptions(),
    option(VERSIONS, 'versions…'),
  );
  backend.append(option('', 'as in the intent, or networkd'), ...backendOptions());
  const showVersions = (): void => {
    versionsLabel.hidden = target.value !== VERSIONS;
  };
  target.addEventListener('change', () => {
    showVersions();
    changed();
  });
  versions.addEventListener('input', changed);
  for (const select of [backend, host]) select.addEventListener('change', changed);
  const given = (value: string): string | undefined => (value === '' ? undefined : value);
  return {
    chosen() {
      const own = given(target.value === VERSIONS ? versions.value.trim() : target.value);
      return {
        ...(backend.value !== '' && { backend: backend.value }),
        ...(own !== undefined && { target: own }),
        ...(!hostLabel.hidden && host.value !== '' && { host: host.value }),
      };
    },
    choose({ backend: id = '', target: name = '' }) {
      backend.value = [...backend.options].some(({ value }) => value === id) ? id : '';
      const isListed = [...target.options].some(({ value }) => value === name);
      target.value = isListed && name !== VERSIONS ? name : VERSIONS;
      if (target.value === VERSIONS) versions.value = name;
      showVersions();
    },
    offerHosts(names) {
      hostLabel.hidden = names.length === 0;
      const offered = names.slice(0, MOST_HOSTS);
      const isSame =
        offered.length === host.options.length &&
        offered.every((name, index) => host.options[index]?.value === name);
      if (isSame) return;
      const kept = host.value;
      host.replaceChildren(...offered.map((name) => option(name, visible(name))));
      if (offered.includes(kept)) host.value = kept;
    },
  };
}
