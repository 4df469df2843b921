/**
 * The compiler in a worker, so that no intent, however long, stops the page. What is typed while it
 * works replaces what waits: there is one answer at work and one question waiting, never a queue.
 */
import type { HostCompilation } from '../compile-fleet.ts';
import { type Answer, type Answered, answer, compiledBefore, type Question } from './answer.ts';
import { type Saved, saved } from './downloads.ts';

export interface Compiler {
  /** @returns undefined where a later question has taken its place */
  ask(question: Question): Promise<Answer | undefined>;
  /** Of the last answer. @returns undefined where it has no such download */
  save(backend: string, id: string): Promise<Saved | undefined>;
}

type Request =
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'save'; readonly backend: string; readonly id: string };

/** What is done with requests, in the worker or without one. */
function server(): (request: Request) => Answer | Saved | undefined {
  let last: Answered | undefined;
  /** The text before is the same for many questions. */
  let before: { readonly key: string; readonly host: HostCompilation | undefined } | undefined;
  const answered = (question: Question): Answered => {
    const { text: _, ...rest } = question;
    const key = JSON.stringify(rest);
    if (before?.key !== key) before = { key, host: compiledBefore(question, question.before) };
    return answer(question, before.host);
  };
  return (request) => {
    if (request.kind === 'ask') {
      last = orInternalError(() => answered(request.question));
      return last.answer;
    }
    return last?.host && saved(last.host, request.backend, request.id);
  };
}

/** What throws is an internal error: it is shown, and the next question is answered. */
function orInternalError(answered: () => Answered): Answered {
  try {
    return answered();
  } catch (error) {
    return {
      answer: { hosts: [], hostsWithErrors: [], diagnostics: [], internalError: String(error) },
    };
  }
}

/** Of a worker's global scope what is used. */
interface WorkerScope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(message: unknown): void;
}

export function serve(scope: WorkerScope): void {
  const respond = server();
  scope.onmessage = ({ data }) => scope.postMessage(respond(data));
}

/** @param source the script of the page, which serves in a worker */
export function startCompiler(source: string): Compiler {
  return compilerOver(sender(source));
}

type Send = (request: Request) => Promise<unknown>;

function compilerOver(send: Send): Compiler {
  let isBusy = false;
  let waiting: { question: Question; settle: (answer: Answer | undefined) => void } | undefined;
  const run = async (question: Question): Promise<Answer> => {
    isBusy = true;
    try {
      return (await send({ kind: 'ask', question })) as Answer;
    } finally {
      isBusy = false;
      const next = waiting;
      waiting = undefined;
      if (next) run(next.question).then(next.settle);
    }
  };
  return {
    ask: (question) => {
      if (!isBusy) return run(question);
      waiting?.settle(undefined);
      return new Promise((settle) => {
        waiting = { question, settle };
      });
    },
    save: (backend, id) => send({ kind: 'save', backend, id }) as Promise<Saved | undefined>,
  };
}

/** To a worker; where a browser starts none, to the page itself. */
function sender(source: string): Send {
  const respond = server();
  const here: Send = async (request) => respond(request);
  const worker = startWorker(source);
  if (!worker) return here;
  let isThere = true;
  const pending: { readonly request: Request; readonly settle: (value: unknown) => void }[] = [];
  worker.onmessage = ({ data }) => pending.shift()?.settle(data);
  // It could not be started, or ran out of memory.
  worker.onerror = () => {
    isThere = false;
    for (const { request, settle } of pending.splice(0)) settle(respond(request));
  };
  return (request) =>
    new Promise((settle) => {
      if (!isThere) {
        settle(respond(request));
        return;
      }
      pending.push({ request, settle });
      worker.postMessage(request);
    });
}

/** The policy that the page's Content-Security-Policy allows: a worker of the page's own script. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

function startWorker(source: string): Worker | undefined {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    const policy = trustedTypes?.createPolicy('worker', { createScriptURL: (url) => url });
    const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
    return new Worker(policy?.createScriptURL(url) ?? url);
  } catch {
    return undefined;
  }
}
