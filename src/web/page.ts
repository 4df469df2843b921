/** The page: what is typed and chosen → a question to the compiler → what is shown. */
import { hostList, visible } from '../report/text.ts';
import type { Answer, Output } from './answer.ts';
import { startChoices } from './choices.ts';
import { startCompiler } from './compiler.ts';
import type { Download } from './downloads.ts';
import { startEditor } from './editor.ts';
import { byId } from './element.ts';
import { startFiles } from './files.ts';
import { showFindings } from './findings.ts';
import { startForm } from './form.ts';
import { startGuides } from './guides.ts';
import { linkedIn } from './link.ts';
import { showPicture } from './picture.ts';
import { showChange, showDownloads, showSteps } from './results.ts';
import { saveFile, startSaving } from './saving.ts';
import { statusText } from './status.ts';
import { startTabs } from './tabs.ts';

/** The original's host: what the page opens with. */
const FIRST = `# Guests on eth0 by macvtap; the host itself on veth0.
version: 1
host: kvm1
shims:
  veth0:
    parent: eth0
    addresses: [198.51.100.50/24]
    routes:
      - {to: default, via: 198.51.100.254}
guests:
  vm1: {parent: eth0}
`;

/** @param source the page's own script, for the worker */
export function startPage(source: string): void {
  const compiler = startCompiler(source);
  const linked = linkedIn(location.hash);
  let kept = linked?.text ?? FIRST;
  let output: Output | undefined;
  let tab = 'tab-files';
  const showTab = startTabs(byId('tabs', HTMLElement), (id) => {
    tab = id;
    if (output) showPanel(output);
  });
  const message = byId('message', HTMLParagraphElement);
  const guides = startGuides(() => showTab('tab-guides'));
  const choices = startChoices(() => refresh());
  if (linked) choices.choose(linked);
  const editor = startEditor(byId('editor', HTMLDivElement), kept, {
    changed: () => refresh(),
    moved: (line) => files.link(line),
    explain: guides.showPage,
  });
  const files = startFiles(byId('files', HTMLDivElement), byId('reason', HTMLDivElement), {
    point: editor.point,
    goTo: (line) => editor.goTo(editor.lineStart(line)),
  });

  /** Replaces the intent, and compares with the new one from now on. */
  function load(text: string, note: string): void {
    editor.replace(text);
    keep(`Compared with the intent as it was ${note}.`);
  }

  function keep(note: string): void {
    kept = editor.text();
    byId('kept', HTMLParagraphElement).textContent = note;
    refresh();
  }

  let asked = 0;
  async function refresh(): Promise<void> {
    asked += 1;
    const own = asked;
    const main = byId('main', HTMLElement);
    main.ariaBusy = 'true';
    const started = performance.now();
    const text = editor.text();
    const answer = await compiler.ask({ text, before: kept, ...choices.chosen() });
    // A later question is being answered.
    if (!answer) return;
    show(answer);
    if (text === editor.text()) editor.mark(answer.diagnostics);
    const milliseconds = Math.round(performance.now() - started);
    byId('status', HTMLParagraphElement).textContent = statusText(answer, milliseconds);
    if (own === asked) main.ariaBusy = 'false';
  }

  function show({ output: now, diagnostics, hosts, hostsWithErrors }: Answer): void {
    choices.offerHosts(hosts);
    const elsewhere = byId('elsewhere', HTMLParagraphElement);
    elsewhere.hidden = hostsWithErrors.length === 0;
    elsewhere.textContent = `Errors in other hosts: ${visible(hostList(hostsWithErrors))}.`;
    showFindings(byId('findings', HTMLUListElement), diagnostics, {
      goTo: editor.goTo,
      explain: guides.explain,
      fix: ({ fix }) => fix && editor.edit(fix.edits),
    });
    byId('stale', HTMLParagraphElement).hidden = now !== undefined || output === undefined;
    if (!now) return;
    output = now;
    showPanel(now);
  }

  /** Only what is seen is made: the rest when its tab is shown. */
  function showPanel({ sets, picture, change }: Output): void {
    if (tab === 'tab-files') files.show(sets);
    if (tab === 'tab-picture') showPicture(byId('picture', HTMLDivElement), picture);
    if (tab === 'tab-changes') showChange(byId('changes', HTMLDivElement), change);
    if (tab === 'tab-install') {
      showSteps(byId('steps', HTMLDivElement), sets);
      showDownloads(byId('downloads', HTMLDivElement), sets, download);
    }
  }

  async function download(backend: string, { id }: Download): Promise<void> {
    const saved = await compiler.save(backend, id);
    if (saved) saveFile(saved);
    else message.textContent = 'The intent has errors: there is nothing to download.';
  }

  byId('keep', HTMLButtonElement).addEventListener('click', () =>
    keep('Compared with the state that you kept.'),
  );
  startForm((text, choice) => {
    choices.choose(choice);
    load(text, 'written by the form');
  });
  startSaving({
    current: () => ({ text: editor.text(), ...choices.chosen() }),
    host: () => output?.host,
    load: (text) => load(text, 'opened'),
    report: (text) => {
      message.textContent = text;
    },
  });
  addEventListener('hashchange', () => {
    const next = linkedIn(location.hash);
    if (!next) return;
    choices.choose(next);
    load(next.text, 'opened');
  });
  refresh();
}
