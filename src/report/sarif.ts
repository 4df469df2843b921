/** Findings → SARIF 2.1.0 (OASIS), which code review systems show next to the lines. */

import { CODES, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { Finding } from '../diagnostics/finding.ts';
import { visible } from '../diagnostics/visible.ts';

/** A finding in a file, with or without a range in it. */
export interface Placed extends Finding {
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** The value of a log file with one run. Paths stay as they are; relative ones are the repository's. */
export function sarif(findings: readonly Placed[], version: string): unknown {
  const codes = [...new Set(findings.map(({ code }) => code))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'macvtap-render', version, rules: codes.map(ruleOf) },
        },
        columnKind: 'unicodeCodePoints',
        results: findings.map((finding) => resultOf(finding, codes)),
      },
    ],
  };
}

const ruleOf = (code: DiagnosticCode): unknown => {
  const { severity, meaning, remedy } = CODES[code];
  return {
    id: code,
    shortDescription: { text: meaning },
    help: { text: remedy },
    defaultConfiguration: { level: severity },
  };
};

function resultOf(finding: Placed, codes: readonly DiagnosticCode[]): unknown {
  const { code, severity, path, line, column, endLine, endColumn, message, hint } = finding;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: visible(`${message} ${hint}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(path) },
          region: {
            startLine: line ?? 1,
            ...(column !== undefined && { startColumn: column }),
            ...(endLine !== undefined && { endLine }),
            ...(endColumn !== undefined && { endColumn }),
          },
        },
      },
    ],
  };
}

/** A relative path as a relative reference, an absolute one as `file:` (RFC 3986); half a pair has no UTF-8. */
function uriOf(path: string): string {
  const escaped = path
    .split('/')
    .map((part) => encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd')))
    .join('/');
  return path.startsWith('/') ? `file://${escaped}` : escaped;
}
