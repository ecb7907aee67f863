// Planted bugs of the link, as `../mutants.ts` has them of transfers.

import type { Mutant } from '../mutants.ts';

export const linkMutants: readonly Mutant[] = [
  {
    name: 'candidates-not-retried',
    why: 'a link that is down waits for the browser, which gave up',
    file: 'link/healing-state.ts',
    from: 'nowMs >= state.nextRetryMs ? retry(state, { nowMs })',
    to: 'nowMs < 0 ? retry(state, { nowMs })',
  },
  {
    name: 'generation-stays',
    why: 'candidates are added again as they were, which browsers drop',
    file: 'link/healing-state.ts',
    from: 'const generation = state.generation + 1;',
    to: 'const generation = state.generation;',
  },
  {
    name: 'standby-not-promoted',
    why: 'a computer that moved stays alone',
    file: 'link/healing-state.ts',
    from: 'if (due === undefined || nowMs - retried.state.sinceMs < due) return retried;',
    to: 'if (due === undefined || nowMs > 0) return retried;',
  },
  {
    name: 'lanes-left-open',
    why: 'connections of lanes are never closed',
    file: 'link/lanes-state.ts',
    from: "return [{ do: 'stop-timer', number: lane.number }, ...told, { do: 'drop', connection: lane.connection }];",
    to: "return [{ do: 'stop-timer', number: lane.number }, ...told];",
  },
  {
    name: 'codes-left-open',
    why: 'connections of codes that nobody needs any more stay',
    file: 'link/run-pairing.ts',
    from: '      for (const id of [...open.keys()]) discard(id);\n',
    to: '',
  },
  {
    name: 'link-left-open',
    why: 'the connection of a link stays after its end',
    file: 'link/run-linked.ts',
    from: 'if (keepConnectionMs > 0) clock.after(keepConnectionMs, () => connections.drop(main));\n      else connections.drop(main);',
    to: 'void keepConnectionMs;',
  },
  {
    name: 'reply-not-patient',
    why: 'whoever carries a reply slowly finds nobody any more',
    file: 'link/run-pairing.ts',
    from: '      retry.wait();\n      void deliver',
    to: '      void deliver',
  },
  {
    name: 'codes-swapped',
    why: 'each side proves its own order of the two codes',
    file: 'link/run-pairing.ts',
    from: "mine.kind === 'invite' ? [own, theirs.bytes] : [theirs.bytes, own];",
    to: '[own, theirs.bytes];',
  },
  {
    name: 'goodbye-not-heard',
    why: 'the other side left and nobody says so',
    file: 'link/open-link.ts',
    from: "    engine.onPeerLeft(() => endLink('by-peer', 'nothing')),\n",
    to: '',
  },
  {
    name: 'confirmed-alone',
    why: 'one yes is taken for both',
    file: 'link/verification-state.ts',
    from: "if (!state.peerOk) return go({ ...own(state), at: 'waiting-for-peer', digits, checked }, { do: 'send-ok' });",
    to: '',
  },
];
