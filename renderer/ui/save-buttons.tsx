// On a guest page: what was received lies in the browser until it is saved.

import { Download, Files, FolderDown } from 'lucide-react';
import type { TransferId } from '../../shared/model/transfer.ts';
import { Act } from './act.tsx';
import { useActions, useApp, useStrings } from './app-context.tsx';

/** Each is a download of its own, and browsers ask about many. */
const saveEachMax = 10;

export function SaveButtons({ id, files }: { readonly id: TransferId; readonly files: number }) {
  const { t } = useStrings();
  const { canSaveToFolder, saveEachReceived, saveReceived, saveReceivedToFolder } = useActions();
  const isOneFile = files === 1;
  const at = useApp(({ saving }) => saving.get(id)) ?? 'unsaved';
  if (at === 'saving') {
    return (
      <span className="muted small" role="status" data-testid="save-state" data-at={at}>
        {t('guest.saving')}
      </span>
    );
  }
  return (
    <>
      <span className={at === 'saved' ? 'muted small' : 'small'} role="status" data-testid="save-state" data-at={at}>
        {t(`guest.${at}`)}
      </span>
      <Act
        handle="save-received"
        icon={<Download aria-hidden size={16} />}
        label={t(isOneFile ? 'guest.save' : 'guest.saveZip')}
        onClick={() => void saveReceived(id)}
      />
      {!isOneFile && files <= saveEachMax && (
        <Act
          handle="save-each"
          icon={<Files aria-hidden size={16} />}
          label={t('guest.saveEach')}
          onClick={() => void saveEachReceived(id)}
        />
      )}
      {canSaveToFolder && (
        <Act
          handle="save-to-folder"
          icon={<FolderDown aria-hidden size={16} />}
          label={t('guest.saveToFolder')}
          onClick={() => void saveReceivedToFolder(id)}
        />
      )}
    </>
  );
}
