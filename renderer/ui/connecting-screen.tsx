// A few honest steps; if they last, the likely reason and what to try, while Tincan goes on trying.

import { Check, Loader, RotateCcw } from 'lucide-react';
import { asksForNetworkCheck, type ConnectingStep, type LinkView } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { DropZone } from './drop-zone.tsx';
import { NetworkResult } from './network-check.tsx';
import { YourCode } from './your-code.tsx';

const steps: readonly ConnectingStep[] = ['reaching', 'securing', 'greeting'];

export function ConnectingScreen({ session }: { readonly session: LinkView & { at: 'connecting' } }) {
  const { t } = useStrings();
  const { newCode } = useActions();
  const now = steps.indexOf(session.step);
  return (
    <div className="screen">
      <div className="hero">
        <Cans shape="pulling" />
        <h1>{t('connecting.title')}</h1>
      </div>
      <div className="two">
        {/* Once the two greet each other a code is of no use, and none is made. */}
        {session.code.at === 'ready' && <YourCode code={session.code} note={t('connecting.yours')} />}
        <section className="card" aria-label={t('connecting.title')}>
          <ol className="steps">
            {steps.map((step, at) => (
              <li
                key={step}
                data-at={at < now ? 'done' : at === now ? 'now' : 'later'}
                aria-current={at === now ? 'step' : undefined}
              >
                {at < now ? (
                  <Check aria-hidden size={18} />
                ) : at === now ? (
                  <Loader aria-hidden size={18} />
                ) : (
                  <span className="dot" />
                )}
                {t(`connecting.${step}`)}
              </li>
            ))}
          </ol>
          {session.hint !== undefined && (
            <p className="notice" role="status" data-testid="connecting-hint" data-hint={session.hint}>
              {t(`hint.${session.hint}`)}
            </p>
          )}
          {asksForNetworkCheck(session.hint) && <NetworkResult titled />}
          <button type="button" data-testid="start-over" onClick={() => newCode()}>
            <RotateCcw aria-hidden size={18} /> {t('connecting.over')}
          </button>
        </section>
      </div>
      <DropZone />
    </div>
  );
}
