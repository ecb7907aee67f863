// A fault as people read it: what happened, what was kept, what to do.

import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FaultView } from '../../shared/model/fault.ts';
import type { Direction } from '../../shared/model/transfer.ts';
import { useApp, useStrings } from './app-context.tsx';
import { fixedFolderAdvice } from './folder-advice.ts';

export function FaultNote({
  fault,
  handle,
  id,
  seenFrom,
  happened: cause,
  instead,
  children,
}: {
  readonly fault: Pick<FaultView, 'code' | 'detail'>;
  readonly handle?: string;
  readonly id?: string;
  /** Of a transfer: a disk or a file may be the other side's. */
  readonly seenFrom?: Direction;
  /** Of what happened, where more is known than the code says. */
  readonly happened?: string | undefined;
  /** Of what was kept and what to do, where that is another thing now. */
  readonly instead?: string | undefined;
  /** What else is to be said here. */
  readonly children?: ReactNode;
}) {
  const { bytes, fault: sentenceOf, gap, t } = useStrings();
  const { happened, kept, todo } = sentenceOf(fault.code, seenFrom);
  const advice = useApp(({ facts }) => fixedFolderAdvice(fault.code, facts, seenFrom));
  const { neededBytes, freeBytes } = fault.detail ?? {};
  return (
    <p className="fault" role="alert" id={id} data-testid={handle} data-code={fault.code}>
      <TriangleAlert aria-hidden size={18} />
      <span>
        <strong>{cause ?? happened}</strong>
        {gap}
        {typeof neededBytes === 'number' &&
          typeof freeBytes === 'number' &&
          t('fault.room', { needed: bytes(neededBytes), free: bytes(freeBytes) }) + gap}
        {instead ?? `${kept === undefined ? '' : kept + gap}${advice === undefined ? todo : t(advice)}`}
        {children && gap}
        {children}
      </span>
    </p>
  );
}
