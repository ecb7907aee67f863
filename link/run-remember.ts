// Runs link/remember-state.ts on a link: makes this side's share, derives the secret that both then have, and hands it to
// the host, which keeps it.

import { codeText } from '../shared/code/code-text.ts';
import { pairSecret } from '../shared/lan/discovery.ts';
import { fromHex, toHex } from '../shared/model/bytes.ts';
import type { RememberView } from '../shared/model/link-view.ts';
import type { LinkSignal } from './link-signal.ts';
import type { RememberedPeer } from './ports.ts';
import { nextRemember, type RememberEffect, type RememberEvent, type RememberState } from './remember-state.ts';
import type { Paired } from './run-pairing.ts';

export type RememberPorts = {
  readonly paired: Paired;
  send(signal: LinkSignal): void;
  /** Absent where there is nowhere to keep it: then the other side is told so. */
  readonly keep: ((peer: RememberedPeer) => Promise<string | undefined>) | undefined;
  changed(): void;
};

export interface Remember {
  view(): RememberView | undefined;
  /** The name of the entry, once it was kept on this link. */
  knownId(): string | undefined;
  /** The link was checked. `binding` is its transcript: the secret belongs to this meeting of these two. */
  checked(binding: Uint8Array): void;
  handle(signal: Extract<LinkSignal, { say: 'remember' | 'remember-not' }>): void;
  choose(choice: 'yes' | 'no'): void;
  /** Another connection is the link. */
  switched(): void;
}

export function startRemember(ports: RememberPorts): Remember {
  let state: RememberState = { at: 'closed' };
  let knownId: string | undefined;

  function handle(event: RememberEvent): void {
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
        void keep(effect);
    }
  }

  async function keep({ binding, mine, theirs }: Extract<RememberEffect, { do: 'keep' }>): Promise<void> {
    const { role, invite, reply, peerName } = ports.paired;
    const [inviter, replier] = role === 'inviter' ? [mine, theirs] : [theirs, mine];
    const shares = { inviter: fromHex(inviter), replier: fromHex(replier) };
    const secret = toHex(await pairSecret(shares, fromHex(binding)));
    const code = codeText(role === 'inviter' ? reply : invite);
    knownId = await ports.keep?.({ secret, side: role, name: peerName, code });
    if (knownId === undefined) handle({ is: 'not-kept' });
    else ports.changed();
  }

  return {
    view: () => (state.at === 'closed' ? undefined : state.at),
    knownId: () => knownId,
    checked(binding) {
      if (ports.keep !== undefined) handle({ is: 'checked', binding: toHex(binding) });
    },
    handle: (signal) => handle(signal.say === 'remember' ? { is: 'heard', theirs: signal.share } : { is: 'heard-not' }),
    choose: (choice) =>
      handle(
        choice === 'yes'
          ? { is: 'wanted', mine: toHex(crypto.getRandomValues(new Uint8Array(32))) }
          : { is: 'refused' },
      ),
    switched: () => handle({ is: 'switched' }),
  };
}
