// What an incoming transfer may be, and what moves it. Pure and total: an event that a state does not accept answers
// with nothing, and the driver decides whether that is a late echo or a violation.

export const receiveStates = [
  'listing',
  'asking',
  'starting',
  'receiving',
  'verifying',
  'done',
  'declined',
  'cancelled',
  'failed',
] as const;
export type ReceiveState = (typeof receiveStates)[number];

export const receiveEvents = [
  'listed',
  'accepted',
  'started',
  'completed',
  'published',
  'declined',
  'cancelled',
  'broke',
  'reopened',
] as const;
export type ReceiveEvent = (typeof receiveEvents)[number];

export const receiveTable: Readonly<Record<ReceiveState, Partial<Record<ReceiveEvent, ReceiveState>>>> = {
  listing: { listed: 'asking', declined: 'declined', cancelled: 'cancelled', broke: 'failed' },
  asking: { accepted: 'starting', declined: 'declined', cancelled: 'cancelled', broke: 'failed' },
  starting: { started: 'receiving', published: 'done', cancelled: 'cancelled', broke: 'failed' },
  receiving: { completed: 'verifying', cancelled: 'cancelled', broke: 'failed', reopened: 'starting' },
  verifying: { published: 'done', cancelled: 'cancelled', broke: 'failed' },
  done: {},
  declined: {},
  cancelled: {},
  failed: { reopened: 'starting' },
};

export function nextReceive(state: ReceiveState, event: ReceiveEvent): ReceiveState | undefined {
  return receiveTable[state][event];
}

export function isReceiveOver(state: ReceiveState): boolean {
  return state === 'done' || state === 'declined' || state === 'cancelled' || state === 'failed';
}
