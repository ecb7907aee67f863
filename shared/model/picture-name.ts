// Which files are looked into for a small picture of them, by name alone. What one really is is found out when it is drawn.

const pictureName = /\.(jpe?g|png|webp|gif|bmp|avif)$/i;
const videoName = /\.(mp4|m4v|mov|webm|mkv|ogv)$/i;

export function mayBePicture(name: string): boolean {
  return pictureName.test(name);
}

export function mayBeVideo(name: string): boolean {
  return videoName.test(name);
}
