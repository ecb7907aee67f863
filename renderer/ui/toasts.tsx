// Short messages stand in the bar and leave by themselves; faults stand below it until they are closed.

import { X } from 'lucide-react';
import { useEffect } from 'react';
import type { Toast } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';

const shownMs = 3_500;
const sentences = {
  copied: 'common.copied',
  saved: 'common.saved',
  'nothing-copied': 'texts.nothingCopied',
  'near-delivered': 'lan.delivered',
  'near-arrived': 'lan.arrived',
} as const;

/** The newest only: the bar has room for one. */
export function ShortToasts() {
  const toast = useApp((state) => state.toasts.findLast(({ say }) => say.is !== 'fault'));
  return <div className="toasts-short">{toast !== undefined && <ShortToast key={toast.key} toast={toast} />}</div>;
}

function ShortToast({ toast: { key, say } }: { readonly toast: Toast }) {
  const { t } = useStrings();
  const { dismiss } = useActions();
  useEffect(() => {
    const timer = setTimeout(() => dismiss(key), shownMs);
    return () => clearTimeout(timer);
  }, [dismiss, key]);
  if (say.is === 'fault') return null;
  return (
    <div className="toast" data-testid="toast" data-is={say.is}>
      <p role="status">{t(sentences[say.is])}</p>
    </div>
  );
}

export function FaultToasts() {
  const { t } = useStrings();
  const { dismiss } = useActions();
  const toasts = useApp((state) => state.toasts);
  return (
    <div className="toasts-faults">
      {toasts.map(
        ({ key, say }) =>
          say.is === 'fault' && (
            <div key={key} className="toast" data-testid="toast" data-is={say.is}>
              <FaultNote fault={say.fault} />
              <button type="button" className="icon-button" aria-label={t('common.close')} onClick={() => dismiss(key)}>
                <X aria-hidden size={16} />
              </button>
            </div>
          ),
      )}
    </div>
  );
}
