// The one call of `qrcode` that is used. Its published types would bring Node's globals into the page.

declare module 'qrcode' {
  export type QrSegment = { readonly data: string; readonly mode: 'alphanumeric' };
  export type QrPicture = {
    readonly version: number;
    readonly modules: { readonly size: number; readonly data: Uint8Array };
  };
  export function create(
    content: readonly QrSegment[] | string,
    options: { readonly errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H'; readonly maskPattern?: number },
  ): QrPicture;
}
