// Runs link/remember-state.ts on a link: makes this side's share, derives the secret that both then have, and hands
// it to the host, which keeps it.

import { codeText } from '../shared/code/code-text.ts';
import { pairSecret } from '../shared/lan/knock.ts';
import { fromHex, toHex } from '../shared/model/bytes.ts';
import type { RememberView } from '../shared/model/link-view.ts';
import type { RememberedPeer } from './link.ts';
import type { LinkSignal } from './link-signal.ts';
import { nextRemember, type RememberEffect, type RememberEvent, type RememberState } from './remember-state.ts';
import type { Paired } from './run-pairing.ts';

export type RememberPorts = {
  readonly paired: Paired;
  /** The link's transcript: the secret belongs to this meeting of these two. */
  binding(): Uint8Array;
  send(signal: LinkSignal): void;
  /** Absent where there is nowhere to keep it: then the other side is told so. */
  readonly keep: ((kept: RememberedPeer) => void) | undefined;
  changed(): void;
};

export interface Remember {
  view(): RememberView | undefined;
  take(event: Exclude<RememberEvent, { is: 'wanted' }>): void;
  want(): void;
}

export function startRemember(ports: RememberPorts): Remember {
  let state: RememberState = { at: 'closed' };

  function take(event: RememberEvent): void {
    if (event.is === 'checked' && ports.keep === undefined) return;
    const step = nextRemember(state, event);
    state = step.state;
    for (const effect of step.effects) act(effect);
    ports.changed();
  }

  function act(effect: RememberEffect): void {
    switch (effect.do) {
      case 'say':
        ports.send({ say: 'remember', share: effect.share });
        return;
      case 'say-not':
        ports.send({ say: 'remember-not' });
        return;
      case 'keep':
        void keep(fromHex(effect.mine), fromHex(effect.theirs));
    }
  }

  async function keep(mine: Uint8Array, theirs: Uint8Array): Promise<void> {
    const { role, invite, reply, peerName } = ports.paired;
    const shares = role === 'inviter' ? { inviter: mine, replier: theirs } : { inviter: theirs, replier: mine };
    const secret = toHex(await pairSecret(shares, ports.binding()));
    ports.keep?.({ secret, side: role, name: peerName, code: codeText(role === 'inviter' ? reply : invite) });
  }

  return {
    view: () => (state.at === 'closed' ? undefined : state.at),
    take,
    want: () => take({ is: 'wanted', mine: toHex(crypto.getRandomValues(new Uint8Array(32))) }),
  };
}
