// The app is a switch on the session's state; around it the bar, the open panel, the drop target and what is said.

import { useEffect, useLayoutEffect } from 'react';
import { directionOf } from '../../shared/model/language.ts';
import { isReply } from '../state/app-state.ts';
import { Announcer } from './announcer.tsx';
import { useApp, useStrings } from './app-context.tsx';
import { ConnectingScreen } from './connecting-screen.tsx';
import { DropTarget } from './drop-target.tsx';
import { Header } from './header.tsx';
import { HostNotice } from './host-notice.tsx';
import { LinkedScreen } from './linked-screen.tsx';
import { PairingScreen } from './pairing-screen.tsx';
import { OpenPanel } from './panels.tsx';
import { FaultToasts } from './toasts.tsx';
import { useFocusAfterReload, useFocusGuard } from './use-focus.ts';
import { useKeys } from './use-keys.ts';

export function App() {
  const at = useApp((state) => state.session.at);
  const host = useApp((state) => state.host);
  useTheme();
  useKeys();
  useFocusGuard();
  useFocusAfterReload();
  return (
    <div className="app" data-testid="session" data-state={at}>
      <Header />
      <FaultToasts />
      <main id="main" tabIndex={-1}>
        {host === 'here' ? <Screen /> : <HostNotice host={host} />}
      </main>
      <OpenPanel />
      <DropTarget />
      <Announcer />
    </div>
  );
}

function Screen() {
  const session = useApp((state) => state.session);
  useTopOf(isReply(session) ? 'reply' : session.at);
  switch (session.at) {
    case 'pairing':
      return <PairingScreen session={session} />;
    case 'connecting':
      return <ConnectingScreen session={session} />;
    case 'linked':
    case 'reconnecting':
      return <LinkedScreen session={session} />;
  }
}

/** A small window may have been scrolled down on the screen before. */
function useTopOf(screen: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every other screen
  useLayoutEffect(() => {
    scrollTo(0, 0);
  }, [screen]);
}

function useTheme(): void {
  const theme = useApp((state) => state.settings.theme);
  const { language } = useStrings();
  useEffect(() => {
    const spoken = language === 'pseudo' ? 'en' : language;
    document.documentElement.lang = spoken;
    if (language !== 'pseudo') document.documentElement.dir = directionOf(spoken);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
}
