// Short messages that leave by themselves; faults stay until they are closed.

import { X } from 'lucide-react';
import { useEffect } from 'react';
import type { Toast } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';

const shownMs = 3_500;
const sentences = {
  copied: 'common.copied',
  saved: 'common.saved',
  'near-delivered': 'near.delivered',
  'near-arrived': 'near.arrived',
} as const;

export function Toasts() {
  const toasts = useApp((state) => state.toasts);
  return (
    <div className="toasts">
      {toasts.map((toast) => (
        <ToastLine key={toast.key} toast={toast} />
      ))}
    </div>
  );
}

function ToastLine({ toast: { key, say } }: { readonly toast: Toast }) {
  const { t } = useStrings();
  const { dismiss } = useActions();
  const isFault = say.is === 'fault';
  useEffect(() => {
    if (isFault) return undefined;
    const timer = setTimeout(() => dismiss(key), shownMs);
    return () => clearTimeout(timer);
  }, [dismiss, isFault, key]);
  return (
    <div className="toast" data-testid="toast" data-is={say.is}>
      {isFault ? <FaultNote fault={say.fault} /> : <p role="status">{t(sentences[say.is])}</p>}
      <button type="button" className="icon-button" aria-label={t('common.close')} onClick={() => dismiss(key)}>
        <X aria-hidden size={16} />
      </button>
    </div>
  );
}
