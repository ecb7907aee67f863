// Files may be dropped anywhere: while something hovers, the whole window says so.

import { Inbox } from 'lucide-react';
import { type CSSProperties, useEffect, useState } from 'react';
import { useActions, useStrings } from './app-context.tsx';

export function DropTarget() {
  const { t } = useStrings();
  const { dropped, takePictureOrStage } = useActions();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const onDrop = (event: DragEvent) => {
      setOver(false);
      if (event.defaultPrevented || event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      // As pasted: a picture of their code is one wherever it is let go.
      const isPicture = files.length === 1 && files[0]!.type.startsWith('image/');
      if (isPicture && document.querySelector('[data-testid="code-input"]') !== null) void takePictureOrStage(files);
      else dropped(event.dataTransfer);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [dropped, takePictureOrStage]);
  if (!isOver) return null;
  return (
    <div
      className="drop-target"
      data-testid="drop-target"
      aria-hidden="true"
      style={{ '--scroll-bar': `${innerWidth - document.documentElement.offsetWidth}px` } as CSSProperties}
    >
      <Inbox size={48} />
      <strong>{t('linked.dropNow')}</strong>
      <span>{t('linked.dropNowHelp')}</span>
    </div>
  );
}
