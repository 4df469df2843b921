/** Opening and saving an intent, and links that hold one. */
import { byId, element } from './element.ts';
import { fragmentOf, type Linked } from './link.ts';

export interface Saving {
  current(): Linked;
  /** The name of the host that is shown, if any is. */
  host(): string | undefined;
  load(text: string): void;
  /** Shows a line to the reader. */
  report(text: string): void;
}

/** As much as the command reads. */
const LARGEST = 64 * 1024 * 1024;

export function startSaving({ current, host, load, report }: Saving): void {
  const file = byId('file', HTMLInputElement);
  byId('file-open', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', async () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (!chosen) return;
    if (chosen.size > LARGEST) {
      report('The file is larger than 64 MiB.');
      return;
    }
    try {
      load(
        new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
          await chosen.arrayBuffer(),
        ),
      );
    } catch {
      report('The file is not UTF-8 text.');
    }
  });
  byId('file-save', HTMLButtonElement).addEventListener('click', () => {
    const name = host();
    saveFile({ name: name ? `${name}.yaml` : 'macvtap.yaml', text: current().text });
  });
  byId('link-copy', HTMLButtonElement).addEventListener('click', async () => {
    const fragment = fragmentOf(current());
    if (fragment === undefined) {
      report('The intent is too long for a link. Save it as a file instead.');
      return;
    }
    try {
      history.replaceState(null, '', fragment);
    } catch {
      // Some browsers refuse this for a page of file://.
    }
    const link = `${location.href.replace(/#.*$/s, '')}${fragment}`;
    try {
      await navigator.clipboard.writeText(link);
      report('The link is copied. It holds the whole intent.');
    } catch {
      report('The link is in the address bar. It holds the whole intent.');
    }
  });
}

/** @param text written in UTF-8 */
export function saveFile({ name, text }: { readonly name: string; readonly text: string }): void {
  const url = URL.createObjectURL(new Blob([text]));
  element('a', { href: url, download: name.replace(/[^A-Za-z0-9._-]/g, '_') }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
