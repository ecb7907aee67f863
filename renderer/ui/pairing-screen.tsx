// The first screen: what to send, the computers that are remembered, an invite to give and a place for theirs. Once their
// invite is taken, one card: send the reply back.

import type { LinkView } from '../../shared/model/link-view.ts';
import { isReply } from '../state/app-state.ts';
import { useApp, useStrings } from './app-context.tsx';
import { DropZone } from './drop-zone.tsx';
import { FaultNote } from './fault-note.tsx';
import { InviteCard } from './invite-card.tsx';
import { PastList } from './past-list.tsx';
import { ReachChoice } from './reach-choice.tsx';
import { RememberedList } from './remembered-list.tsx';
import { ReplyCard } from './reply-card.tsx';
import { TheirCode } from './their-code.tsx';

export function PairingScreen({ session }: { readonly session: LinkView & { at: 'pairing' } }) {
  if (isReply(session) && session.code.at === 'ready') {
    return (
      <div className="screen centred">
        <ReplyCard code={session.code} />
        <OutboxLine />
      </div>
    );
  }
  return (
    <div className="screen pairing">
      <Ended ended={session.ended} />
      <DropZone />
      <RememberedList ready={session.code.at === 'ready'} />
      <div className="two">
        <InviteCard code={session.code} />
        <TheirCode />
      </div>
      <ReachChoice code={session.code} />
      <PastList />
    </div>
  );
}

/** What waits is still there. */
export function OutboxLine() {
  const { t } = useStrings();
  const count = useApp((state) => state.staged.length);
  return count === 0 ? null : <p className="muted small">{t('outbox.waits', { count })}</p>;
}

function Ended({ ended }: { readonly ended: (LinkView & { at: 'pairing' })['ended'] | undefined }) {
  const { t } = useStrings();
  const isSomethingKept = useApp((state) => state.unfinished.length > 0);
  if (ended === undefined) return null;
  if (typeof ended === 'object') return <FaultNote fault={ended} handle="link-fault" />;
  return (
    <p className="notice" role="status">
      {isSomethingKept
        ? t(ended === 'by-peer' ? 'pairing.endedByPeer' : 'pairing.endedByUs')
        : t(`fault.ended.${ended}`)}
    </p>
  );
}
