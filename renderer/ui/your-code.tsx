// This side's code: the picture, the text, and what to do with them.

import { Copy, ImageDown, Maximize2, RefreshCw } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type { MyCode } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';

export function YourCode({ code, note }: { readonly code: MyCode; readonly note?: string }) {
  const { t } = useStrings();
  const actions = useActions();
  const isReply = code.at === 'ready' && code.kind === 'reply';
  const text = code.at === 'ready' ? code.text : '';
  const card = useRef<HTMLElement>(null);
  // In a narrow window their code is taken far below, and the reply would appear out of sight.
  useEffect(() => {
    if (isReply && (card.current?.getBoundingClientRect().top ?? 0) < 0) card.current?.scrollIntoView();
  }, [isReply]);
  return (
    <section
      ref={card}
      className="card your-code"
      aria-labelledby="your-code-title"
      data-reply={isReply}
      data-delivered={isReply && code.delivered}
    >
      <header className="card-head">
        <h2 id="your-code-title">{isReply ? t('pairing.replyTag') : t('pairing.yours')}</h2>
        <button type="button" className="small-button quiet" data-testid="new-code" onClick={() => actions.newCode()}>
          <RefreshCw aria-hidden size={16} /> {t('pairing.new')}
        </button>
      </header>
      <p className={isReply ? 'reply-line' : 'muted'} aria-live="polite">
        {isReply ? t(code.delivered ? 'near.delivered' : 'pairing.reply') : (note ?? t('pairing.yoursHelp'))}
      </p>
      {code.at === 'ready' ? (
        <button
          type="button"
          className="qr-frame"
          aria-label={t('pairing.enlarge')}
          onClick={() => actions.openPanel('full-code')}
        >
          <CodePicture text={text} />
          <Maximize2 className="qr-enlarge" aria-hidden size={16} />
        </button>
      ) : (
        <div className="qr-frame qr-making" role="status">
          <span>{t('pairing.making')}</span>
        </div>
      )}
      <textarea
        className="code-text"
        dir="ltr"
        data-testid="code-text"
        data-reply={isReply}
        aria-label={t('pairing.text')}
        readOnly
        rows={4}
        spellCheck={false}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className="row">
        <button
          type="button"
          className="primary"
          data-testid="copy-code"
          disabled={text === ''}
          onClick={() => void actions.copy(text)}
        >
          <Copy aria-hidden size={18} /> {t(isReply ? 'pairing.copyReply' : 'pairing.copy')}
        </button>
        <button
          type="button"
          data-testid="save-code-image"
          disabled={text === ''}
          onClick={() => void actions.saveCodePicture(text)}
        >
          <ImageDown aria-hidden size={18} /> {t('pairing.savePicture')}
        </button>
      </div>
      {code.at === 'ready' && code.local && <p className="muted small">{t('pairing.local')}</p>}
    </section>
  );
}

/** Drawn again whenever its box changes, so that every module lands on whole pixels. */
export function CodePicture({ text, full = false }: { readonly text: string; readonly full?: boolean }) {
  const { t } = useStrings();
  const { drawCode } = useActions();
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const target = canvas.current;
    if (target === null || text === '') return undefined;
    const draw = () => drawCode(target, text);
    draw();
    const watch = new ResizeObserver(draw);
    watch.observe(target);
    return () => watch.disconnect();
  }, [text, drawCode]);
  return (
    <canvas
      ref={canvas}
      className="qr"
      data-testid={full ? 'code-qr-full' : 'code-qr'}
      role="img"
      aria-label={t('pairing.qr')}
      width={320}
      height={320}
    />
  );
}
