// Calls, answers and events over one port. Transport-neutral: a MessagePort in Electron, a WebSocket in the
// browser shell. Promises: every call ends (answer, fault, or `bridge-closed`); at most `bridgeMaxOutstanding` run at once
// and the others wait, and all get there in the order in which they were made; what is told before anybody listens for it is
// heard by whoever does so first, up to `earlyEventsMax` of each name.

import { Fault, type FaultCode, type FaultView, isFaultCode, toFaultView } from '../model/fault.ts';
import { bridgeMaxOutstanding, earlyEventsMax } from '../wire/limits.ts';
import type { CallInput, CallMap, CallOutput, Handlers } from './calls.ts';

/** A pipe for structured-cloneable messages. Messages hold JSON values and Uint8Arrays only. */
export interface RpcPort {
  /** What is in `transfer` is given away: nobody looks at it again on this side. Throws for what is too large for the pipe. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): () => void;
  onClose(listener: () => void): () => void;
  close(): void;
}

export interface RpcClient<Calls extends CallMap, Events> {
  call<K extends keyof Calls & string>(
    name: K,
    input: CallInput<Calls, K>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<CallOutput<Calls, K>>;
  on<K extends keyof Events & string>(name: K, listener: (payload: Events[K]) => void): () => void;
  onClose(listener: () => void): () => void;
  close(): void;
}

export interface RpcServer<Events> {
  emit<K extends keyof Events & string>(name: K, payload: Events[K]): void;
  onClose(listener: () => void): () => void;
  close(): void;
}

type Request = { readonly is: 'call'; readonly id: number; readonly name: string; readonly input: unknown };
type Answer =
  | { readonly is: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly is: 'fault'; readonly id: number; readonly fault: FaultView };
type EventMessage = { readonly is: 'event'; readonly name: string; readonly payload: unknown };

type AskedCall = {
  readonly name: string;
  readonly input: unknown;
  readonly transfer: readonly ArrayBuffer[] | undefined;
  resolve(output: unknown): void;
  reject(fault: Fault): void;
};

export function openRpcClient<Calls extends CallMap, Events>(port: RpcPort): RpcClient<Calls, Events> {
  const underWay = new Map<number, AskedCall>();
  const waiting = new Set<AskedCall>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const early = new Map<string, EventMessage[]>();
  let nextId = 1;
  let closed = false;

  function tell({ name, payload }: EventMessage): void {
    for (const listener of listeners.get(name) ?? []) listener(payload);
  }

  function keepEarly(event: EventMessage): void {
    early.set(event.name, [...(early.get(event.name) ?? []), event].slice(-earlyEventsMax));
  }

  port.onMessage((message) => {
    const incoming = message as Answer | EventMessage;
    if (incoming.is === 'event') {
      if (listeners.has(incoming.name)) tell(incoming);
      else keepEarly(incoming);
      return;
    }
    const call = underWay.get(incoming.id);
    if (call === undefined) return;
    underWay.delete(incoming.id);
    if (incoming.is === 'answer') call.resolve(incoming.output);
    else call.reject(faultFromView(incoming.fault));
    postWaiting();
  });

  port.onClose(() => {
    closed = true;
    for (const call of [...underWay.values(), ...waiting]) call.reject(new Fault('bridge-closed', 'the host is gone'));
    underWay.clear();
    waiting.clear();
  });

  function postWaiting(): void {
    for (const call of waiting) {
      if (underWay.size >= bridgeMaxOutstanding) return;
      waiting.delete(call);
      post(call);
    }
  }

  function post(call: AskedCall): void {
    const { name, input, transfer, reject } = call;
    const id = nextId++;
    underWay.set(id, call);
    try {
      port.post({ is: 'call', id, name, input } satisfies Request, transfer);
    } catch (cause) {
      // The other calls are answered all the same.
      underWay.delete(id);
      reject(new Fault('bridge-invalid', `${name}: it cannot be sent to the host`, { cause }));
    }
  }

  return {
    call(name, input, transfer) {
      if (closed) return Promise.reject(new Fault('bridge-closed', 'the host is gone'));
      return new Promise((resolve, reject) => {
        waiting.add({ name, input, transfer, resolve: resolve as (output: unknown) => void, reject });
        postWaiting();
      });
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener as (payload: unknown) => void);
      const told = early.get(name) ?? [];
      early.delete(name);
      // Whoever listens may not be ready to hear before that is settled.
      if (told.length > 0) queueMicrotask(() => told.forEach(tell));
      return () => set.delete(listener as (payload: unknown) => void);
    },
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  };
}

export type ServedRole<Calls extends CallMap> = {
  readonly calls: Calls;
  readonly handlers: Handlers<Calls>;
  /** A call ended in a fault; `call` is undefined when there is none of that name. */
  readonly onFault?: (call: (keyof Calls & string) | undefined, code: FaultCode) => void;
};

