// The one dialog frame. Radix keeps focus and Escape; its own overlay is left out because it writes a <style> element,
// which the page's content policy forbids.

import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useActions, useStrings } from './app-context.tsx';

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
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A menu item that opened the panel is gone by then; the main part takes its place. */
function giveFocusBack(opener: Element | null): void {
  const target = opener?.isConnected === true ? opener : document.querySelector('main');
  if (target instanceof HTMLElement) target.focus();
}
