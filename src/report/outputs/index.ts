/** The document of every command that has `--format json`: a file beside this, and a line here. */
import { applyDocument } from './apply.ts';
import { checkDocument } from './check.ts';
import { diffDocument } from './diff.ts';
import { doctorDocument } from './doctor.ts';
import { explainDocument } from './explain.ts';
import { graphDocument } from './graph.ts';
import { initDocument } from './init.ts';
import { lintDocument } from './lint.ts';
import { renderDocument } from './render.ts';
import { statusDocument } from './status.ts';
import { stepsDocument } from './steps.ts';

export const DOCUMENTS = {
  render: renderDocument,
  check: checkDocument,
  diff: diffDocument,
  lint: lintDocument,
  init: initDocument,
  explain: explainDocument,
  status: statusDocument,
  doctor: doctorDocument,
  steps: stepsDocument,
  apply: applyDocument,
  graph: graphDocument,
} as const;
