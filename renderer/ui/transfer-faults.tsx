// Files and empty folders of a transfer that did not make it, and entries that were never sent: by name, with the reason.

import { type ReactNode, useState } from 'react';
import type { FileFault, TransferView } from '../../shared/model/transfer.ts';
import { useApp, useStrings } from './app-context.tsx';
import { Name } from './phrase.tsx';
import { areOthersThere, doOthersGoOn } from './transfer-status-text.ts';

const shownAtFirst = 5;

type Line = { readonly path: readonly string[]; readonly why: string };

export function FileFaults({ view }: { readonly view: TransferView }) {
  const { fault, gap, t } = useStrings();
  const { direction, fileFaultCount, folderFaults, skippedCount } = view;
  const skipped = useApp((app) => app.skipped.get(view.id));
  // Of a transfer taken up from an earlier day the names are not known here any more.
  const linesOf = (faults: readonly FileFault[]): Line[] =>
    faults
      .filter(({ path }) => path.length > 0)
      .map(({ code, path }) => ({ path, why: fault(code, direction).happened }));
  const files = linesOf(view.fileFaults);
  const folders = linesOf(folderFaults?.named ?? []);
  const unlisted = fileFaultCount - files.length;
  const count = fileFaultCount;
  return (
    <>
      {count > 0 && view.state === 'done' && (
        <Names title={t('transfer.faults', { count })} lines={files} unlisted={unlisted}>
          {areOthersThere(view) && t('transfer.rest') + gap}
          {t(`transfer.mend.${direction}`, { count })}
        </Names>
      )}
      {/* Of one that is under way nothing has arrived or not yet. */}
      {count > 0 && view.state !== 'done' && (
        <Names title={t('transfer.leftOut', { count })} lines={files} unlisted={unlisted}>
          {doOthersGoOn(view) && t('transfer.othersGoOn')}
        </Names>
      )}
      {folderFaults !== undefined && (
        <Names
          title={t('transfer.folderFaults', { count: folderFaults.count })}
          lines={folders}
          unlisted={folderFaults.count - folders.length}
        />
      )}
      {skipped !== undefined && (
        <Names
          title={t('transfer.skipped', { count: skippedCount })}
          lines={skipped.map(({ path, why }) => ({ path, why: t(`skipped.${why}`) }))}
          unlisted={skippedCount - skipped.length}
        />
      )}
      {direction === 'receive' && skippedCount > 0 && (
        <p className="small muted">{t('transfer.skippedThere', { count: skippedCount })}</p>
      )}
    </>
  );
}

function Names({
  title,
  lines,
  unlisted,
  children,
}: {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly unlisted: number;
  readonly children?: ReactNode;
}) {
  const { t } = useStrings();
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? lines : lines.slice(0, shownAtFirst);
  return (
    <div className="file-faults" data-testid="file-faults">
      <p className="strong">{title}</p>
      <ul className="small">
        {shown.map(({ path, why }) => (
          <li key={path.join('/')} data-testid="file-fault">
            <Name text={path.join(' / ')} className="strong" /> – {why}
          </li>
        ))}
        {unlisted > 0 && shown.length === lines.length && (
          <li className="muted">{t('transfer.unlisted', { count: unlisted })}</li>
        )}
      </ul>
      {lines.length > shownAtFirst && (
        <button type="button" className="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('common.showLess') : t('common.showMore')}
        </button>
      )}
      {children && <p className="small">{children}</p>}
    </div>
  );
}
