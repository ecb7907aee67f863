// Two hosts that meet over loopback, for tests of the direct lane: what each was told, and what came.

import { openBlockMemory } from '../../../host/block-memory.ts';
import { type LaneCertificate, makeLaneCertificate } from '../../../host/direct/certificate.ts';
import { type DirectMeeting, openMeeting } from '../../../host/direct/direct-meeting.ts';
import type { DirectStream } from '../../../host/direct/direct-stream.ts';
import type { DirectBlock } from '../../../host/direct/frame-reader.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { FirewallAt } from '../../../shared/model/transfer.ts';

export type MeetingSide = {
  readonly certificate: LaneCertificate;
  readonly meeting: DirectMeeting;
  readonly blocks: DirectBlock[];
  readonly lost: (string | undefined)[];
  readonly lanes: DirectStream[];
  readonly blocked: FirewallAt[];
  onBlock: (block: DirectBlock) => Promise<void>;
};

export async function openSide(after = systemClock.after): Promise<MeetingSide> {
  const certificate = await makeLaneCertificate(Date.now());
  const blocks: DirectBlock[] = [];
  const lost: (string | undefined)[] = [];
  const lanes: DirectStream[] = [];
  const blocked: FirewallAt[] = [];
  const meeting = await openMeeting(
    { certificate, after, memory: openBlockMemory(systemClock) },
    {
      lane: (stream) => void lanes.push(stream),
      block: (arrived) => {
        blocks.push(arrived);
        return side.onBlock(arrived);
      },
      lost: (refused) => void lost.push(refused),
      blocked: (at) => void blocked.push(at),
    },
  );
  const side: MeetingSide = { certificate, meeting, blocks, lost, lanes, blocked, onBlock: async () => undefined };
  return side;
}

export function tell(to: MeetingSide, about: MeetingSide): void {
  to.meeting.meet({ fingerprint: about.certificate.fingerprint, address: '127.0.0.1', port: about.meeting.port });
}
