// The network check: the button in the settings, and what it found wherever that helps. The sentence comes first, what it
// is made of one click deeper.

import { Loader, Radar } from 'lucide-react';
import { type NetworkView, networkVerdict } from '../../shared/model/network-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Facts } from './facts.tsx';
import type { Strings } from './strings/strings.ts';

export function NetworkCheck() {
  const { t } = useStrings();
  const { checkNetwork } = useActions();
  const isOn = useApp((state) => state.settings.internet);
  const isChecking = useApp((state) => state.network.at === 'checking');
  return (
    <fieldset className="servers" data-testid="network-check">
      <legend>{t('network.title')}</legend>
      <p className="muted small">{t(isOn ? 'network.help' : 'servers.off')}</p>
      <div className="row">
        <button
          type="button"
          data-testid="network-check-run"
          disabled={!isOn || isChecking}
          onClick={() => void checkNetwork()}
        >
          <Radar aria-hidden size={18} /> {t('network.check')}
        </button>
      </div>
      <NetworkResult />
    </fieldset>
  );
}

/** `titled` where nothing beside it says whose network is meant. */
export function NetworkResult({ titled = false }: { readonly titled?: boolean }) {
  const { number, t } = useStrings();
  const network = useApp((state) => state.network);
  const router = useApp((state) => state.router);
  if (network.at === 'unchecked') return null;
  if (network.at === 'checking') {
    return (
      <p className="muted" role="status" data-testid="network-checking">
        <Loader aria-hidden size={16} /> {t('network.checking')}
      </p>
    );
  }
  const { view } = network;
  const verdict = networkVerdict(view);
  return (
    <div className="network-result">
      {titled && <p className="muted small">{t('network.title')}</p>}
      {router.at !== 'off' && (
        <p className="notice" role="status" data-testid="router-result" data-router={router.at}>
          {t(`router.${router.at}`)}
        </p>
      )}
      {(router.at === 'off' || verdict !== 'unasked') && (
        <p className="notice" role="status" data-testid="network-result" data-verdict={verdict}>
          {t(`network.${verdict}`)}
        </p>
      )}
      <details data-testid="network-details">
        <summary className="muted small">{t('network.details')}</summary>
        <Facts
          className="small"
          facts={details(view, { number, t }).map(([name, value]) => ({ key: name, name, value }))}
        />
      </details>
    </div>
  );
}

function details(
  view: NetworkView,
  { number, t }: Pick<Strings, 'number' | 't'>,
): readonly (readonly [string, string])[] {
  const { answered, asked, hairpin, ipv6, networks, publicAddress, relays } = view;
  const mapping = view.at === 'same' || view.at === 'strict' || view.at === 'open' ? view.at : 'untold';
  return [
    [t('network.mapping'), t(`network.mapping.${mapping}`)],
    [t('network.publicAddress'), publicAddress ?? t('network.unknown')],
    [t('network.answered'), t('network.answeredOf', { answered: number(answered), asked: number(asked) })],
    [t('network.relays'), relays.length === 0 ? t('network.none') : relays.map((way) => way.toUpperCase()).join(', ')],
    [t('network.ipv6'), t(`network.ipv6.${ipv6}`)],
    [t('network.hairpin'), t(`network.hairpin.${hairpin}`)],
    [t('network.networks'), networks === undefined ? t('network.unknown') : number(networks)],
  ];
}
