// Draws a code, always dark on light: many readers see nothing in a light code on dark. Every module is a whole number
// of device pixels, so that no edge is grey at any size.

import { Fault } from '../../shared/model/fault.ts';
import { codeMatrix } from './code-matrix.ts';

/** A picture that is printed or sent on: large enough to survive a chat's shrinking. */
const picturePx = 1024;

/** `sizePx` is in CSS pixels; without it the canvas's present box decides. */
export function drawCode(canvas: HTMLCanvasElement, text: string, sizePx?: number): void {
  const cssPx = sizePx ?? Math.min(canvas.clientWidth, canvas.clientHeight || canvas.clientWidth);
  if (cssPx <= 0) return;
  const sidePx = Math.round(cssPx * (canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1));
  if (canvas.width !== sidePx) canvas.width = sidePx;
  if (canvas.height !== sidePx) canvas.height = sidePx;
  if (sizePx !== undefined) {
    canvas.style.width = `${sizePx}px`;
    canvas.style.height = `${sizePx}px`;
  }
  paint(canvas.getContext('2d'), text, sidePx);
}

export async function codePicture(text: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(picturePx, picturePx);
  paint(canvas.getContext('2d'), text, picturePx);
  return canvas.convertToBlob({ type: 'image/png' });
}

type Brush = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

function paint(brush: Brush | null, text: string, sidePx: number): void {
  if (brush === null) throw new Fault('internal', 'this page cannot draw');
  const matrix = codeMatrix(text);
  const modulePx = Math.max(1, Math.floor(sidePx / matrix.size));
  const startPx = Math.floor((sidePx - modulePx * matrix.size) / 2);
  brush.fillStyle = '#ffffff';
  brush.fillRect(0, 0, sidePx, sidePx);
  brush.fillStyle = '#000000';
  for (let y = 0; y < matrix.size; y += 1) {
    for (let x = 0; x < matrix.size; x += 1) {
      if (matrix.isDark(x, y)) brush.fillRect(startPx + x * modulePx, startPx + y * modulePx, modulePx, modulePx);
    }
  }
}
