// The few RTC types that the link uses, and the factory that makes connections. A browser's own objects fit them as they
// are; so do those of a Node library or of a simulation. Types only.

export type RtcConnectionState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
export type RtcIceState = 'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';

export type RtcIceServer = { readonly urls: string; readonly username?: string; readonly credential?: string };

export type RtcConfig = {
  readonly certificates?: readonly RtcCertificate[];
  readonly iceServers: readonly RtcIceServer[];
  readonly iceTransportPolicy?: 'all' | 'relay';
  readonly bundlePolicy?: 'max-bundle';
};

export interface RtcCertificate {
  getFingerprints(): readonly { readonly algorithm?: string; readonly value?: string }[];
}

/** Opaque here: the engine gets it in the task that made it. */
export interface RtcChannel {
  readonly label: string;
}

export type RtcChannelOptions = {
  readonly negotiated?: boolean;
  readonly id?: number;
  readonly ordered?: boolean;
  readonly priority?: 'high';
};

export type RtcDescription = { readonly type: 'offer' | 'answer' | 'pranswer' | 'rollback'; readonly sdp?: string };

export interface RtcCandidate extends RtcAddedCandidate {
  readonly address: string | null;
  readonly foundation: string | null;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly relatedPort: number | null;
  readonly type: string | null;
}

export interface RtcDtlsTransport {
  readonly state: string;
  getRemoteCertificates(): readonly ArrayBuffer[];
  addEventListener(type: 'statechange', listener: () => void): void;
  removeEventListener(type: 'statechange', listener: () => void): void;
}

/** Entries by id, as `getStats` answers. */
export interface RtcStats {
  forEach(visit: (entry: RtcStatsEntry) => void): void;
}
export type RtcStatsEntry = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

export type RtcStateEvent =
  | 'connectionstatechange'
  | 'iceconnectionstatechange'
  | 'icegatheringstatechange'
  | 'datachannel'
  | 'track'
  | 'negotiationneeded';

export interface RtcConnection {
  readonly connectionState: RtcConnectionState;
  readonly iceConnectionState: RtcIceState;
  readonly iceGatheringState: string;
  readonly localDescription: { readonly sdp: string } | null;
  readonly sctp: { readonly transport: RtcDtlsTransport; readonly maxMessageSize: number } | null;
  addEventListener(type: RtcStateEvent, listener: () => void): void;
  addEventListener(type: 'icecandidate', listener: (event: { readonly candidate: RtcCandidate | null }) => void): void;
  addEventListener(type: 'icecandidateerror', listener: (event: { readonly errorCode: number }) => void): void;
  addIceCandidate(candidate: RtcAddedCandidate): Promise<void>;
  addTransceiver(kind: 'video', options: { readonly direction: 'inactive' }): unknown;
  createDataChannel(label: string, options?: RtcChannelOptions): RtcChannel;
  createOffer(): Promise<RtcDescription>;
  createAnswer(): Promise<RtcDescription>;
  setLocalDescription(description?: RtcDescription): Promise<void>;
  setRemoteDescription(description: RtcDescription): Promise<void>;
  getStats(): Promise<RtcStats>;
  close(): void;
}

export type RtcAddedCandidate = {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly usernameFragment: string | null;
};

export interface RtcFactory {
  /** Fails for a configuration that it cannot read, and where there are too many connections. */
  open(config: RtcConfig): RtcConnection | Promise<RtcConnection>;
  /** Fresh, and used for one connection only. */
  makeCertificate(): Promise<RtcCertificate>;
}
