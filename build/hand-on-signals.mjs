// Signals that reach `npm start`, handed on to the program that it started. Ctrl-C reaches every process of the
// terminal's group, so the program has it already, and npm sends it to us a second time. Electron handles each kind of
// signal gracefully once; the second of the same kind kills it (electron_browser_main_parts_posix.cc,
// GracefulShutdownHandler). So the program is handed one signal at most, and of another kind than the one that came:
// Electron acts on the first that it reads and ignores the other.

const handedOnAs = { SIGINT: 'SIGTERM', SIGTERM: 'SIGINT', SIGHUP: 'SIGTERM' };

/** `stop` restores what a signal does to this process; `asked` tells whether one came. */
export function handOnSignals(child, platform = process.platform) {
  let asked = false;
  const handlers = Object.entries(handedOnAs).map(([signal, other]) => {
    const handler = () => {
      if (asked) return;
      asked = true;
      // On Windows kill() ends a program at once, and the console has told it already.
      if (platform !== 'win32') child.kill(other);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return {
    asked: () => asked,
    stop() {
      for (const stop of handlers) stop();
    },
  };
}
