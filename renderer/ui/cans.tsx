// Two cans and a string: the one picture of the app. The string hangs while there is no link, is taut when there is one,
// waves while bytes move, and lies torn while the other side cannot be reached.

import { memo } from 'react';

export type StringShape = 'slack' | 'pulling' | 'taut' | 'waving' | 'waving-back' | 'quiet';

const paths: Readonly<Record<StringShape, string>> = {
  slack: 'M46 31 C 90 74, 190 74, 234 31',
  pulling: 'M46 31 C 96 50, 184 50, 234 31',
  taut: 'M46 31 C 100 32, 180 32, 234 31',
  waving: 'M46 31 C 93 14, 93 48, 140 31 S 187 48, 234 31',
  'waving-back': 'M46 31 C 93 48, 93 14, 140 31 S 187 14, 234 31',
  quiet: 'M46 31 C 76 58, 104 70, 122 64 M158 66 C 180 70, 206 56, 234 31',
};

/** `done`: the part of what moves that is there, drawn along the string. */
export function Cans({ shape, done }: { readonly shape: StringShape; readonly done?: number }) {
  return (
    <svg className="cans" data-shape={shape} viewBox="0 0 280 76" aria-hidden="true" focusable="false">
      <Strings shape={shape} />
      {done !== undefined && done > 0 && (
        <path className="cans-done" d={paths[shape]} pathLength={1} strokeDasharray={`${done.toFixed(3)} 1`} />
      )}
      <Can x={6} />
      <Can x={234} />
    </svg>
  );
}

/** A string that waves swings between two that are both there: hiding one moves nothing on the page. */
function Strings({ shape }: { readonly shape: StringShape }) {
  if (shape !== 'waving' && shape !== 'waving-back') return <path className="cans-string" d={paths[shape]} />;
  return (
    <>
      <path className="cans-string" d={paths.waving} />
      <path className="cans-string cans-string-back" d={paths['waving-back']} />
    </>
  );
}

const Can = memo(({ x }: { readonly x: number }) => {
  return (
    <g transform={`translate(${x} 6)`}>
      <path className="can-body" d="M0 5 V45 C0 50 40 50 40 45 V5 Z" />
      <path className="can-label" d="M0 15 C0 19 40 19 40 15 V36 C40 40 0 40 0 36 Z" />
      <path className="can-stripe" d="M0 24 C0 28 40 28 40 24 V28 C40 32 0 32 0 28 Z" />
      <ellipse className="can-rim" cx="20" cy="5" rx="20" ry="4.5" />
      <ellipse className="can-inside" cx="20" cy="5" rx="16" ry="3" />
    </g>
  );
});

/** The same idea, small enough for a corner. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 40 28" aria-hidden="true" focusable="false">
      <path className="cans-string" d="M10 13 C 15 25, 25 25, 30 13" />
      <rect className="can-label" x="2" y="5" width="11" height="17" rx="2.5" />
      <rect className="can-label" x="27" y="5" width="11" height="17" rx="2.5" />
      <path className="can-stripe" d="M2 11 h11 v3.5 h-11z M27 11 h11 v3.5 h-11z" />
    </svg>
  );
}
