// The place for the other side's code: camera, paste, or a picture. It mirrors the card of our own code: a square to look
// through, a text, two buttons.

import { Camera, ImageUp, Link2, ScanQrCode } from 'lucide-react';
import { type ClipboardEvent, type DragEvent, useRef, useState } from 'react';
import { isReply } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { ScanPanel } from './scan-panel.tsx';

/** Long enough to be a whole code: applied at once when pasted. */
const wholeCode = /tincan:[\s\S]{80,}/i;

export function TheirCode() {
  const { t } = useStrings();
  const actions = useActions();
  const entry = useApp((state) => state.entry);
  const scanning = useApp((state) => state.scanning);
  const picker = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const isTaken = useApp(({ session }) => isReply(session));

  function onPaste(event: ClipboardEvent) {
    const text = event.clipboardData.getData('text/plain');
    if (!wholeCode.test(text)) return;
    event.preventDefault();
    event.stopPropagation();
    void actions.pasteCode(text);
  }

  function onDrop(event: DragEvent) {
    setOver(false);
    const picture = [...event.dataTransfer.files].find((file) => file.type.startsWith('image/'));
    if (picture === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    void actions.takePicture(picture);
  }

  return (
    <section
      className={`card their-code ${isOver ? 'is-over' : ''}`}
      aria-labelledby="their-code-title"
      onDragEnter={() => setOver(true)}
      onDragOver={(event) => event.preventDefault()}
      onDragLeave={(event) => setOver(event.currentTarget.contains(event.relatedTarget as Node | null))}
      onDrop={onDrop}
    >
      <header className="card-head">
        <h2 id="their-code-title">{t('pairing.theirs')}</h2>
      </header>
      <p className="muted">{t(isTaken ? 'pairing.theirsTaken' : 'pairing.theirsHelp')}</p>
      {scanning ? (
        <ScanPanel />
      ) : (
        <div className="viewfinder">
          <ScanQrCode className="viewfinder-sign" aria-hidden size={64} strokeWidth={1.1} />
          <button type="button" data-testid="scan-camera" onClick={() => actions.setScanning(true)}>
            <Camera aria-hidden size={18} /> {t('pairing.scan')}
          </button>
        </div>
      )}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void actions.submitCode();
        }}
      >
        <textarea
          className="code-field"
          dir="ltr"
          data-testid="code-input"
          aria-label={t('pairing.field')}
          aria-invalid={entry.at === 'refused'}
          aria-describedby={entry.at === 'refused' ? 'code-fault' : undefined}
          placeholder="TINCAN:…"
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={entry.text}
          onChange={(event) => actions.typeCode(event.target.value)}
          onPaste={onPaste}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void actions.submitCode();
          }}
        />
        {entry.at === 'refused' && <FaultNote fault={entry.fault} handle="code-fault" id="code-fault" />}
        <div className="row">
          <button
            type="submit"
            className={entry.text.trim() === '' ? '' : 'primary'}
            data-testid="code-submit"
            disabled={entry.at === 'taking'}
          >
            <Link2 aria-hidden size={18} /> {entry.at === 'taking' ? t('pairing.taking') : t('pairing.take')}
          </button>
          <button type="button" onClick={() => picker.current?.click()}>
            <ImageUp aria-hidden size={18} /> {t('pairing.picture')}
          </button>
        </div>
      </form>
      <input
        ref={picker}
        className="unseen"
        data-testid="scan-image-input"
        type="file"
        accept="image/*"
        tabIndex={-1}
        aria-label={t('pairing.picture')}
        onChange={(event) => {
          const picture = event.target.files?.[0];
          if (picture !== undefined) void actions.takePicture(picture);
          event.target.value = '';
        }}
      />
    </section>
  );
}
