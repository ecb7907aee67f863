// The little of pngjs that tests use; it ships without types.

declare module 'pngjs' {
  type Picture = { width: number; height: number; data: Buffer };
  export const PNG: { readonly sync: { read(bytes: Buffer): Picture; write(picture: Picture): Buffer } };
}
