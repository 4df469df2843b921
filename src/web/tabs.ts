/** Tabs by the pattern of WAI-ARIA: one stop of the Tab key, arrows between them. */

/**
 * @param shown is called with the id of the tab that is shown
 * @returns shows the tab of this id
 */
export function startTabs(list: HTMLElement, shown: (id: string) => void): (id: string) => void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const show = (chosen: HTMLElement): void => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      if (panel) panel.hidden = !isChosen;
    }
    chosen.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    shown(chosen.id);
  };
  list.addEventListener('click', ({ target }) => {
    const tab = tabs.find((item) => item === target);
    if (tab) show(tab);
  });
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(event.target as HTMLElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[
      event.key
    ];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const tab = tabs[(next + tabs.length) % tabs.length];
    if (!tab) return;
    show(tab);
    tab.focus();
  });
  return (id) => {
    const tab = tabs.find((item) => item.id === id);
    if (tab) show(tab);
  };
}
