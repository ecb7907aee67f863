// What an outgoing transfer may be, and what moves it. Pure and total: an event that a state does not accept answers
// with nothing, and the driver decides whether that is a late echo or a violation.

export const sendStates = [
  'preparing',
  'offered',
  'sending',
  'verifying',
  'done',
  'declined',
  'cancelled',
  'failed',
] as const;
export type SendState = (typeof sendStates)[number];

export const sendEvents = [
  'told',
  'accepted',
  'all-stored',
  'delivered',
  'declined',
  'cancelled',
  'broke',
  'reopened',
  'damaged',
] as const;
export type SendEvent = (typeof sendEvents)[number];

export const sendTable: Readonly<Record<SendState, Partial<Record<SendEvent, SendState>>>> = {
  preparing: { told: 'offered', cancelled: 'cancelled', broke: 'failed', reopened: 'preparing' },
  offered: { accepted: 'sending', declined: 'declined', cancelled: 'cancelled', broke: 'failed', reopened: 'offered' },
  sending: {
    accepted: 'sending',
    'all-stored': 'verifying',
    cancelled: 'cancelled',
    broke: 'failed',
    reopened: 'offered',
  },
  verifying: { delivered: 'done', cancelled: 'cancelled', broke: 'failed', reopened: 'offered', damaged: 'sending' },
  done: {},
  declined: {},
  cancelled: {},
  failed: { reopened: 'offered' },
};

export function nextSend(state: SendState, event: SendEvent): SendState | undefined {
  return sendTable[state][event];
}

export function isSendOver(state: SendState): boolean {
  return state === 'done' || state === 'declined' || state === 'cancelled' || state === 'failed';
}
