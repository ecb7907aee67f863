// The camera while it looks for a code. Mirrored, because people move towards what they see.

import { CameraOff, Flashlight, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { CameraView } from '../state/ports.ts';
import { useActions, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { useFocusIfLost } from './use-focus.ts';

export function ScanPanel() {
  const { t } = useStrings();
  const { setScanning, setTorch, startCamera } = useActions();
  const panel = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  // It stands in the place of the button that was pressed.
  const stop = useFocusIfLost<HTMLButtonElement>(undefined);
  const [view, setView] = useState<CameraView>({ at: 'asking' });
  const [device, setDevice] = useState<string>();

  useEffect(() => {
    if (video.current === null) return undefined;
    return startCamera(video.current, device, setView);
  }, [device, startCamera]);

  // In a narrow window it stands below what is in view, and grows with what the camera says. Without a picture the place to paste in
  // is in view, too.
  useEffect(() => {
    if (view.at === 'asking') return;
    if (view.at === 'failed')
      panel.current?.closest('.card')?.querySelector('form')?.scrollIntoView({ block: 'nearest' });
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, [view.at]);

  return (
    <div
      ref={panel}
      className="scan"
      data-testid="scan"
      data-state={view.at}
      data-found={view.at === 'looking' && view.found}
    >
      <div className="viewfinder">
        <video
          ref={video}
          className="scan-video"
          data-mirrored={view.at === 'looking' && view.mirrored}
          muted
          playsInline
          aria-label={t('scan.preview')}
          hidden={view.at !== 'looking'}
        />
        {view.at === 'failed' && <FaultNote fault={view.fault} handle="scan-fault" />}
        <button
          ref={stop}
          type="button"
          className="viewfinder-stop"
          data-testid="scan-camera"
          aria-pressed
          onClick={() => setScanning(false)}
        >
          {view.at === 'failed' ? <X aria-hidden size={18} /> : <CameraOff aria-hidden size={18} />}{' '}
          {view.at === 'failed' ? t('common.close') : t('pairing.endScan')}
        </button>
      </div>
      <div className="scan-words">
        <p className="muted small" role="status">
          {view.at === 'looking' && t('scan.looking')}
          {view.at === 'asking' && t('scan.asking')}
        </p>
        {view.at === 'looking' && (view.devices.length > 1 || view.torch !== undefined) && (
          <div className="row">
            {view.devices.length > 1 && (
              <select
                aria-label={t('scan.device')}
                value={view.device ?? ''}
                onChange={(event) => setDevice(event.target.value)}
              >
                {view.devices.map(({ id, label }) => (
                  // By the letters of its name, so that what is cut off is the end of it.
                  <option key={id} value={id} dir="auto">
                    {label}
                  </option>
                ))}
              </select>
            )}
            {view.torch !== undefined && (
              <button type="button" aria-pressed={view.torch} onClick={() => setTorch(!view.torch)}>
                <Flashlight aria-hidden size={18} /> {t('scan.torch')}
              </button>
            )}
          </div>
        )}
      </div>
    </div>
  );
}
