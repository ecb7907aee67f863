// Taking and giving codes: typed, pasted, in a picture, or seen by the camera.

import { toFaultView } from '../../shared/model/fault.ts';
import type { CodeVia, PeerView } from '../../shared/model/link-view.ts';
import { peerOf, type StoreAccess } from './app-state.ts';
import type { CameraRun, CameraView, Ports } from './ports.ts';

/** Foreign codes on a wall behind somebody do not pile up. */
const codesSeenMax = 32;

/** What a camera keeps seeing while people hold still is not worth a complaint. */
const quietFromCamera = new Set(['code-own', 'code-used', 'code-not-ours', 'code-is-invite']);

type Needs = Pick<Ports, 'link' | 'host' | 'scan' | 'window'> & {
  readonly pastedFilesFor: (files: readonly File[], whom: PeerView | undefined) => void;
};

export function codeActions({ get, set, toast }: StoreAccess, { link, host, scan, window, pastedFilesFor }: Needs) {
  /** A code that stays in view is told with every frame; it is taken once. */
  const seenByCamera = new Set<string>();
  let camera: CameraRun | undefined;

  async function take(text: string, via: CodeVia): Promise<void> {
    if (text.trim() === '' || get().entry.at === 'taking') return;
    set(() => ({ entry: { at: 'taking', text } }));
    const fault = await link.takeCode(text, via).catch(toFaultView);
    const quiet = fault !== undefined && via === 'camera' && quietFromCamera.has(fault.code);
    set(() => ({
      entry:
        fault === undefined || quiet
          ? { at: 'idle', text: '' }
          : { at: 'refused', text: via === 'camera' ? '' : text, fault },
    }));
  }

  return {
    typeCode: (text: string) => set(() => ({ entry: { at: 'idle', text } })),
    submitCode: () => take(get().entry.text, 'paste'),
    pasteCode: (text: string) => take(text, 'paste'),
    async takePicture(picture: Blob): Promise<void> {
      try {
        await take(await scan.decodePicture(picture), 'picture');
      } catch (error) {
        set(({ entry }) => ({ entry: { at: 'refused', text: entry.text, fault: toFaultView(error) } }));
      }
    },
    /** A picture without a code in it is something to be sent. */
    async takePictureOrStage(files: readonly File[]): Promise<void> {
      const whom = peerOf(get().session);
      const picture = files.find(({ type }) => type.startsWith('image/'));
      const text = picture && (await scan.decodePicture(picture).catch(() => undefined));
      if (text === undefined) pastedFilesFor(files, whom);
      else await take(text, 'picture');
    },
    /** Only on a person's click: the clipboard is never read unasked. */
    async takeFromClipboard(): Promise<void> {
      const text = await window.read().catch(() => host.call('shell.readCode', {}).catch(() => null));
      if (text === null || text.trim() === '') set(() => ({ entry: { at: 'nothing-there', text: '' } }));
      else await take(text, 'paste');
    },
    newCode: () => link.newCode(),
    pairAgain: () => link.pairAgain(),
    /** Says yes to this peer, and with that to what waits for one. */
    settleDigits(choice: 'match' | 'skip'): void {
      const { digitsReadable, facts, settings, staged } = get();
      if (!digitsReadable) return;
      // From now on something may come. The desktop app needs no leave.
      if (facts.shell === 'browser' && settings.notifications) window.askToNotify();
      set(() => ({ confirmed: new Set(staged.map(({ id }) => id)) }));
      link.confirmVerification(choice);
    },
    drawCode: (canvas: HTMLCanvasElement, text: string) => scan.drawCode(canvas, text),
    async saveCodePicture(text: string): Promise<void> {
      try {
        window.save('tincan-code.png', await scan.codePicture(text));
        toast({ is: 'saved' });
      } catch (error) {
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
    setScanning(on: boolean): void {
      seenByCamera.clear();
      set(() => ({ scanning: on }));
    },
    /** The permission is granted only between the two `shell.scanning` calls. */
    startCamera(video: HTMLVideoElement, device: string | undefined, onView: (view: CameraView) => void): () => void {
      // Begun at once, and not when it is allowed: a reply that comes over the network waits for a camera that is about to look.
      camera = scan.startCamera({
        video,
        allowed: host.call('shell.scanning', { on: true }),
        ...(device === undefined ? {} : { device }),
        onView,
        onText: (text) => {
          if (seenByCamera.has(text) || get().entry.at === 'taking') return;
          if (seenByCamera.size >= codesSeenMax) seenByCamera.clear();
          seenByCamera.add(text);
          void take(text, 'camera');
        },
      });
      return () => {
        camera?.close();
        camera = undefined;
        host.call('shell.scanning', { on: false }).catch(() => undefined);
      };
    },
    setTorch: (on: boolean) => camera?.setTorch(on),
  };
}
