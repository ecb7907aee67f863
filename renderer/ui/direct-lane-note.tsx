// The direct lane on screen: said beside the route while blocks go straight from host to host, and in the details why they do not.

import { useApp, useStrings } from './app-context.tsx';

export function DirectLaneNote() {
  const { t } = useStrings();
  const isUp = useApp(({ directLane, session }) => directLane && session.at === 'linked');
  return isUp ? <span data-testid="lane-direct">{t('linked.directLane')}</span> : null;
}

/** On one network only: between two networks nobody expects a direct lane. */
export function FirewallNote() {
  const { t } = useStrings();
  const at = useApp((state) => state.directBlocked);
  if (at === undefined) return null;
  return (
    <>
      <dt>{t('linked.laneDirect')}</dt>
      <dd data-testid="direct-blocked" data-at={at}>
        {t(`linked.blocked.${at}`)}
      </dd>
    </>
  );
}
