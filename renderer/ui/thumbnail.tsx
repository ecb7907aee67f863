// A small picture of a file. A stranger made it: it is decoded by the browser, in this page, and drawn on a canvas of a fixed size.

import { useEffect, useRef } from 'react';
import { useApp } from './app-context.tsx';

/** `sidePx`: of the square that it fills, cut to its middle. */
export function Thumbnail({ picture, sidePx }: { readonly picture: Blob; readonly sidePx: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isGone = false;
    void createImageBitmap(picture).then(
      (bitmap) => {
        if (!isGone && canvas.current !== null) drawSquare(canvas.current, bitmap);
        bitmap.close();
      },
      // What cannot be drawn leaves the square empty.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [picture]);
  const pixels = sidePx * 2;
  return (
    <canvas
      ref={canvas}
      className="thumbnail"
      data-testid="thumbnail"
      aria-hidden
      width={pixels}
      height={pixels}
      style={{ inlineSize: sidePx, blockSize: sidePx }}
    />
  );
}

function drawSquare(canvas: HTMLCanvasElement, bitmap: ImageBitmap): void {
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext('2d')?.drawImage(bitmap, left, top, side, side, 0, 0, canvas.width, canvas.height);
}

const none: ReadonlyMap<number, Blob> = new Map();

export function useThumbnails(transfer: string): ReadonlyMap<number, Blob> {
  return useApp(({ thumbnails }) => thumbnails.get(transfer) ?? none);
}

/** The first few side by side; nothing where there are none. */
export function ThumbnailStrip({
  transfer,
  max,
  sidePx,
}: {
  readonly transfer: string;
  readonly max: number;
  readonly sidePx: number;
}) {
  const pictures = useThumbnails(transfer);
  if (pictures.size === 0) return null;
  const first = [...pictures].sort(([a], [b]) => a - b).slice(0, max);
  return (
    <span className="thumbnail-strip">
      {first.map(([index, picture]) => (
        <Thumbnail key={index} picture={picture} sidePx={sidePx} />
      ))}
    </span>
  );
}
