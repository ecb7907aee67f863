// This side's invite: the picture to scan, and one button that puts a ready message on the clipboard.

import { Copy, Ellipsis, RefreshCw } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { MyCode } from '../../shared/model/link-view.ts';
import { inviteOf } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { CodePicture, HiddenCode } from './code-picture.tsx';
import { IconButton } from './icon-button.tsx';

export function InviteCard({ code }: { readonly code: MyCode }) {
  const { t } = useStrings();
  const actions = useActions();
  const text = code.at === 'ready' ? code.text : '';
  // Their code is there: then Connect is the one thing to do.
  const hasTheirs = useApp(({ entry }) => entry.text.trim() !== '');
  return (
    <section className="card your-code" aria-labelledby="your-code-title">
      <CodePicture code={code} />
      <div className="stack">
        <h2 id="your-code-title">{t('pairing.yours')}</h2>
        <p className="muted">{t('pairing.yoursHelp')}</p>
        <div className="row">
          <button
            type="button"
            className={hasTheirs ? '' : 'primary'}
            data-testid="copy-code"
            disabled={text === ''}
            onClick={() => void actions.copy(t('pairing.inviteText', { code: text }))}
          >
            <Copy aria-hidden size={18} /> {t('pairing.copy')}
          </button>
          <IconButton
            handle="new-code"
            label={t('pairing.new')}
            icon={<RefreshCw aria-hidden size={18} />}
            onClick={() => actions.newCode()}
          />
          <CodeMenu text={text} />
        </div>
        <HiddenCode text={text} isReply={false} />
      </div>
    </section>
  );
}

export function CodeMenu({ text }: { readonly text: string }) {
  const { t } = useStrings();
  const actions = useActions();
  const canInviteGuest = useApp(({ facts, session }) => facts.shell !== 'guest' && session.at === 'pairing');
  const isInvite = useApp(({ session }) => inviteOf(session) !== undefined);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="icon-button"
        data-testid="code-more"
        disabled={text === ''}
        aria-label={t('pairing.more')}
        title={t('pairing.more')}
      >
        <Ellipsis aria-hidden size={20} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4}>
          <DropdownMenu.Item
            className="menu-item"
            data-testid="show-code"
            onSelect={() => actions.openPanel('full-code')}
          >
            {t('pairing.show')}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            data-testid="copy-code-only"
            onSelect={() => void actions.copy(text)}
          >
            {t('pairing.copyOnly')}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            data-testid="save-code-image"
            onSelect={() => void actions.saveCodePicture(text)}
          >
            {t('pairing.savePicture')}
          </DropdownMenu.Item>
          {canInviteGuest && isInvite && (
            <DropdownMenu.Item className="menu-item" data-testid="let-phone-in" onSelect={() => actions.letPhoneIn()}>
              {t('phone.menu')}
            </DropdownMenu.Item>
          )}
          {canInviteGuest && (
            <DropdownMenu.Item
              className="menu-item"
              data-testid="save-guest"
              onSelect={() => actions.openPanel('save-guest')}
            >
              {t('guest.menu')}
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
