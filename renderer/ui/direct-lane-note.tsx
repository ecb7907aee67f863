// Said beside the route while blocks go straight from host to host.

import { useApp, useStrings } from './app-context.tsx';

export function DirectLaneNote() {
  const { t } = useStrings();
  const isUp = useApp(({ directLane, session }) => directLane && session.at === 'linked');
  return isUp ? <span data-testid="lane-direct">{t('linked.directLane')}</span> : null;
}
