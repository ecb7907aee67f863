// The one dialog frame. Radix keeps focus and Escape; its own overlay is left out because it writes a <style> element,
// which the page's content policy forbids.

import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { peerNameShownMax, peerOf } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { visibleName } from './visible-name.ts';

export function Panel({
  title,
  children,
  wide = false,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly wide?: boolean;
}) {
  const { t } = useStrings();
  const { openPanel } = useActions();
  const [opener] = useState(() => document.activeElement);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && openPanel('none')}>
      <Dialog.Portal>
        <div className="backdrop" />
        <Dialog.Content
          className={wide ? 'panel panel-wide' : 'panel'}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            giveFocusBack(opener);
          }}
        >
          <header className="card-head">
            <Dialog.Title className="panel-title">{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label={t('common.close')}>
              <X aria-hidden size={20} />
            </Dialog.Close>
          </header>
          <OfferBehind />
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** An offer waits below the panel, where nobody would see it. */
function OfferBehind() {
  const { t } = useStrings();
  const { openPanel } = useActions();
  const title = useApp((state) => state.offers[0]?.plan.title);
  const peerName = useApp((state) => peerOf(state.session)?.name ?? '');
  if (title === undefined) return null;
  const name = visibleName(peerName === '' ? t('linked.unnamed') : peerName, peerNameShownMax);
  return (
    <div className="ask" role="status" data-testid="offer-behind">
      <p className="grow strong">{t('say.offer', { name, title: visibleName(title) })}</p>
      <button type="button" onClick={() => openPanel('none')}>
        {t('offer.show')}
      </button>
    </div>
  );
}

/** A menu item that opened the panel is gone by then; the main part takes its place. */
function giveFocusBack(opener: Element | null): void {
  const target = opener?.isConnected === true ? opener : document.querySelector('main');
  if (target instanceof HTMLElement) target.focus();
}
