// Which names are asked about, because opening them runs a program on some system.

import { describe, expect, it } from 'vitest';
import { canRunPrograms, flagsOf } from '../../../shared/model/name-flags.ts';

describe('a name', () => {
  it.each(
    (
      'setup.exe RUN.BAT a.b.cmd x.hta x.chm x.msc x.vb x.ws x.wsc x.sct x.dll x.xll x.appref-ms x.settingcontent-ms x.diagcab ' +
      'x.searchConnector-ms x.website x.vhdx x.fileloc x.inetloc x.webloc x.scpt x.scptd x.prefPane x.mobileconfig x.mpkg ' +
      'x.csh x.ksh x.flatpakref x.snap x.jnlp x.pyw x.class'
    ).split(' '),
  )('%s can run programs', (name) => {
    expect(canRunPrograms(name)).toBe(true);
    expect(flagsOf(name, false)).toContain('executable-kind');
  });

  it.each([
    'report.pdf',
    'IMG_1.jpg',
    'notes.txt',
    'page.html',
    'data.csv',
    'music.flac',
    'archive.zip',
    'exe',
    'x.exe.txt',
  ])('%s runs none', (name) => expect(canRunPrograms(name)).toBe(false));
});
