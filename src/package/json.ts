/** Files → JSON, for programs: an array, in the order in which the files take effect. */
import * as v from 'valibot';
import { octal } from '../view/octal.ts';
import { OWNER, type Package, type Packaging } from './package.ts';

const about = v.description;

/** What it is: the one source of the type, and of the JSON Schema in `files.schema.json`. */
export const filesSchema = v.pipe(
  v.array(
    v.object({
      host: v.pipe(v.string(), about('Whose it is; empty where the intent names no host.')),
      backend: v.pipe(v.string(), about('The back end that the file is for.')),
      path: v.pipe(v.string(), v.regex(/^\//), about('Where it goes on the host; absolute.')),
      mode: v.pipe(v.string(), v.regex(/^0[0-7]{3}$/), about('Permission bits, octal.')),
      owner: v.pipe(v.string(), about('Whose the file is on the host.')),
      group: v.pipe(v.string(), about('The group of the file on the host.')),
      role: v.pipe(
        v.picklist(['required', 'optional']),
        about('required: the arrangement fails without it; optional: advisable.'),
      ),
      text: v.pipe(v.string(), about('All that is in it.')),
      origins: v.pipe(
        v.array(
          v.object({
            path: v.pipe(
              v.array(v.union([v.string(), v.number()])),
              about('Keys from the top of the intent; empty: the intent as a whole.'),
            ),
            line: v.pipe(
              v.number(),
              v.integer(),
              v.minValue(1),
              about('The line of the intent, counted from 1.'),
            ),
          }),
        ),
        about('Where in the intent the file comes from.'),
      ),
    }),
  ),
  about('Files as macvtap-render writes them, in the order in which they are put in place.'),
);

type Files = v.InferOutput<typeof filesSchema>;

export function json(packages: readonly Package[]): string {
  const files: Files = packages.flatMap(({ host, backend, files: set }) =>
    set.map(({ path, mode, role, text, origins }) => ({
      host,
      backend,
      path,
      mode: octal(mode),
      owner: OWNER,
      group: OWNER,
      role,
      text,
      origins: origins.map((origin) => ({ path: [...origin.path], line: origin.line })),
    })),
  );
  return `${JSON.stringify(files, null, 2)}\n`;
}

export const jsonPackaging = {
  id: 'json',
  summary: 'paths, modes, contents and origins, for programs',
  takesSeveral: true,
  takesHosts: true,
  activates: false,
  text: json,
} as const satisfies Packaging;
