declare module 'handlebars/runtime.js' {
  /** The runtime alone, which prints precompiled templates. */
  const runtime: {
    template(specification: unknown): (context: unknown) => string;
  };
  export default runtime;
}
