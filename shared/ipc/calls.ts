// What a call is: a schema for what goes in, a type for what comes out, and a handler for each.

import type { z } from '../model/schema.ts';

export type CallMap = Readonly<Record<string, { readonly input: z.ZodType; readonly output: unknown }>>;
export type CallInput<M extends CallMap, K extends keyof M> = z.input<M[K]['input']>;
export type CallParsed<M extends CallMap, K extends keyof M> = z.output<M[K]['input']>;
export type CallOutput<M extends CallMap, K extends keyof M> = M[K]['output'];
/** One handler per call; a missing one does not compile. */
export type Handlers<M extends CallMap> = {
  readonly [K in keyof M]: (input: CallParsed<M, K>) => Promise<CallOutput<M, K>> | CallOutput<M, K>;
};

/** A call of the contract: `call(schema).returns<What>()`. */
export const call = <I extends z.ZodType>(input: I) => ({
  returns: <O>() => ({ input, output: undefined as unknown as O }),
});
