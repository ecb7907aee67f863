// The first screen, and the one after a link: my code, their code, and what is waiting to be sent.

import type { LinkView } from '../../shared/model/link-view.ts';
import { useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { DropZone } from './drop-zone.tsx';
import { FaultNote } from './fault-note.tsx';
import { RememberedList } from './remembered-list.tsx';
import { TextsPanel } from './texts-panel.tsx';
import { TheirCode } from './their-code.tsx';
import { TransferList } from './transfer-list.tsx';
import { UnfinishedList } from './unfinished-list.tsx';
import { YourCode } from './your-code.tsx';

export function PairingScreen({ session }: { readonly session: LinkView & { at: 'pairing' } }) {
  const { t } = useStrings();
  return (
    <div className="screen">
      <div className="hero">
        <Cans shape="slack" />
        <div>
          <h1>{t('pairing.title')}</h1>
          <p className="muted">{t('pairing.lead')}</p>
        </div>
      </div>
      <Ended ended={session.ended} />
      <div className="two">
        <YourCode code={session.code} />
        <TheirCode />
      </div>
      <RememberedList ready={session.code.at === 'ready'} />
      <DropZone />
      <UnfinishedList />
      <TransferList />
      <TextsPanel compose={false} />
    </div>
  );
}

function Ended({ ended }: { readonly ended: (LinkView & { at: 'pairing' })['ended'] | undefined }) {
  const { t } = useStrings();
  if (ended === undefined) return null;
  if (typeof ended === 'object') return <FaultNote fault={ended} handle="link-fault" />;
  return (
    <p className="notice" role="status">
      {ended === 'by-peer' ? t('pairing.endedByPeer') : t('pairing.endedByUs')}
    </p>
  );
}
