// The few globals that Node, a page and a Worker all have. Anything else in shared/ must come in through a port.

declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}

type KeyUse = 'deriveBits' | 'deriveKey' | 'encrypt' | 'decrypt';
type HkdfHow = { name: 'HKDF'; hash: 'SHA-256'; salt: Uint8Array; info: Uint8Array };
interface CryptoKey {
  readonly type: string;
}

declare const crypto: {
  /** Absent where a page has no secure context. */
  readonly subtle?: {
    digest(algorithm: 'SHA-256', bytes: Uint8Array): Promise<ArrayBuffer>;
    importKey(format: 'raw', bytes: Uint8Array, name: 'HKDF', extractable: false, uses: KeyUse[]): Promise<CryptoKey>;
    deriveBits(how: HkdfHow, key: CryptoKey, bits: number): Promise<ArrayBuffer>;
    deriveKey(
      how: HkdfHow,
      key: CryptoKey,
      of: { name: 'AES-GCM'; length: 256 },
      extractable: false,
      uses: KeyUse[],
    ): Promise<CryptoKey>;
    encrypt(how: { name: 'AES-GCM'; iv: Uint8Array }, key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer>;
    decrypt(how: { name: 'AES-GCM'; iv: Uint8Array }, key: CryptoKey, bytes: Uint8Array): Promise<ArrayBuffer>;
  };
  getRandomValues<T extends Uint8Array>(bytes: T): T;
};

declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
  throwIfAborted(): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(task: () => void): void;
