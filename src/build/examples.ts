/** `#examples` while developing. */
import { allExamples } from './texts.ts';

export default allExamples();
