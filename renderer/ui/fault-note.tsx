// A fault as people read it: what happened, what was kept, what to do.

import { TriangleAlert } from 'lucide-react';
import type { FaultView } from '../../shared/model/fault.ts';
import { useStrings } from './app-context.tsx';

export function FaultNote({
  fault,
  handle,
  id,
}: {
  readonly fault: Pick<FaultView, 'code' | 'detail'>;
  readonly handle?: string;
  readonly id?: string;
}) {
  const { bytes, fault: sentenceOf, t } = useStrings();
  const { happened, kept, todo } = sentenceOf(fault.code);
  const { neededBytes, freeBytes } = fault.detail ?? {};
  return (
    <p className="fault" role="alert" id={id} data-testid={handle} data-code={fault.code}>
      <TriangleAlert aria-hidden size={18} />
      <span>
        <strong>{happened}</strong>{' '}
        {typeof neededBytes === 'number' && typeof freeBytes === 'number' && (
          <>{t('fault.room', { needed: bytes(neededBytes), free: bytes(freeBytes) })} </>
        )}
        {kept} {todo}
      </span>
    </p>
  );
}
