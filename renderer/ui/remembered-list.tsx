// Remembered computers on the first screen: a click links, for all that waits; files dropped on one are offered to it alone.

import { Radar } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { AppState, RememberedPeerView } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';
import { visibleName } from './visible-name.ts';

export function RememberedList({ ready }: { readonly ready: boolean }) {
  const { t } = useStrings();
  const known = useApp((state) => state.known);
  const calling = useApp((state) => state.calling);
  const callsBack = useApp(calledBack);
  const open = known.filter(({ blocked }) => !blocked);
  if (open.length === 0) return null;
  const missed = calling.at === 'missed' ? open.find(({ id }) => id === calling.id) : undefined;
  const again = calling.at === 'idle' ? open.find(({ id }) => id === callsBack) : undefined;
  return (
    <section className="known" aria-label={t('remembered.title')}>
      <ul className="known-row">
        {open.map((peer) => (
          <Tile key={peer.id} peer={peer} ready={ready} />
        ))}
      </ul>
      <p
        className="known-status muted small"
        role="status"
        data-testid="known-status"
        data-at={again === undefined ? calling.at : 'again'}
      >
        {again !== undefined ? (
          <Phrase of="remembered.again" parts={{ name: <Name text={again.name} max={64} /> }} />
        ) : missed !== undefined ? (
          <Phrase of="remembered.missed" parts={{ name: <Name text={missed.name} max={64} /> }} />
        ) : (
          t(calling.at === 'calling' ? 'remembered.calling' : 'remembered.help')
        )}
      </p>
    </section>
  );
}

/** Whom the last link was with, while it is looked for without a click. */
const calledBack = ({ session }: AppState) => (session.at === 'pairing' ? session.callsBack : undefined);

function Tile({ peer: { id, name }, ready }: { readonly peer: RememberedPeerView; readonly ready: boolean }) {
  const { t } = useStrings();
  const { callRemembered, dropped } = useActions();
  const calling = useApp((state) => state.calling);
  const isCalledBack = useApp(calledBack) === id;
  const [isOver, setOver] = useState(false);
  const isWaiting = calling.at === 'calling';
  const isCalling = calling.at === 'calling' ? calling.id === id : isCalledBack;
  const shown = name === '' ? t('linked.unnamed') : name;

  function onDrop(event: DragEvent) {
    // The window hears of it, too, and leaves it alone then.
    event.preventDefault();
    setOver(false);
    dropped(event.dataTransfer, (items) => {
      if (!isWaiting) void callRemembered(id, items);
    });
  }

  return (
    <li data-testid="known-peer" data-id={id}>
      <button
        type="button"
        className="known-tile"
        data-testid="known-call"
        data-over={isOver}
        disabled={!ready}
        // Keeps the focus.
        aria-disabled={isWaiting}
        aria-busy={isCalling}
        title={t('remembered.help')}
        onClick={() => {
          if (!isWaiting) void callRemembered(id);
        }}
        onDragEnter={() => setOver(true)}
        onDragOver={(event) => event.preventDefault()}
        // Not where it only goes on to the name inside.
        onDragLeave={(event) => setOver(event.currentTarget.contains(event.relatedTarget as Node | null))}
        onDrop={onDrop}
      >
        <span className="initial" aria-hidden>
          {isCalling ? <Radar size={18} /> : (visibleName(shown, 1)[0] ?? '').toUpperCase()}
        </span>
        <Name text={shown} max={64} />
      </button>
    </li>
  );
}
