// The person's own router as the host sees it: one that opens ports of IPv4, and pinholes of IPv6. Each port belongs to one of the
// two; what is said of the router is said of both.

import type { RouterView } from '../../shared/model/router-view.ts';
import type { PortId } from './gateway-place.ts';
import type { Router } from './router.ts';

/** `open` makes one of the two, whose view it is told of. */
export function openBothFamilies(
  open: (family: 4 | 6, onView: (view: RouterView) => void) => Router,
  onView: (view: RouterView) => void,
): Router {
  const views: Record<4 | 6, RouterView> = { 4: { at: 'off' }, 6: { at: 'off' } };
  let shown: RouterView = { at: 'off' };
  const show = (family: 4 | 6, view: RouterView) => {
    views[family] = view;
    const both = viewOfBoth(views[4], views[6]);
    if (JSON.stringify(both) === JSON.stringify(shown)) return;
    shown = both;
    onView(both);
  };
  const v4 = open(4, (view) => show(4, view));
  const v6 = open(6, (view) => show(6, view));
  const both = [v4, v6];
  const familyOf = ({ address }: PortId) => (address === undefined ? v4 : v6);
  const all = async (work: (router: Router) => Promise<unknown>) => void (await Promise.all(both.map(work)));

  return {
    view: () => shown,
    ownAddresses: async () => (await Promise.all(both.map((each) => each.ownAddresses()))).flat(),
    open: (wanted) => familyOf(wanted).open(wanted),
    shut: (port) => familyOf(port).shut(port),
    outsideOf: (port) => familyOf(port).outsideOf(port),
    wantedAddresses: () => v6.wantedAddresses(),
    renew() {
      for (const each of both) each.renew();
    },
    networkChanged() {
      for (const each of both) each.networkChanged();
    },
    settingChanged: () => all((each) => each.settingChanged()),
    async check(probe) {
      const [address] = await v6.ownAddresses();
      const asked = address === undefined ? undefined : v6.check(() => probe(address));
      await Promise.all([v4.check(() => probe()), asked]);
      return shown;
    },
    close: () => all((each) => each.close()),
  };
}

/** What helps most; of two that do not help, what says more. */
export function viewOfBoth(v4: RouterView, v6: RouterView): RouterView {
  if (v4.at === 'opens') return v4;
  if (v6.at === 'opens') return v4.at === 'asking' ? v4 : { ...v6, at: 'opens-v6' };
  if (v4.at === 'asking' || v6.at === 'asking') return { at: 'asking' };
  return v4.at === 'none' && v6.at === 'refused' ? v6 : v4;
}
