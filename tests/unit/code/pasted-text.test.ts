import { describe, expect, it } from 'vitest';
import { decodeCode, encodeCode } from '../../../shared/code/code-text.ts';
import { sampleCode } from './sample-codes.ts';

const code = sampleCode();
const text = encodeCode(code);
const body = text.slice(7);
const wrapped = (width: number, joint: string) => text.match(new RegExp(`.{1,${width}}`, 'g'))!.join(joint);

describe('a code as people paste it (K4)', () => {
  it.each([
    ['as it is', text],
    ['in a sentence', `Hi! Take ${text} thanks, Bob`],
    ['with a full stop', `${text}.`],
    ['with words right below', `${text}\nSee you at 10`],
    ['in brackets', `(${text})`],
    ['in lower case', text.toLowerCase()],
    ['wrapped at 40', wrapped(40, '\n')],
    ['wrapped with Windows line ends', wrapped(64, '\r\n')],
    ['quoted in a reply', `> ${wrapped(50, '\n> ')}`],
    ['quoted twice', `>> ${wrapped(50, '\n>> ')}`],
    ['in groups with spaces', wrapped(5, ' ')],
    ['in groups with dashes', wrapped(5, '-')],
    ['with long dashes', wrapped(20, '—')],
    ['with no-break spaces', wrapped(10, '\u00a0')],
    ['with zero-width spaces', wrapped(1, '\u200b')],
    ['with soft hyphens and joiners', wrapped(9, '\u00ad\u2060')],
    ['with direction marks', `\u202a${text}\u202c`],
    ['in smart quotes', `“${text}”`],
    ['in backticks', `\`\`\`\n${text}\n\`\`\``],
    ['in bold', `**${text}**`],
    ['as a markdown link', `[${text}](tincan:${body})`],
    ['with entities', `&quot;${wrapped(30, '&#8203;&nbsp;')}&quot;`],
    ['with an escaped colon', text.replace(':', '&#58;')],
    ['in HTML', `<p><b>${wrapped(30, '<wbr>')}</b></p>`],
    ['as a link', `tincan:${body}`],
    ['as a link with slashes', `tincan://${body.toLowerCase()}/`],
    ['as an escaped link', `tincan%3A${body}`],
    ['with O for 0', text.replaceAll('0', 'O')],
    ['with l for 1', text.replaceAll('1', 'l')],
    ['with I for 1', text.replaceAll('1', 'I')],
    ['in full-width letters', [...text].map((char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join('')],
    ['without its first word', body],
    ['after a half of itself', `${text.slice(0, 60)}\n\n${text}`],
  ])('is taken %s', (_how, pasted) => {
    expect(decodeCode(pasted)).toMatchObject({ ok: true, code });
  });

  it('gives the last whole one of several', () => {
    const later = sampleCode({ kind: 'reply', sessionId: new Uint8Array(8).fill(9) });
    expect(decodeCode(`me: ${text}\nyou: ${encodeCode(later)} ok?`)).toMatchObject({ ok: true, code: later });
    expect(decodeCode(`me: ${text}\nyou: ${encodeCode(later).slice(0, 90)}`)).toMatchObject({ ok: true, code });
  });

  it('is called cut off, not damaged, when words follow the cut', () => {
    expect(decodeCode(`${text.slice(0, 80)}... (message truncated)`)).toMatchObject({
      fault: { code: 'code-incomplete' },
    });
  });
});
