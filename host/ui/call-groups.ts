// The calls of the page come in groups: each file beside this one answers one of them.

import type { Handlers } from '../../shared/ipc/calls.ts';
import type { UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { EventListener } from '../event-listeners.ts';

/** The handlers of the calls whose names begin with one of these. */
export type UiGroup<Prefix extends string> = Pick<Handlers<UiCalls>, Extract<keyof UiCalls, `${Prefix}.${string}`>>;

export type EmitUi = EventListener<UiEvents>;
