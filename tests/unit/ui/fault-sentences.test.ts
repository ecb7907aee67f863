// What is said of a transfer that failed is true of it, whatever failed.

import { describe, expect, it } from 'vitest';
import { fixedFolderAdvice, hasFixedFolder } from '../../../renderer/ui/folder-advice.ts';
import { openStrings } from '../../../renderer/ui/strings/strings.ts';
import { mendedByFolder } from '../../../renderer/ui/transfer-status-text.ts';
import { type FaultCode, faultCodes } from '../../../shared/model/fault.ts';
import { languages } from '../../../shared/model/language.ts';
import { words } from '../../../shared/strings/languages.ts';

/** Of single files. Where a whole transfer fails with one of them, no other file went on. */
const ofFiles: readonly FaultCode[] = [
  'name-unsendable',
  'source-missing',
  'source-changed',
  'source-unreadable',
  'source-not-a-file',
  'disk-file-too-large',
  'disk-name-too-long',
];
const sides = [undefined, 'send', 'receive'] as const;

/** Told only where a system's store of secrets is locked. */
const keychains = {
  ar: 'سلسلة المفاتيح',
  de: 'Schlüsselbund',
  en: 'keychain',
  es: 'llavero',
  fr: 'trousseau',
  ja: 'キーチェーン',
  'pt-BR': 'chaveiro',
  'zh-CN': '钥匙串',
} as const;

describe.each(languages)('in %s', (language) => {
  const { fault } = openStrings(language, words[language]);

  it('a locked keychain, and no other fault, speaks of the keychain', () => {
    const speaks = faultCodes.filter((code) => fault(code).happened.includes(keychains[language]));
    expect(speaks).toEqual(['keychain-locked']);
  });

  it('a transfer that failed for its only file does not say that others went on', () => {
    for (const code of ofFiles) for (const side of sides) expect(fault(code, side)).not.toHaveProperty('kept');
  });
});

describe('in English', () => {
  const { fault, t } = openStrings('en', words.en);

  it('no transfer that failed speaks of other files', () => {
    for (const code of faultCodes)
      for (const side of sides) expect(fault(code, side).kept ?? '').not.toMatch(/other files/);
  });

  it('another folder is advised only where a button offers to choose one', () => {
    // A dialog of the person's own says that there is no such folder, and is open still.
    const ofDialogs: readonly FaultCode[] = ['destination-missing'];
    const advised = faultCodes.filter(
      (code) => /\bfolder\b/.test(fault(code, 'receive').todo) && !ofDialogs.includes(code),
    );
    expect(advised.length).toBeGreaterThan(4);
    expect(advised.filter((code) => !mendedByFolder.has(code) && /choose/i.test(fault(code, 'receive').todo))).toEqual(
      [],
    );
  });

  it('a shell that cannot ask for a folder advises no other one but at its start', () => {
    const shell = { shell: 'browser', folderDialog: false } as const;
    for (const code of faultCodes.filter((one) => mendedByFolder.has(one))) {
      for (const side of [undefined, 'receive'] as const) {
        const advice = fixedFolderAdvice(code, shell, side);
        const said = advice === undefined ? fault(code, side).todo : t(advice);
        expect(said).not.toMatch(/choose/i);
        expect(/another folder|another drive|somewhere else/.test(said)).toBe(/--download-dir/.test(said));
      }
      expect(fixedFolderAdvice(code, shell, 'send')).toBeUndefined();
      expect(fixedFolderAdvice(code, { shell: 'browser', folderDialog: true }, 'receive')).toBeUndefined();
    }
    for (const key of ['fixedFolder.goneKept', 'fixedFolder.shared', 'fixedFolder.full'] as const)
      expect(t(key)).not.toMatch(/choose (another|an)|another place/i);
    expect([hasFixedFolder(shell), hasFixedFolder({ shell: 'guest', folderDialog: false })]).toEqual([true, false]);
  });

  it('a system that opens no more files is not called a transfer that nobody knows', () => {
    for (const side of sides) {
      for (const code of ['source-too-many-open', 'disk-too-many-open'] as const)
        expect(fault(code, side).happened).toMatch(/too many files open/);
    }
  });

  it('what stands still is put down to nobody: it may be the own host as well', () => {
    expect(t('transfer.still')).not.toMatch(/other|their|wait/i);
  });
});
