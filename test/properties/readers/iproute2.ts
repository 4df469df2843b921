/**
 * Reads the plan of the trial script: a line a step, its first word a function of the script, which
 * runs the command of ip(8) that it is named after. What a function does, the lab sees; here the
 * plan alone is judged.
 */
import { type Files, fail } from '../description.ts';
import {
  addAddress,
  addLink,
  addRoute,
  changeLink,
  type Kernel,
  kernel,
  linkOf,
  ruleOf,
  setKernel,
  setToken,
  wordsOf,
} from './ip.ts';

export interface Tried {
  readonly kernel: Kernel;
  /** NICs that must be there, each with its permanent MAC where the plan names one. */
  readonly nics: readonly string[];
  /** Links that lose their addresses. */
  readonly silent: readonly string[];
}

const SCRIPT = '/usr/local/sbin/macvtap-trial';

const STEPS: Readonly<Record<string, (to: Kernel, words: readonly string[]) => void>> = {
  ip_link_add: (to, words) => addLink(to, wordsOf(words)),
  ip_link_set: (to, [name = '', ...words]) => changeLink(to, name, wordsOf(words)),
  ip_link_master: (to, [name = '', master = '']) => {
    linkOf(to, name).isUp = false;
    changeLink(to, name, wordsOf(['master', master]));
  },
  ip_link_up: (to, [name = '', ...words]) => changeLink(to, name, wordsOf(['up', ...words])),
  ip_source_add: (to, [name = '', type = '', ...words]) =>
    changeLink(to, name, wordsOf(['type', type, 'macaddr', 'add', ...words])),
  ip_link_queue: (to, [name = '', word = '', value = '']) =>
    changeLink(to, name, wordsOf(['type', 'macvlan', word, value])),
  ip_link_allmulticast: (to, [name = '']) => changeLink(to, name, wordsOf(['allmulticast', 'on'])),
  ip_tap_access: (to, [name = '', permissions = '', account = '']) => {
    linkOf(to, name).access = `${account.includes(':') ? account : `${account}:`} ${permissions}`;
  },
  ip_token_set: (to, [name = '', own = '']) => setToken(to, name, own),
  stable_secret: (to, [name = '']) => {
    linkOf(to, name).settings['ipv6 stable_secret'] = 'machine-id';
  },
  ip_address_flush: (to, [name = '']) => {
    linkOf(to, name).addresses = [];
  },
  ip_address_add: (to, [name = '', own = '', ...words]) => {
    const isLong = !own.includes(':') && Number(own.split('/')[1]) < 31;
    if (words.join(' ') !== (isLong ? 'broadcast +' : '')) fail(`${own} ${words.join(' ')}`);
    addAddress(linkOf(to, name), own);
  },
  ip_address_wait: () => undefined,
  ip_route_add: (to, [name = '', ...words]) => addRoute(linkOf(to, name), words),
  ip_rule_add: (to, words) => {
    to.rules.push(
      ruleOf(
        words.some((word) => word.includes(':')),
        wordsOf(words),
      ),
    );
  },
  kernel: (to, [path = '', value = '']) => setKernel(to, path, value),
};

/** What changes nothing. */
const CHECKS = new Set(['need_no_master', 'need_name', 'is_kept', 'save', 'announce']);

export function readTrial(files: Files): Tried {
  const text = files.get(SCRIPT) ?? fail('no script');
  const [, plan] = /^PLAN='\n([^']*)'$/m.exec(text) ?? fail('no plan');
  const to = kernel();
  const nics: string[] = [];
  const silent: string[] = [];
  for (const line of (plan ?? '').split('\n').filter((one) => one !== '')) {
    if (!/^[a-z0-9_]+(?: [A-Za-z0-9_./:@%+=,-]+)*$/.test(line)) fail(`plan: ${line}`);
    const [step = '', ...words] = line.split(' ');
    if (step === 'need_nic') nics.push(words.join(' '));
    else if (step === 'falls_silent') silent.push(words.join(' '));
    else if (!CHECKS.has(step)) (STEPS[step] ?? fail(`plan: ${line}`))(to, words);
  }
  return { kernel: to, nics, silent };
}
