// Words with something drawn inside them, and names of strangers as inert text.

import { createElement, Fragment, type ReactNode } from 'react';
import { useStrings } from './app-context.tsx';
import type { StringKey, Values } from './strings/strings.ts';
import { nameParts, visibleName } from './visible-name.ts';

const mark = '\u0001';

/** Fills placeholders of a string with elements: `parts` for elements, `values` for plain words. */
export function Phrase({
  of,
  parts,
  values,
}: {
  readonly of: StringKey;
  readonly parts: Readonly<Record<string, ReactNode>>;
  readonly values?: Values;
}) {
  const { t } = useStrings();
  const marked = Object.fromEntries(Object.keys(parts).map((key) => [key, `${mark}${key}${mark}`]));
  const pieces = t(of, { ...values, ...marked }).split(mark);
  // Words and placeholders take turns; their places never change, so they need no keys.
  return createElement(Fragment, {}, ...pieces.map((piece, at) => (at % 2 === 0 ? piece : parts[piece])));
}

export function Name({
  text,
  max,
  className,
}: {
  readonly text: string;
  readonly max?: number;
  readonly className?: string;
}) {
  return (
    <bdi className={className} translate="no">
      {visibleName(text, max)}
    </bdi>
  );
}

/** A name cut in the middle where there is no room, so that its end stays: that is where its kind stands. */
export function FileName({ text, className = '' }: { readonly text: string; readonly className?: string }) {
  const { start, end, way } = nameParts(visibleName(text));
  if (end === '') return <Name text={text} className={className} />;
  return (
    <bdi className={`file-name ${className}`} dir={way} translate="no">
      <span>{start}</span>
      <span>{end}</span>
    </bdi>
  );
}
