// What the page and its scan Worker say to each other: one picture at a time, one answer each.

export type Pixels = { readonly data: Uint8ClampedArray<ArrayBuffer>; readonly width: number; readonly height: number };

export type ScanRequest = {
  readonly id: number;
  /** Owned by the Worker from here on. */
  readonly picture: ImageBitmap;
  /** `thorough` tries several sizes: a still picture is worth it, a camera brings the next frame anyway. */
  readonly effort: 'quick' | 'thorough';
};

export type ScanAnswer = {
  readonly id: number;
  readonly texts: readonly string[];
  readonly reader: 'zxing' | 'jsqr';
  readonly tookMs: number;
};
