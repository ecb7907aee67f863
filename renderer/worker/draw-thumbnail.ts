// A small picture of a picture, drawn anew: nothing of what else is in the file, such as where it was taken, goes with it.

import { headerReadBytes, pictureSize } from '../../shared/model/picture-header.ts';
import { thumbnailMaxBytes, thumbnailPx, thumbnailSourceMaxPixels } from '../../shared/wire/limits.ts';

/** Tried one after the other until it is small enough. */
const qualities = [0.75, 0.45, 0.2] as const;

const kind = 'image/webp';

/** In base64. Nothing where it is no picture that this browser can draw, or none that gets small enough. */
export async function drawThumbnail(picture: Blob): Promise<string | undefined> {
  const size = pictureSize(new Uint8Array(await picture.slice(0, headerReadBytes).arrayBuffer()));
  if (size === undefined || size.width * size.height > thumbnailSourceMaxPixels) return undefined;
  const bitmap = await createImageBitmap(picture, {
    ...(size.width > size.height ? { resizeWidth: Math.min(thumbnailPx, size.width) } : {}),
    ...(size.width > size.height ? {} : { resizeHeight: Math.min(thumbnailPx, size.height) }),
    resizeQuality: 'medium',
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  bitmap.close();
  for (const quality of qualities) {
    const drawn = await canvas.convertToBlob({ type: kind, quality });
    // A browser that cannot write this kind writes another one.
    if (drawn.type !== kind) return undefined;
    if (drawn.size <= thumbnailMaxBytes) return base64Of(new Uint8Array(await drawn.arrayBuffer()));
  }
  return undefined;
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
