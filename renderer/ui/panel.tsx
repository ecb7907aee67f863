// The one dialog frame. Radix keeps focus and Escape; its own overlay is left out because it writes a <style> element,
// which the page's content policy forbids.

import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { peerNameShownMax, peerOf } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { UndoRemoval } from './undo-removal.tsx';
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
  const [opener] = useState(openerOf);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && openPanel('none')}>
      <Dialog.Portal>
        <div className="backdrop" />
        <Dialog.Content
          className={wide ? 'panel panel-wide' : 'panel'}
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            focusPanel(event.currentTarget);
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            giveFocusBack(opener);
          }}
        >
          <header className="card-head panel-head">
            <Dialog.Title className="panel-title">{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label={t('common.close')}>
              <X aria-hidden size={20} />
            </Dialog.Close>
            <UndoRemoval />
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

/** Its own answer where it asks for one; else the panel itself, whose title is read aloud, and Tab goes on from there. */
function focusPanel(panel: EventTarget | null): void {
  if (!(panel instanceof HTMLElement)) return;
  (panel.querySelector<HTMLElement>('.panel-answer') ?? panel).focus({ preventScroll: true });
}

/** The line of a menu is gone when the panel is closed; the button that opens the menu is still there. */
function openerOf(): Element | null {
  const active = document.activeElement;
  const button = active?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  return document.getElementById(button ?? '') ?? active;
}

/** Where the opener is gone, the main part takes its place. */
function giveFocusBack(opener: Element | null): void {
  const target = opener?.isConnected === true ? opener : document.querySelector('main');
  if (target instanceof HTMLElement) target.focus();
}
