// "Connect a phone": the address of the guest page on this network, for a phone's camera, and what that is worth.

import { Copy, RotateCcw, Smartphone } from 'lucide-react';
import type { PhoneView } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { CodeCanvas } from './code-picture.tsx';
import { FaultNote } from './fault-note.tsx';
import { Panel } from './panel.tsx';

export function PhonePanel() {
  const { t } = useStrings();
  const phone = useApp((state) => state.phone);
  return (
    <Panel title={t('phone.title')} wide>
      <div className="phone" data-testid="phone-panel" data-at={phone.at}>
        <Picture phone={phone} />
        <div className="stack">
          {(phone.at === 'opening' || phone.at === 'open') && <p>{t('phone.scan')}</p>}
          <p className="notice">{t('phone.warning')}</p>
          <State phone={phone} />
        </div>
      </div>
    </Panel>
  );
}

function Picture({ phone }: { readonly phone: PhoneView }) {
  const { t } = useStrings();
  if (phone.at === 'open') {
    return (
      <div className="qr-frame">
        <CodeCanvas text={phone.address} handle="phone-qr" />
      </div>
    );
  }
  return (
    <div className="qr-frame qr-making">
      {phone.at === 'opening' ? (
        <span>{t('phone.opening')}</span>
      ) : (
        <Smartphone aria-hidden size={64} strokeWidth={1.5} />
      )}
    </div>
  );
}

function State({ phone }: { readonly phone: PhoneView }) {
  const { gap, t, time } = useStrings();
  const { copy, letPhoneIn } = useActions();
  switch (phone.at) {
    case 'opening':
      return null;
    case 'open':
      return (
        <>
          <p className="muted small">{t('phone.until', { time: time(phone.closesAtMs) }) + gap + t('phone.nothing')}</p>
          <div className="row">
            <button type="button" data-testid="phone-copy" onClick={() => void copy(phone.address)}>
              <Copy aria-hidden size={18} /> {t('phone.copy')}
            </button>
          </div>
        </>
      );
    case 'failed':
      return (
        <>
          <FaultNote fault={phone.fault} handle="phone-fault" />
          <Again onClick={letPhoneIn} />
        </>
      );
    case 'closed':
      return (
        <>
          <p role="status">{phone.why === undefined ? '' : t(`phone.closed.${phone.why}`)}</p>
          {phone.why !== 'answered' && <Again onClick={letPhoneIn} />}
        </>
      );
  }
}

function Again({ onClick }: { readonly onClick: () => void }) {
  const { t } = useStrings();
  return (
    <div className="row">
      <button type="button" className="primary" data-testid="phone-again" onClick={onClick}>
        <RotateCcw aria-hidden size={18} /> {t('phone.again')}
      </button>
    </div>
  );
}
