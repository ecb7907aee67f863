// What an ICE user fragment and password may look like. Nothing outside this alphabet ever reaches a description.

export function isUfrag(text: string): boolean {
  return /^[A-Za-z0-9+/]{4,32}$/.test(text);
}

export function isPwd(text: string): boolean {
  return /^[A-Za-z0-9+/]{22,64}$/.test(text);
}
