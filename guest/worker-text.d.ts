// build/guest-page.ts bundles what is imported so into one text.
declare module '*?worker-text' {
  const text: string;
  export default text;
}

/** Of package.json; build/guest-page.ts puts it in. */
declare const TINCAN_VERSION: string;
