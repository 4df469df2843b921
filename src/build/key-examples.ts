/** `#key-examples` while developing. */
import { allKeyExamples } from './key-texts.ts';

export default allKeyExamples();
