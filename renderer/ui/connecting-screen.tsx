// A few steps; if they last, the likely reason and what to try, while Tincan goes on trying.

import { Check, Loader, RotateCcw } from 'lucide-react';
import {
  asksForLocalNetwork,
  asksForNetworkCheck,
  type ConnectingStep,
  type LinkView,
} from '../../shared/model/link-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { NetworkResult } from './network-check.tsx';
import { OutboxLine } from './pairing-screen.tsx';
import { ReplyCard } from './reply-card.tsx';

const steps: readonly ConnectingStep[] = ['reaching', 'securing', 'verifying'];
type Connecting = LinkView & { at: 'connecting' };

export function ConnectingScreen({ session }: { readonly session: Connecting }) {
  const { t } = useStrings();
  const { newCode } = useActions();
  const { code } = session;
  // They may still need the reply. Later, a code is of no use, and none is made.
  if (code.at === 'ready' && code.kind === 'reply' && session.step === 'reaching') {
    return (
      <div className="screen centred">
        <ReplyCard code={code}>
          <Hint session={session} />
        </ReplyCard>
        <OutboxLine />
      </div>
    );
  }
  return (
    <div className="screen centred">
      <section className="card reply-card" aria-labelledby="connecting-title">
        <Cans shape="pulling" />
        <h1 id="connecting-title">{t('connecting.title')}</h1>
        <Steps at={session.step} />
        <Hint session={session} />
        <button type="button" data-testid="start-over" onClick={() => newCode()}>
          <RotateCcw aria-hidden size={18} /> {t('connecting.over')}
        </button>
      </section>
      <OutboxLine />
    </div>
  );
}

function Steps({ at }: { readonly at: ConnectingStep }) {
  const { t } = useStrings();
  const now = steps.indexOf(at);
  return (
    <ol className="steps">
      {steps.map((step, index) => (
        <li
          key={step}
          data-at={index < now ? 'done' : index === now ? 'now' : 'later'}
          aria-current={index === now ? 'step' : undefined}
        >
          {index < now ? (
            <Check aria-hidden size={18} />
          ) : index === now ? (
            <Loader aria-hidden size={18} />
          ) : (
            <span className="dot" />
          )}
          {t(`connecting.${step}`)}
        </li>
      ))}
    </ol>
  );
}

function Hint({ session: { hint } }: { readonly session: Connecting }) {
  const { t } = useStrings();
  const platform = useApp((state) => state.facts.platform);
  return (
    <>
      {hint !== undefined && (
        <p className="notice" role="status" data-testid="connecting-hint" data-hint={hint}>
          {t(`hint.${hint}`)}
        </p>
      )}
      {asksForLocalNetwork(hint, platform) && (
        <p className="muted" data-testid="connecting-hint-mac">
          {t('hint.local-network-mac')}
        </p>
      )}
      {asksForNetworkCheck(hint) && <NetworkResult titled />}
    </>
  );
}
