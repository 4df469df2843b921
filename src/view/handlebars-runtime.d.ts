declare module 'handlebars/runtime.js' {
  /** The runtime alone, which prints precompiled templates. */
  const runtime: {
    template(
      specification: unknown,
    ): (
      context: unknown,
      options: { readonly helpers: Readonly<Record<string, (...words: never[]) => string>> },
    ) => string;
  };
  export default runtime;
}
