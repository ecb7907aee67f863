// Short messages stand in the bar and leave by themselves; faults, what a reload cut and what was left out stand below it until they
// are closed.

import { TriangleAlert, X } from 'lucide-react';
import { useEffect } from 'react';
import type { CutByReload, Toast } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { FaultNote } from './fault-note.tsx';
import { Name } from './phrase.tsx';

const shownMs = 3_500;
/** A whole sentence, and no welcome one. */
const refusalShownMs = 9_000;
const sentences = {
  copied: 'common.copied',
  saved: 'common.saved',
  'nothing-copied': 'texts.nothingCopied',
  'near-delivered': 'lan.delivered',
  'near-arrived': 'lan.arrived',
  'remember-declined': 'remembered.declined',
  'remember-unkept': 'remembered.unkept',
} as const;

/** The newest only: the bar has room for one. */
export function ShortToasts() {
  const toast = useApp((state) => state.toasts.findLast(({ say }) => !isLasting(say)));
  return <div className="toasts-short">{toast !== undefined && <ShortToast key={toast.key} toast={toast} />}</div>;
}

function ShortToast({ toast: { key, say } }: { readonly toast: Toast }) {
  const { t } = useStrings();
  const { dismiss } = useActions();
  const isRefusal = say.is === 'remember-declined' || say.is === 'remember-unkept';
  useEffect(() => {
    const timer = setTimeout(() => dismiss(key), isRefusal ? refusalShownMs : shownMs);
    return () => clearTimeout(timer);
  }, [dismiss, isRefusal, key]);
  if (isLasting(say)) return null;
  return (
    <div className={isRefusal ? 'toast refusal' : 'toast'} data-testid="toast" data-is={say.is}>
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
          isLasting(say) && (
            <div key={key} className="toast" data-testid="toast" data-is={say.is}>
              {say.is === 'fault' ? (
                <FaultNote fault={say.fault} />
              ) : say.is === 'cut' ? (
                <CutNote sending={say.sending} staged={say.staged} />
              ) : (
                <LeftOutNote names={say.names} />
              )}
              <button type="button" className="icon-button" aria-label={t('common.close')} onClick={() => dismiss(key)}>
                <X aria-hidden size={16} />
              </button>
            </div>
          ),
      )}
    </div>
  );
}

type Lasting = Extract<Toast['say'], { is: 'fault' | 'cut' | 'left-out' }>;

function isLasting(say: Toast['say']): say is Lasting {
  return say.is === 'fault' || say.is === 'cut' || say.is === 'left-out';
}

const namedMax = 3;

function CutNote({ sending, staged }: CutByReload) {
  const { gap, t } = useStrings();
  return (
    <p className="fault" role="alert">
      <TriangleAlert aria-hidden size={18} />
      <span>
        {sending.length > 0 && <strong>{t('reloaded.cut') + gap}</strong>}
        {staged.length > 0 && <strong>{t('reloaded.staged', { count: staged.length }) + gap}</strong>}
        {t('reloaded.help') + gap}
        <SomeNames names={[...sending, ...staged]} />
      </span>
    </p>
  );
}

function LeftOutNote({ names }: { readonly names: readonly string[] }) {
  const { gap, t } = useStrings();
  return (
    <p className="fault" role="alert">
      <TriangleAlert aria-hidden size={18} />
      <span>
        <strong>{t('outbox.leftOut', { count: names.length }) + gap}</strong>
        <SomeNames names={names} />
      </span>
    </p>
  );
}

function SomeNames({ names: all }: { readonly names: readonly string[] }) {
  const names = [...new Set(all)];
  const named = names.slice(0, namedMax).map((name) => <Name key={name} text={name} max={40} />);
  return <FactsLine facts={names.length > namedMax ? [...named, '…'] : named} />;
}
