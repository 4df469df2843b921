/**
 * An INI parser reads the `KEY="value"` lines of os-release(5). A module of its own: where esbuild
 * splits the program, an `import()` of CommonJS has no names.
 */
export { decode } from 'ini';
