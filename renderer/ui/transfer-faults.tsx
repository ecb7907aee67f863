// Files of a transfer that did not make it, and entries that were never sent: by name, with the reason.

import { useState } from 'react';
import type { TransferView } from '../../shared/model/transfer.ts';
import { useApp, useStrings } from './app-context.tsx';
import { Name } from './phrase.tsx';

const shownAtFirst = 5;

export function FileFaults({ view }: { readonly view: TransferView }) {
  const { fault, t } = useStrings();
  const skipped = useApp((state) => state.skipped.get(view.id));
  const [isOpen, setOpen] = useState(false);
  const lines = [
    ...view.fileFaults.map(({ code, path }) => ({ path, why: `${fault(code).happened} ${fault(code).todo}` })),
    ...(skipped ?? []).map(({ path, why }) => ({ path, why: t(`skipped.${why}`) })),
  ];
  if (lines.length === 0) return null;
  const shown = isOpen ? lines : lines.slice(0, shownAtFirst);
  return (
    <div className="file-faults" data-testid="file-faults">
      {view.fileFaultCount > 0 && <p className="strong">{t('transfer.faults', { count: view.fileFaultCount })}</p>}
      {view.fileFaultCount === 0 && <p className="strong">{t('transfer.skipped', { count: view.skippedCount })}</p>}
      <ul className="small">
        {shown.map(({ path, why }) => (
          <li key={path.join('/')} data-testid="file-fault">
            <Name text={path.join(' / ')} className="strong" /> – {why}
          </li>
        ))}
      </ul>
      {lines.length > shownAtFirst && (
        <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('common.showLess') : t('common.showMore')}
        </button>
      )}
    </div>
  );
}
