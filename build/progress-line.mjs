// Shows how far a download is: bytes, percent, speed. One line that is written over on a terminal, a line every few
// seconds where the output goes to a file.

const terminalEveryMs = 200;
const fileEveryMs = 5_000;
const bytesPerMb = 1_000_000;

export function progressLine(stream, now = Date.now) {
  const everyMs = stream.isTTY ? terminalEveryMs : fileEveryMs;
  const from = { at: now(), received: undefined };
  let shownAt = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  return {
    show({ received, total }) {
      from.received ??= received;
      const isLast = received === total;
      if (now() - shownAt < everyMs && !isLast) return;
      shownAt = now();
      const seconds = (now() - from.at) / 1000;
      const line = sentence({ received, total, perSecond: seconds > 0 ? (received - from.received) / seconds : 0 });
      stream.write(stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
      isOpen = stream.isTTY === true;
    },
    end() {
      if (isOpen) stream.write('\n');
      isOpen = false;
    },
  };
}

function sentence({ received, total, perSecond }) {
  const speed = `${mb(perSecond)} MB/s`;
  if (total === undefined) return `Downloading Electron: ${mb(received)} MB, ${speed}`;
  return `Downloading Electron: ${mb(received)} of ${mb(total)} MB (${Math.floor((received / total) * 100)} %), ${speed}`;
}

function mb(bytes) {
  return (bytes / bytesPerMb).toFixed(1);
}
