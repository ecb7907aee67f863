// "Connect a phone": the page is served while its panel is open and an invite waits, and no longer.

import { expect, it } from 'vitest';
import type { LinkView } from '../../../shared/model/link-view.ts';
import { settled } from '../link/virtual-clock.ts';
import { openBench } from './stage.ts';

const inviting = (text: string): LinkView => ({
  at: 'pairing',
  code: { at: 'ready', kind: 'invite', text, local: true },
});

function open() {
  const { answers, calls, show, tincan } = openBench();
  show(inviting('TINCAN:ONE'));
  calls.splice(0);
  return {
    answers,
    show,
    actions: tincan.actions,
    state: () => tincan.store.getState(),
    asked: () => calls.filter(({ name }) => name.startsWith('phone.')).map(({ name, input }) => [name, input]),
  };
}

it('is served with the invite on the screen, until the panel is closed', async () => {
  const { actions, asked, state } = open();
  actions.letPhoneIn();
  expect(state()).toMatchObject({ panel: 'phone', phone: { at: 'opening' } });
  await settled();
  expect(state().phone).toMatchObject({ at: 'open', address: expect.stringMatching(/#TINCAN:ONE$/) });
  actions.openPanel('none');
  expect(state()).toMatchObject({ panel: 'none', phone: { at: 'closed' } });
  expect(asked()).toEqual([
    ['phone.open', { invite: 'TINCAN:ONE' }],
    ['phone.close', {}],
  ]);
});

it('is not served any more when another panel takes its place', async () => {
  const { actions, asked } = open();
  actions.letPhoneIn();
  await settled();
  actions.openPanel('settings');
  expect(asked().at(-1)).toEqual(['phone.close', {}]);
});

it('shows the newest invite, and nothing of an answer that came after it was closed', async () => {
  const { actions, asked, show, state } = open();
  actions.letPhoneIn();
  await settled();
  show({ at: 'pairing', code: { at: 'making' } });
  show(inviting('TINCAN:TWO'));
  await settled();
  expect(state().phone).toMatchObject({ address: expect.stringMatching(/#TINCAN:TWO$/) });
  show(inviting('TINCAN:THREE'));
  actions.openPanel('none');
  await settled();
  expect(state().phone).toEqual({ at: 'closed' });
  expect(asked().map(([name]) => name)).toEqual(['phone.open', 'phone.open', 'phone.open', 'phone.close']);
});

it('ends with the invite: somebody answered it, or theirs was taken', async () => {
  for (const next of [
    { at: 'connecting', code: { at: 'making' }, step: 'reaching' },
    { at: 'pairing', code: { at: 'ready', kind: 'reply', text: 'TINCAN:R', local: true } },
  ] as const) {
    const { actions, asked, show, state } = open();
    actions.letPhoneIn();
    await settled();
    show(next);
    expect(state()).toMatchObject({ panel: 'none', phone: { at: 'closed' } });
    expect(asked().at(-1)).toEqual(['phone.close', {}]);
  }
});

it('leaves other panels alone, and asks nothing of the host without it', () => {
  const { actions, asked, show, state } = open();
  actions.openPanel('history');
  show(inviting('TINCAN:TWO'));
  show({ at: 'connecting', code: { at: 'making' }, step: 'reaching' });
  expect(state().panel).toBe('history');
  expect(asked()).toEqual([]);
});
