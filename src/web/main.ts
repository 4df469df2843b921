/** The page's one script: in a worker the compiler, in a document the page. */
import { serve } from './compiler.ts';
import { startPage } from './page.ts';

const source = typeof document === 'undefined' ? undefined : document.currentScript?.textContent;
if (source === undefined) serve(self as unknown as Parameters<typeof serve>[0]);
else startPage(source ?? '');
