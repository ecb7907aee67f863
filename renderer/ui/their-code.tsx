// The place for the other side's code: paste or camera. A picture of it may be dropped or pasted anywhere.

import { Camera, ClipboardPaste, Link2 } from 'lucide-react';
import { type ClipboardEvent, useEffect, useRef } from 'react';
import type { FaultView } from '../../shared/model/fault.ts';
import type { LinkView } from '../../shared/model/link-view.ts';
import { isReply } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { ScanPanel } from './scan-panel.tsx';
import { useFocusIfLost } from './use-focus.ts';

/** Long enough to be a whole code: applied at once when pasted. */
const wholeCode = /tincan:[\s\S]{80,}/i;

/** A page over plain HTTP is not let near a camera. */
const hasCameras = 'mediaDevices' in navigator;

export function TheirCode() {
  const { t } = useStrings();
  const actions = useActions();
  const scanning = useApp((state) => state.scanning);
  const wasScanning = useRef(false);
  const start = useFocusIfLost<HTMLButtonElement>(scanning, wasScanning.current);
  useEffect(() => {
    wasScanning.current = scanning;
  }, [scanning]);

  return (
    <section className="card their-code" aria-labelledby="their-code-title">
      <h2 id="their-code-title">{t('pairing.theirs')}</h2>
      {scanning && <ScanPanel />}
      <CodeField placeholder={t('pairing.field')}>
        {!scanning && hasCameras && (
          <button ref={start} type="button" data-testid="scan-camera" onClick={() => actions.setScanning(true)}>
            <Camera aria-hidden size={18} /> {t('pairing.scan')}
          </button>
        )}
      </CodeField>
    </section>
  );
}

export function CodeField({
  placeholder,
  children,
}: {
  readonly placeholder: string;
  readonly children?: React.ReactNode;
}) {
  const { t } = useStrings();
  const actions = useActions();
  const entry = useApp((state) => state.entry);
  const isEmpty = entry.text.trim() === '';
  const isRefused = entry.at === 'refused' || entry.at === 'nothing-there';
  const form = useRef<HTMLFormElement>(null);

  // In a narrow window the button that was pressed is the last thing in view: what is said about it, and itself, stay there.
  useEffect(() => {
    if (isRefused) form.current?.scrollIntoView({ block: 'nearest' });
  }, [isRefused]);

  function onPaste(event: ClipboardEvent) {
    const text = event.clipboardData.getData('text/plain');
    if (!wholeCode.test(text)) return;
    event.preventDefault();
    event.stopPropagation();
    void actions.pasteCode(text);
  }

  return (
    <form
      ref={form}
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void (isEmpty ? actions.takeFromClipboard() : actions.submitCode());
      }}
    >
      <textarea
        className="code-field"
        dir={isEmpty ? undefined : 'ltr'}
        data-testid="code-input"
        aria-label={t('pairing.field')}
        aria-invalid={isRefused}
        aria-describedby={isRefused ? 'code-fault' : undefined}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        value={entry.text}
        onChange={(event) => actions.typeCode(event.target.value)}
        onPaste={onPaste}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          event.currentTarget.form?.requestSubmit();
        }}
      />
      {entry.at === 'refused' && <Refused fault={entry.fault} text={entry.text} />}
      {entry.at === 'nothing-there' && (
        <p className="warning small" role="alert" id="code-fault" data-testid="code-hint">
          {t('pairing.nothingThere')}
        </p>
      )}
      <div className="row">
        <button
          type="submit"
          className={isEmpty ? '' : 'primary'}
          data-testid="code-submit"
          disabled={entry.at === 'taking'}
        >
          {isEmpty ? <ClipboardPaste aria-hidden size={18} /> : <Link2 aria-hidden size={18} />}{' '}
          {t(entry.at === 'taking' ? 'pairing.taking' : isEmpty ? 'pairing.fromClipboard' : 'pairing.take')}
        </button>
        {children}
      </div>
      <input
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
    </form>
  );
}

/** Whoever pastes the reply that is to be sent back is told where it belongs. */
function Refused({ fault, text }: { readonly fault: FaultView; readonly text: string }) {
  const { t } = useStrings();
  const reply = useApp(({ session }) => (isReply(session) ? codeOf(session) : undefined));
  const isOwnReply = fault.code === 'code-own' && reply !== undefined && text.replace(/\s/g, '').includes(reply);
  return (
    <FaultNote
      fault={fault}
      handle="code-fault"
      id="code-fault"
      happened={isOwnReply ? t('pairing.ownReply') : undefined}
      instead={isOwnReply ? t('pairing.ownReplyHelp') : undefined}
    />
  );
}

function codeOf(session: LinkView): string | undefined {
  return 'code' in session && session.code?.at === 'ready' ? session.code.text : undefined;
}