/** Serves one role on one port. Anything that is not a well-formed call of the map is refused; a flood closes the port. */
export function serveRpc<Calls extends CallMap, Events>(
  port: RpcPort,
  { calls, handlers, onFault }: ServedRole<Calls>,
): RpcServer<Events> {
  let outstanding = 0;

  port.onMessage((message) => {
    const request = readRequest(message);
    if (request === undefined) {
      port.close();
      return;
    }
    if (outstanding >= bridgeMaxOutstanding) {
      post({ is: 'fault', id: request.id, fault: { code: 'bridge-busy', message: 'too many calls at once' } });
      return;
    }
    outstanding += 1;
    void answer(request).then((reply) => {
      outstanding -= 1;
      if (reply.is === 'fault') onFault?.(isCall(request.name) ? request.name : undefined, reply.fault.code);
      try {
        port.post(reply, reply.is === 'answer' ? buffersIn(reply.output) : []);
      } catch {
        // Names of a stranger may be in it: whoever asked hears of it, and the others are served on.
        post(refusal(request.id, `${request.name}: the answer is too large`));
      }
    });
  });

  function isCall(name: string): name is keyof Calls & string {
    return Object.hasOwn(calls, name);
  }

  async function answer(request: Request): Promise<Answer> {
    const spec = isCall(request.name) ? calls[request.name] : undefined;
    if (spec === undefined) return refusal(request.id, `no such call: ${request.name.slice(0, 64)}`);
    const parsed = spec.input.safeParse(request.input);
    if (!parsed.success) return refusal(request.id, `${request.name}: ${parsed.error.issues[0]?.message ?? 'invalid'}`);
    try {
      const handler = handlers[request.name as keyof Calls] as (input: unknown) => unknown;
      return { is: 'answer', id: request.id, output: await handler(parsed.data) };
    } catch (error) {
      return { is: 'fault', id: request.id, fault: toFaultView(error) };
    }
  }

  function post(reply: Answer | EventMessage): void {
    port.post(reply);
  }

  return {
    emit(name, payload) {
      try {
        post({ is: 'event', name, payload });
      } catch {
        // Whoever misses one does not know what is true any more.
        port.close();
      }
    },
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  };
}

/** Answers hold bytes at their top or not at all. Those that share their memory with others are not given away. */
function buffersIn(output: unknown): ArrayBuffer[] {
  if (typeof output !== 'object' || output === null) return [];
  return Object.values(output).flatMap((value: unknown) =>
    value instanceof Uint8Array && value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength
      ? [value.buffer]
      : [],
  );
}

function refusal(id: number, message: string): Answer {
  return { is: 'fault', id, fault: { code: 'bridge-invalid', message } };
}

function readRequest(message: unknown): Request | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { is, id, name, input } = message as Partial<Request>;
  if (is !== 'call' || typeof id !== 'number' || typeof name !== 'string') return undefined;
  return { is, id, name, input };
}

function faultFromView(view: FaultView): Fault {
  const code = isFaultCode(view.code) ? view.code : 'internal';
  return new Fault(code, view.message, view.detail === undefined ? {} : { detail: view.detail });
}
