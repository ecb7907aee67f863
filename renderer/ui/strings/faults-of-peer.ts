// Faults of a transfer whose cause is on the other computer: who sends writes to no disk, and who receives reads no files, so
// whatever happened to those happened over there; and who has to send again depends on the side. All other faults read the same on both sides.

import type { FaultCode } from '../../../shared/model/fault.ts';
import type { Direction } from '../../../shared/model/transfer.ts';
import type { FaultSentence } from './faults-en.ts';

type FaultsOfPeer = Readonly<Record<Direction, Partial<Record<FaultCode, FaultSentence>>>>;

const kept = 'What arrived before is kept there.';
const wentOn = 'The other files went on.';
const nowhere = 'Nothing was put anywhere else.';
const mend = 'Let them put that right; then press Try again.';
const again = 'Ask them to send it again.';

export const faultsOfPeerEn: FaultsOfPeer = {
  send: {
    'transfer-unknown': { happened: 'This transfer is not known any more.', todo: 'Send it again.' },
    'journal-damaged': { happened: 'The notes about this transfer are damaged.', todo: 'Send it again.' },
    'disk-full': { happened: 'Their disk is full.', kept, todo: 'They have to make room on it.' },
    'disk-quota': { happened: 'Their quota on their disk is used up.', kept, todo: 'They have to free some space.' },
    'disk-denied': { happened: 'Their Tincan may not write to its folder.', kept, todo: mend },
    'disk-gone': { happened: 'Their folder is gone; perhaps its drive was unplugged.', kept: nowhere, todo: mend },
    'disk-read-only': { happened: 'Their disk can only be read.', kept, todo: 'Let them choose another folder.' },
    'disk-error': { happened: 'Their disk reported an error.', kept, todo: mend },
    'disk-file-too-large': {
      happened: 'Their drive cannot hold a file that large.',
      kept: wentOn,
      todo: 'Let them choose a folder on another drive.',
    },
    'disk-name-too-long': {
      happened: 'A name is too long for their disk.',
      kept: wentOn,
      todo: 'Shorten it, or let them choose a folder nearer to the top of the drive.',
    },
    'disk-too-many-open': { happened: 'Their system has too many files open.', kept, todo: mend },
    'destination-refused': { happened: 'Their folder cannot be used.', todo: 'Let them choose another one.' },
    'publish-waiting': {
      happened: 'Everything arrived there, but some files could not be put in place yet.',
      kept: 'They are checked and kept there.',
      todo: mend,
    },
    'data-folder-full': { happened: 'The disk with their Tincan’s own data is full.', kept, todo: mend },
    'data-unreadable': { happened: 'Their Tincan could not read its own data.', kept, todo: mend },
    'name-refused': {
      happened: 'A file has a name that cannot be stored safely there, so the whole offer was declined.',
      kept: 'Nothing was written there.',
      todo: 'Rename it and send everything again.',
    },
  },
  receive: {
    'source-missing': { happened: 'The file is not there any more on their side.', kept: wentOn, todo: again },
    'source-changed': { happened: 'The file changed there while it was being sent.', kept: wentOn, todo: again },
    'source-unreadable': { happened: 'Their Tincan could not read the file.', kept: wentOn, todo: again },
    'source-not-a-file': { happened: 'On their side this is not a regular file.', kept: wentOn, todo: again },
    'source-too-many-open': {
      happened: 'Their system has too many files open.',
      kept: 'Everything that arrived is kept.',
      todo: mend,
    },
  },
};

const keptZh = '之前到达的内容保留在对方那里。';
const wentOnZh = '其他文件继续传输。';
const nowhereZh = '没有写到别的地方。';
const mendZh = '请对方处理好后点“重试”。';
const againZh = '请对方重新发送。';

export const faultsOfPeerZhCn: FaultsOfPeer = {
  send: {
    'transfer-unknown': { happened: '这次传输已经没有记录了。', todo: '请重新发送。' },
    'journal-damaged': { happened: '这次传输的记录已损坏。', todo: '请重新发送。' },
    'disk-full': { happened: '对方的磁盘已满。', kept: keptZh, todo: '需要对方在磁盘上腾出空间。' },
    'disk-quota': { happened: '对方的磁盘配额用完了。', kept: keptZh, todo: '需要对方清理一些空间。' },
    'disk-denied': { happened: '对方的 Tincan 不能写入它的文件夹。', kept: keptZh, todo: mendZh },
    'disk-gone': { happened: '对方的文件夹不见了，可能是磁盘被拔出。', kept: nowhereZh, todo: mendZh },
    'disk-read-only': { happened: '对方的磁盘只能读取。', kept: keptZh, todo: '请对方换一个文件夹。' },
    'disk-error': { happened: '对方的磁盘报告了错误。', kept: keptZh, todo: mendZh },
    'disk-file-too-large': {
      happened: '对方的磁盘放不下这么大的文件。',
      kept: wentOnZh,
      todo: '请对方选择另一个磁盘上的文件夹。',
    },
    'disk-name-too-long': {
      happened: '有名称对对方的磁盘来说太长。',
      kept: wentOnZh,
      todo: '请缩短名称，或请对方选择层级更浅的文件夹。',
    },
    'disk-too-many-open': { happened: '对方的系统打开的文件太多。', kept: keptZh, todo: mendZh },
    'destination-refused': { happened: '对方的文件夹不能使用。', todo: '请对方换一个文件夹。' },
    'publish-waiting': {
      happened: '所有内容都已到达对方，但有些文件暂时无法放到目标位置。',
      kept: '它们已通过校验，保存在对方那里。',
      todo: mendZh,
    },
    'data-folder-full': { happened: '对方存放 Tincan 自身数据的磁盘已满。', kept: keptZh, todo: mendZh },
    'data-unreadable': { happened: '对方的 Tincan 无法读取自己的数据。', kept: keptZh, todo: mendZh },
    'name-refused': {
      happened: '有文件的名称无法在对方那里安全保存，整个请求已被拒绝。',
      kept: '对方那里什么都没有写入。',
      todo: '请改名后全部重新发送。',
    },
  },
  receive: {
    'source-missing': { happened: '文件在对方那里已经不在了。', kept: wentOnZh, todo: againZh },
    'source-changed': { happened: '文件在发送过程中在对方那里被修改了。', kept: wentOnZh, todo: againZh },
    'source-unreadable': { happened: '对方的 Tincan 无法读取文件。', kept: wentOnZh, todo: againZh },
    'source-not-a-file': { happened: '在对方那里，这不是普通文件。', kept: wentOnZh, todo: againZh },
    'source-too-many-open': { happened: '对方的系统打开的文件太多。', kept: '已到达的内容都保留着。', todo: mendZh },
  },
};
