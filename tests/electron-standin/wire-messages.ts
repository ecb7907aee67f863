// What the stand-in's page and main process say to each other, once in each direction.

export type FromPage =
  | { readonly is: 'hello'; readonly window: number; readonly url: string }
  | { readonly is: 'send'; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly is: 'invoke'; readonly id: number; readonly channel: string; readonly args: readonly unknown[] }
  | { readonly is: 'media'; readonly id: number; readonly mediaTypes: readonly ('audio' | 'video')[] };

export type FromMain =
  | { readonly is: 'result'; readonly id: number; readonly value: unknown }
  | { readonly is: 'error'; readonly id: number; readonly message: string }
  | {
      readonly is: 'event';
      readonly channel: string;
      readonly message: unknown;
      /** Where the other ends of the ports that travel with it are dialled. */
      readonly ports: readonly string[];
    };
