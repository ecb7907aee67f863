// An offer of photos with small pictures of them, drawn here: skies of different days.

import type { EngineEvent } from '../../engine/commands.ts';
import type { OfferPlan, OfferRow } from '../../shared/ipc/views.ts';
import { drawThumbnail } from '../worker/draw-thumbnail.ts';

const count = 12;
const photoBytes = 4_000_000;

export const photoRows: readonly OfferRow[] = Array.from({ length: count }, (_, index) => ({
  index,
  kind: 'file',
  path: [`IMG_${2041 + index}.jpg`],
  size: photoBytes + index * 111_111,
  flags: [],
}));

export const photoPlan = (plan: OfferPlan): OfferPlan => ({
  ...plan,
  totals: { files: count, folders: 0, bytes: photoRows.reduce((sum, { size }) => sum + size, 0) },
  title: 'IMG_2041.jpg + 11',
  renamed: 0,
  existing: 0,
  flagged: 0,
});

export async function emitPhotos(transfer: string, emit: (event: EngineEvent) => void): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const image = await drawThumbnail(await drawSky(index));
    if (image !== undefined) emit({ is: 'thumbnail', transfer, index, image });
  }
}

function drawSky(index: number): Promise<Blob> {
  const [width, height] = [400, 300];
  const canvas = new OffscreenCanvas(width, height);
  const brush = canvas.getContext('2d')!;
  const sky = brush.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${200 + index * 12} 60% ${35 + (index % 4) * 10}%)`);
  sky.addColorStop(1, `hsl(${20 + index * 9} 80% 75%)`);
  brush.fillStyle = sky;
  brush.fillRect(0, 0, width, height);
  brush.fillStyle = `hsl(${45 - index} 95% 80%)`;
  brush.beginPath();
  brush.arc(80 + index * 20, 90 + (index % 5) * 20, 30, 0, 2 * Math.PI);
  brush.fill();
  brush.fillStyle = `hsl(${210 + index * 5} 35% ${18 + (index % 3) * 6}%)`;
  brush.beginPath();
  brush.moveTo(0, height);
  for (let at = 0; at <= 8; at += 1) brush.lineTo((at * width) / 8, 200 + 45 * Math.sin(at * 1.7 + index));
  brush.lineTo(width, height);
  brush.fill();
  return canvas.convertToBlob({ type: 'image/png' });
}
