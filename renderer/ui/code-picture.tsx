// A code as a picture that can be enlarged, and as text for whoever cannot see it.

import { useLayoutEffect, useRef } from 'react';
import type { MyCode } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';

export function CodePicture({ code }: { readonly code: MyCode }) {
  const { t } = useStrings();
  const { openPanel } = useActions();
  if (code.at !== 'ready') {
    return (
      <div className="qr-frame qr-making" role="status">
        <span>{t('pairing.making')}</span>
      </div>
    );
  }
  return (
    <button
      type="button"
      className="qr-frame"
      aria-label={t('pairing.enlarge')}
      title={t('pairing.enlarge')}
      onClick={() => openPanel('full-code')}
    >
      <CodeCanvas text={code.text} handle="code-qr" />
    </button>
  );
}

/** Not shown, but there: for screen readers and for whoever selects all of it. */
export function HiddenCode({ text, isReply }: { readonly text: string; readonly isReply: boolean }) {
  const { t } = useStrings();
  return (
    <textarea
      className="unseen"
      dir="ltr"
      data-testid="code-text"
      data-reply={isReply}
      aria-label={t('pairing.text')}
      readOnly
      tabIndex={-1}
      spellCheck={false}
      value={text}
    />
  );
}

/** Drawn again whenever its box changes, so that every module lands on whole pixels. */
export function CodeCanvas({ text, handle }: { readonly text: string; readonly handle: string }) {
  const { t } = useStrings();
  const { drawCode } = useActions();
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const target = canvas.current;
    if (target === null || text === '') return undefined;
    // It is told of the present box at once, before anything is painted.
    const watch = new ResizeObserver(() => drawCode(target, text));
    watch.observe(target);
    return () => watch.disconnect();
  }, [text, drawCode]);
  return (
    <canvas
      ref={canvas}
      className="qr"
      data-testid={handle}
      role="img"
      aria-label={t('pairing.qr')}
      width={320}
      height={320}
    />
  );
}
