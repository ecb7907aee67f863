// Two soft tones, made here: no file is loaded and nothing is played before the person has touched the page.

/** A sound that was asked for while the page may not play yet says nothing any more later on. */
const lateMs = 1_000;
const tones = [
  { hertz: 660, atS: 0 },
  { hertz: 880, atS: 0.12 },
] as const;
const toneS = 0.35;
const loudness = 0.06;

export async function playSoftSound(): Promise<void> {
  const askedAtMs = performance.now();
  const audio = new AudioContext();
  await audio.resume();
  if (performance.now() - askedAtMs > lateMs) return audio.close();
  for (const { hertz, atS } of tones) {
    const from = audio.currentTime + atS;
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(loudness, from + 0.01);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + toneS);
    const tone = new OscillatorNode(audio, { frequency: hertz });
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + toneS);
  }
  await new Promise((resolve) => setTimeout(resolve, (tones[1].atS + toneS) * 1_000 + 100));
  return audio.close();
}
