// "Save a page for someone without Tincan": with today's invite inside or without, and how to hand it over.

import { FileDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { inviteOf } from '../state/app-state.ts';
import type { GuestPage } from '../state/guest-page-actions.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { Panel } from './panel.tsx';

export function SaveGuestPanel() {
  const { t } = useStrings();
  const { makeGuestPage, saveGuestPage } = useActions();
  const invite = useApp(({ session }) => inviteOf(session));
  const [wantsInvite, setWantsInvite] = useState(true);
  const [page, setPage] = useState<GuestPage>();
  const inside = wantsInvite ? invite : undefined;
  useEffect(() => {
    let isShown = true;
    void makeGuestPage(inside).then((made) => isShown && setPage(made));
    return () => {
      isShown = false;
    };
  }, [inside, makeGuestPage]);
  return (
    <Panel title={t('guest.title')}>
      <p>{t('guest.what')}</p>
      <label className="row">
        <input
          type="checkbox"
          data-testid="guest-invite"
          checked={wantsInvite && invite !== undefined}
          disabled={invite === undefined}
          onChange={({ target }) => setWantsInvite(target.checked)}
        />
        <span className="grow">{t('guest.withInvite')}</span>
      </label>
      <p className="notice">{t('guest.handOver')}</p>
      {page?.at === 'failed' && <FaultNote fault={page.fault} handle="guest-fault" />}
      {page?.at === 'ready' && (
        <p className="muted small">
          {t('guest.checksum')}{' '}
          <code className="checksum" dir="ltr" data-testid="guest-sha256">
            {page.sha256}
          </code>
        </p>
      )}
      <div className="row">
        <button
          type="button"
          className="primary"
          data-testid="guest-save"
          disabled={page?.at !== 'ready'}
          onClick={() => page?.at === 'ready' && saveGuestPage(page)}
        >
          <FileDown aria-hidden size={18} /> {t('guest.savePage')}
        </button>
      </div>
    </Panel>
  );
}
