// Which files are looked into for a small picture of them, by name alone. Whether one really is a picture is found out when it is drawn.

const pictureName = /\.(jpe?g|png|webp|gif|bmp|avif)$/i;

export function mayBePicture(name: string): boolean {
  return pictureName.test(name);
}
