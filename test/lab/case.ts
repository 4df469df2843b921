/** A golden case on a suite: the model, what is written for it there, or why nothing is. */

import type { Backend } from '../../src/backends/backend.ts';
import { backends } from '../../src/backends/registry.ts';
import { compile } from '../../src/compile.ts';
import { parse } from '../../src/intent/parse.ts';
import { resolve } from '../../src/model/resolve.ts';
import type { Model } from '../../src/model/types.ts';
import { targetFor } from '../../src/targets/floor.ts';
import type { TargetSpec } from '../../src/targets/target.ts';
import { isAtLeast } from '../../src/targets/target.ts';
import { caseNames, intentOf, targetOf } from '../golden/cases.ts';
import type { TargetFile } from './image/host.ts';
import type { Image } from './image/images.ts';
import { ON_LINK_UNSAID } from './judge/expected.ts';

export interface Rendering {
  /** What it was written for, where that is not what the golden files were written for. */
  readonly target?: string;
  readonly files: readonly TargetFile[];
  /** What the program reports that this target cannot express, though nothing depends on it. */
  readonly leftOut: readonly string[];
}

export interface Renderings {
  readonly model: Model;
  readonly backend: Backend;
  readonly all: readonly Rendering[];
  /** Where there is none: what the program says. */
  readonly refusal?: string;
}

/** The model of a case; undefined where the intent is wrong. */
export function modelOf(name: string): Model | undefined {
  const { intent } = parse('intent.yaml', intentOf(name));
  return intent && resolve(intent).value;
}

/** The cases whose intent is right. */
export const soundCases = (): string[] => caseNames().filter((name) => modelOf(name) !== undefined);

/**
 * What is to be tried of a case on a suite: its golden files, where they are for these versions,
 * and what is written for the suite itself, where that is something else.
 */
export function renderingsOf(name: string, backendId: string, image: Image): Renderings {
  const model = modelOf(name);
  const backend = backends.find(({ id }) => id === backendId);
  if (!model || !backend) throw new Error(`there is no ${name} for ${backendId}`);
  const golden = write(name, backendId, targetOf(name).target);
  const own = write(name, backendId, image.target);
  const all: Rendering[] = [];
  if (golden.files && accepts(image, backend, targetOf(name).target)) {
    all.push({ files: golden.files, leftOut: golden.leftOut });
  }
  if (own.files && JSON.stringify(own.files) !== JSON.stringify(all[0]?.files)) {
    all.push({ files: own.files, leftOut: own.leftOut, target: image.target.name });
  }
  return {
    model,
    backend,
    all,
    ...(all.length === 0 && { refusal: own.refusal ?? golden.refusal ?? '' }),
  };
}

/** Several parts of the lab ask for the same. */
const written = new Map<string, Written>();

function write(name: string, backend: string, target: TargetSpec | undefined): Written {
  const key = [name, backend, target?.name].join(' ');
  const before = written.get(key);
  if (before) return before;
  const now = compileFor(name, backend, target);
  written.set(key, now);
  return now;
}

interface Written {
  readonly files?: readonly TargetFile[];
  readonly leftOut: readonly string[];
  readonly refusal?: string;
}

/** What is written of a case for a target, or why nothing is. */
export function compileFor(name: string, backend: string, target: TargetSpec | undefined): Written {
  const asked = target ? { target } : {};
  const { sets, diagnostics } = compile(intentOf(name), {
    file: name,
    backends: [backend],
    ...asked,
  });
  const files = sets?.[0]?.files.map(({ path, mode, text }) => ({ path, mode, text }));
  const leftOut = diagnostics
    .filter(({ code }) => code === 'left-out-for-target')
    .map(({ message }) => message);
  if (files) return { files, leftOut: [...leftOut, ...notExpressed(name, backend, files)] };
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { leftOut, refusal: [...new Set(errors.map(({ code }) => code))].join(', ') };
}

/** What is not reported without a note, as nothing depends on it. */
function notExpressed(name: string, backend: string, files: readonly TargetFile[]): string[] {
  const links = [...(modelOf(name)?.parents ?? []), ...(modelOf(name)?.shims ?? [])];
  const isMeant = links.some(({ routes }) =>
    routes.some(({ onLink, family }) => onLink && family === 'ipv4'),
  );
  const isExpressed = files.some(({ text }) => /^\[ipv4\]\n(?:.+\n)*.*onlink=true/m.test(text));
  return backend === 'networkmanager' && isMeant && !isExpressed ? [ON_LINK_UNSAID] : [];
}

/** Whether a suite has all that a target asks for. */
function accepts(image: Image, backend: Backend, asked: TargetSpec | undefined): boolean {
  const { versions } = targetFor(backend.needs, asked);
  const own = targetFor(backend.needs, image.target).versions;
  return backend.daemons.every((daemon) => isAtLeast(own[daemon], versions[daemon]));
}
