// A small picture of a picture or a video, drawn anew: nothing of what else is in the file, such as where it was taken, goes with it.

import { headerReadBytes, type PictureSize, pictureSize } from '../../shared/model/picture-header.ts';
import { isVideo } from '../../shared/model/video-header.ts';
import { thumbnailMaxBytes, thumbnailPx, thumbnailSourceMaxPixels } from '../../shared/wire/limits.ts';

/** Tried one after the other until it is small enough. */
const qualities = [0.75, 0.45, 0.2] as const;

const kind = 'image/webp';

/** One picture of a video, at the size of a thumbnail. Workers have no videos: the page decodes them. */
export type ReadFrame = (video: Blob) => Promise<ImageBitmap | undefined>;

/** In base64. Nothing where it is nothing that this browser can draw, or nothing that gets small enough. */
export async function drawThumbnail(file: Blob, readFrame?: ReadFrame): Promise<string | undefined> {
  const head = new Uint8Array(await file.slice(0, headerReadBytes).arrayBuffer());
  const bitmap = isVideo(head) ? await readFrame?.(file) : await readPicture(file, pictureSize(head));
  return bitmap === undefined ? undefined : encode(bitmap);
}

/** As large as a thumbnail is on its longer side, and never larger than it was. */
export function thumbnailSize({ width, height }: PictureSize): ImageBitmapOptions {
  const size =
    width > height ? { resizeWidth: Math.min(thumbnailPx, width) } : { resizeHeight: Math.min(thumbnailPx, height) };
  return { ...size, resizeQuality: 'medium' };
}

/** Decoding costs memory by width and height, whatever the size in bytes. */
export function isBearable({ width, height }: PictureSize): boolean {
  return width * height <= thumbnailSourceMaxPixels;
}

async function readPicture(picture: Blob, size: PictureSize | undefined): Promise<ImageBitmap | undefined> {
  return size !== undefined && isBearable(size) ? createImageBitmap(picture, thumbnailSize(size)) : undefined;
}

async function encode(bitmap: ImageBitmap): Promise<string | undefined> {
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
