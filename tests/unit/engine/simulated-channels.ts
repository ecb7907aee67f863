// Channels of a ride: in order, each word some time later, unless the line is cut or stalls meanwhile.

import type { ControlChannel, Lane } from '../../../engine/ports.ts';
import type { Weather } from './simulated-time.ts';

/** One end of a channel; what is said arrives in order, some time later, unless the line is cut meanwhile. */
export class End {
  readonly weather: Weather;
  other: End | undefined;
  isOpen = true;
  isCut = false;
  buffered = 0;
  arrives = 0;
  onItem: (item: string | Uint8Array<ArrayBuffer>) => void = () => undefined;
  onClosed: () => void = () => undefined;
  readonly onDrained = new Set<() => void>();

  constructor(weather: Weather) {
    this.weather = weather;
  }

  post(item: string | Uint8Array<ArrayBuffer>): void {
    this.buffered += item.length;
    this.arrives = Math.max(this.arrives, this.weather.now) + this.weather.between(0, 2);
    this.weather.after(this.arrives - this.weather.now, () => {
      this.buffered -= item.length;
      if (this.isCut) return;
      this.other?.onItem(item);
      if (this.buffered === 0) for (const listener of [...this.onDrained]) listener();
    });
  }

  /** Both ends learn of it, each in its own time. */
  close(): void {
    for (const end of [this, this.other!]) {
      if (!end.isOpen) continue;
      end.isOpen = false;
      end.isCut = true;
      this.weather.after(this.weather.between(0, 30), () => end.onClosed());
    }
  }

  stall(ms: number): void {
    this.arrives = Math.max(this.arrives, this.weather.now) + ms;
  }
}

const laneFullBytes = 12_000;

export function laneOver(end: End): Lane {
  return {
    maxMessageBytes: 3_000,
    canSend: () => end.isOpen && end.buffered < laneFullBytes,
    send: (message) => end.post(message.slice()),
    bufferedBytes: () => end.buffered,
    onWritable: (listener) => void end.onDrained.add(listener),
    onMessage: (listener) => {
      end.onItem = listener;
    },
    onClose: (listener) => {
      end.onClosed = listener;
    },
    close: () => end.close(),
  };
}

export function controlOver(end: End): ControlChannel {
  return {
    isOpen: () => end.isOpen,
    send: (text) => end.post(text),
    bufferedBytes: () => end.buffered,
    onWritable: (listener) => {
      end.onDrained.add(listener);
      return () => end.onDrained.delete(listener);
    },
    onOpen: () => undefined,
    onMessage: (listener) => {
      end.onItem = listener;
    },
    onClose: (listener) => {
      end.onClosed = listener;
    },
    close: () => end.close(),
  };
}
