// Their invite is taken: one card, with the reply that has to reach them. While connecting it also says how far that is.

import { Copy, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MyCode } from '../../shared/model/link-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { CodePicture, HiddenCode } from './code-picture.tsx';
import { CodeMenu } from './invite-card.tsx';
import { ScanPanel } from './scan-panel.tsx';
import { CodeField } from './their-code.tsx';

type Ready = MyCode & { at: 'ready' };

/** `children`: how far connecting is. */
export function ReplyCard({ code, children }: { readonly code: Ready; readonly children?: ReactNode }) {
  const { t } = useStrings();
  const actions = useActions();
  const isScanning = useApp((state) => state.scanning);
  const hasTheirs = useApp(({ entry }) => entry.text.trim() !== '');
  // Two cameras face to face: theirs may still see the reply, which then needs no digits.
  const isDelivered = code.delivered === true && !isScanning;
  return (
    <section
      className="card reply-card your-code-reply"
      aria-labelledby="reply-title"
      data-reply
      data-new={children === undefined && code.delivered !== true && !isScanning}
    >
      <div className="reply-wait" aria-hidden>
        <Cans shape="pulling" />
        <p className="strong">{t('connecting.title')}</p>
      </div>
      <h1 id="reply-title">{t(isDelivered ? 'lan.delivered' : 'pairing.stepTwo')}</h1>
      <p className="muted" aria-live="polite">
        {t(isDelivered ? 'connecting.reaching' : 'pairing.reply')}
      </p>
      {!isDelivered && (
        <div className="two-views">
          <CodePicture code={code} />
          {isScanning && (
            <div>
              <ScanPanel />
            </div>
          )}
        </div>
      )}
      <HiddenCode text={code.text} isReply />
      <div className="row">
        {!isDelivered && (
          <>
            <button
              type="button"
              className={hasTheirs ? '' : 'primary'}
              data-testid="copy-code"
              onClick={() => void actions.copy(t('pairing.replyText', { code: code.text }))}
            >
              <Copy aria-hidden size={18} /> {t('pairing.copyReply')}
            </button>
            <CodeMenu text={code.text} />
          </>
        )}
        <button
          type="button"
          className="quiet"
          data-testid={children === undefined ? 'new-code' : 'start-over'}
          onClick={() => actions.newCode()}
        >
          <RotateCcw aria-hidden size={18} /> {t('connecting.over')}
        </button>
      </div>
      {children}
      {!isDelivered && <CodeField placeholder={t('pairing.another')} />}
    </section>
  );
}
