// Cells of the tables that no run can reach, and why. A run that reaches one all the same fails the coverage: then the reason is wrong.
// Two sides that keep the rules never get where the rules are broken; the tests of the tables walk those cells by hand.

/** A list of names with commas between them, `*`, or `* but` a list. */
type Names = string;
type Rule = readonly [machine: string, states: Names, events: Names, why: string];

const honest = 'only a peer that breaks the rules';
const answered = 'the host answers once, and what was put away hears nothing';
const over = 'what comes after the end is not looked at';
const ended = 'nothing is given to a link that ended';
const browser = 'the simulated browser refuses no connection';

export const rules: readonly Rule[] = [
  ['session-state', '* but ended', 'violated', honest],
  ['session-state', 'ended', 'violated', 'what comes over the lanes of a link that is over is not heard'],
  ['session-state', 'none', 'authorized, message', 'nothing is heard or confirmed before a connection is adopted'],
  ['session-state', 'ended', 'message', 'its channel was let go of'],
  ['session-state', 'handshake, open', 'authorized', 'said once'],

  ['send-state', '* but preparing', 'listed', answered],
  ['send-state', '* but preparing (kept), reopening', 'reopened', answered],
  ['send-state', '* but preparing (kept), reopening', 'reopen-failed', answered],
  ['send-state', 'preparing, offered, declined', 'asked-again', 'nothing was received that could be wanted again'],
  ['send-state', 'preparing (kept)', 'asked-again', 'the receiver knows nothing of it before it is told to go on'],
  ['send-state', 'sending, verifying', 'asked-again', 'a receiver that wants it again said before that it failed'],
  ['send-state', 'done', 'asked-again', 'a receiver that is done wants nothing again'],
  ['send-state', 'done, declined, cancelled, failed, reopening', 'control-changed', over],
  ['send-state', 'done, declined, cancelled, failed, reopening', 'broke', over],
  ['send-state', 'done, declined, cancelled, failed, reopening', 'accepted, declined, delivered', over],
  ['send-state', 'preparing, preparing (kept)', 'accepted, declined, delivered', honest],
  ['send-state', 'preparing (kept)', 'broke', 'its host answers, and the other side was told nothing yet'],
  ['send-state', 'offered, resuming, sending', 'delivered', honest],
  ['send-state', 'sending, verifying', 'accepted, declined', honest],
  ['send-state', '* but sending', 'all-stored', 'an attempt that ended says nothing'],
  ['send-state', '* but verifying, resuming (accepted)', 'confirmed', 'an attempt that ended says nothing'],
  ['send-state', '* but verifying', 'root-refused', 'the runner makes it of a cancel while verifying'],

  ['receive-state', '* but listing (offer lost)', 'offered', 'the router passes on an offer only where one is awaited'],
  ['receive-state', '* but listing, listing (offer lost)', 'listed', answered],
  ['receive-state', '* but asking', 'declined', 'no screen has that button then'],
  [
    'receive-state',
    'starting, receiving, verifying, verifying (called off), ready',
    'accepted',
    'an offer is answered once',
  ],
  ['receive-state', 'done, declined, failed', 'accepted', 'an offer is answered once'],
  ['receive-state', '* but starting', 'started', answered],
  [
    'receive-state',
    'listing, listing (offer lost)',
    'accepted',
    'on one link nobody is asked before the list is there, nor a second time',
  ],
  ['receive-state', 'asking', 'broke', 'nothing is under way on either side while the person is asked'],
  ['receive-state', '* but receiving', 'completed', honest],
  ['receive-state', '* but starting, verifying, verifying (called off)', 'published', answered],
  ['receive-state', '* but ready', 'publish-again', 'the wait ended with the state'],
  ['receive-state', '* but failed', 'not-again', 'only what failed and is kept is asked for, and the runner looks'],

  ['linked-state', '* but securing, securing (down)', 'secured', 'said once'],
  ['linked-state', '*', 'certificate-wrong, violation', honest],
  [
    'linked-state',
    'securing, securing (down)',
    'signal, liveness',
    'the engine is given a connection only once it is secured, and what it tells of those of an earlier link is not passed on',
  ],
  ['linked-state', '* but verifying, verifying (down)', 'verified, verification-failed', 'said once, while verifying'],
  ['linked-state', 'ended', 'signal, liveness, channel-closed, control-open, standby-proven, nudge', ended],
  ['linked-state', 'ended', 'tick, addresses-settled, measured', 'its timers ended with it'],
  [
    'linked-state',
    'securing, securing (down), verifying, verifying (down)',
    'standby-proven, standby-gone, addresses-settled',
    'there are standby connections only once both people confirmed',
  ],
  [
    'linked-state',
    'securing (down)',
    'control-open',
    'a channel opens over a line that is up, and nobody listens for silence yet',
  ],
  ['linked-state', 'securing (down), verifying (down), confirmed (down)', 'measured', 'measured only while it is up'],

  ['pairing-state', 'replier up', 'take invite', 'a code that was used is refused before'],
  ['pairing-state', 'won', '*', 'a pairing that won takes nothing more; the next one begins anew'],
  ['pairing-state', 'replier reaching', '*', 'a reply waits until it is up'],
  ['pairing-state', '* but open, deciding, inviter making, replier making', 'made', 'made once'],
  ['pairing-state', '* but open', 'gone', browser],
  [
    'pairing-state',
    'inviter making, inviter waiting, inviter reaching, inviter up',
    'take invite',
    'a code of one’s own is refused before',
  ],
  [
    'pairing-state',
    'replier making, replier waiting, replier up',
    'take reply',
    'a code of one’s own is refused before',
  ],
  [
    'pairing-state',
    'inviter making, inviter reaching, inviter up',
    'take reply',
    'a code that was used is refused before',
  ],
  [
    'pairing-state',
    'inviter making, inviter waiting, replier making, inviter up, replier up',
    'up',
    'nothing is up before, and up once',
  ],
  ['pairing-state', '* but deciding, inviter up, replier up', 'decide', 'its timer ends with the deciding'],

  ['verification-state', '* but starting, awaiting-commit', 'begin', 'said once'],
  ['verification-state', '* but awaiting-commit', 'commit', honest],
  ['verification-state', '* but awaiting-nonce', 'nonce', honest],
  ['verification-state', '* but awaiting-reveal', 'reveal', honest],
  ['verification-state', '* but counting', 'digits', 'counted once'],
  ['verification-state', '* but counting, asking, waiting-for-peer', 'ok', honest],
  ['verification-state', 'counting', 'ok', 'one signal after the other: the digits are counted first'],
  ['verification-state', '*', 'malformed', honest],
  ['verification-state', 'counting, tampered, late, closed', 'choice', 'the digits are not on the screen'],
  [
    'verification-state',
    'counting, tampered, late, closed',
    'deadline',
    'the deadline is for the digits, and what is over hears nothing of it',
  ],
  ['verification-state', 'tampered', 'close', honest],
  ['verification-state', 'closed', 'close', 'closed once'],

  ['remember-state', '* but closed', 'checked', 'said once'],
  ['remember-state', 'closed, open, asked, agreed, declined', 'heard-not', 'nothing was asked'],
  ['remember-state', '*', 'not-kept', 'the simulated hosts keep all that they are given'],
  ['remember-state', 'unkept', '*', 'the simulated hosts keep all that they are given'],

  ['healing-state', 'waiting, down', 'wait', 'said once'],
  ['healing-state', 'waiting', 'down', 'one is of a pairing, the other of a link'],
  ['healing-state', 'down', 'down', 'said once'],

  ['lanes-state', '* but none', 'offered', 'no number is given twice'],
  [
    'lanes-state',
    'none',
    'made, not-made, deadline',
    'it keeps its place until it is made, and its timer ends with it',
  ],
  ['lanes-state', '*', 'not-made', browser],
  ['lanes-state', 'none, closed', 'described', 'the simulated browser describes nothing that is closed'],
  ['lanes-state', 'none', 'connection', 'what was dropped says nothing more'],
  ['lanes-state', '* but none, closed', 'not-completed', browser],
  ['lanes-state', '* but making, making (called off), closed', 'made', 'made once'],
  [
    'lanes-state',
    'making, making (called off)',
    'answered, described, connection, up-there, retired-there, wanted-again, empty-here, empty-there, channel-closed, deadline',
    'there is no connection yet, and the other side knows of none',
  ],
  ['lanes-state', 'used, used (cut), retiring', 'answered, described', 'said once'],
  ['lanes-state', 'used, used (cut)', 'up-there', 'said once'],
  ['lanes-state', 'used, used (cut)', 'deadline', 'the timer ended'],
  ['lanes-state', 'opening, used, used (cut)', 'wanted-again', 'only a retiring one is wanted again'],
  ['lanes-state', 'retiring', 'retired-there', 'said once'],
  [
    'lanes-state',
    'closed',
    'want, peer-wants, offered, answered, connection, up-there, retired-there, wanted-again, empty-here, empty-there',
    ended,
  ],
  ['lanes-state', 'closed', 'closed-there, channel-closed, deadline, link-up, link-down, close', ended],

  ['standby-state', '* but making, none, closed', 'made', 'made once'],
  ['standby-state', '* but closed', 'not-made', browser],
  ['standby-state', '* but none, closed', 'not-completed', browser],
  ['standby-state', 'making', 'checks-arrived, proven', 'there is no connection yet'],
  ['standby-state', 'ready, ready (theirs unknown)', 'proven', 'proven only once it is promoted'],
  ['standby-state', 'none', 'made', 'a pair keeps its place until it is made'],
  ['standby-state', 'none', 'checks-arrived', 'what was dropped says nothing more'],
  [
    'standby-state',
    'none',
    'not-completed',
    'one that is promoted is kept for longer than the browser takes to complete it',
  ],
  [
    'standby-state',
    'closed',
    'not-made',
    'a connection is refused only where the page ends, and nothing is heard then',
  ],
  ['standby-state', 'none', 'promotion-over', 'the timer runs only while one is promoted'],
  ['standby-state', 'proven', 'checks-arrived', 'checks come before it is up, and are told once'],
  ['standby-state', '* but proven', 'taken', 'only a proven one becomes the link'],
  [
    'standby-state',
    'closed',
    'refill, addresses-changed, announced, checks-arrived, promote, link-up, link-down, promotion-over, close',
    ended,
  ],
];

export function unreachableBecause(machine: string, state: string, event: string): string | undefined {
  return rules.find(([of, states, events]) => of === machine && isIn(states, state) && isIn(events, event))?.[3];
}

/** What stands in it, whether it is meant or left out. */
export function namesIn(names: Names): readonly string[] {
  return names
    .replace(/^\*(?: but )?/, '')
    .split(', ')
    .filter(Boolean);
}

function isIn(names: Names, name: string): boolean {
  return namesIn(names).includes(name) !== names.startsWith('*');
}
