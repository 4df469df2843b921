/** `#guides` while developing. */
import { allGuides } from './texts.ts';

export default allGuides();
