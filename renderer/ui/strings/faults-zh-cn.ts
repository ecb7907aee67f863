// The fault sentences in Simplified Chinese.

import type { FaultCode } from '../../../shared/model/fault.ts';
import type { FaultSentence } from './faults-en.ts';

export const faultsZhCn: Record<FaultCode, FaultSentence> = {
  'code-not-ours': { happened: '这不是 Tincan 代码。', todo: '请复制以 TINCAN: 开头的完整代码再粘贴。' },
  'code-incomplete': { happened: '代码缺了一段。', todo: '请从头到尾重新复制。' },
  'code-damaged': { happened: '代码里有一个字符不对。', todo: '请重新复制，或者扫描。' },
  'code-newer-version': { happened: '这个代码由更新版本的 Tincan 生成。', todo: '请更新这台电脑上的 Tincan。' },
  'code-own': { happened: '这是你自己的代码。', todo: '请发给对方，并收下对方的代码。' },
  'code-is-reply': { happened: '这是回复，这里需要邀请。', todo: '请对方给出第一屏上的代码。' },
  'code-is-invite': { happened: '这是邀请，这里需要回复。', todo: '请对方先收下你的代码，对方的代码就会变成回复。' },
  'code-other-invite': {
    happened: '这个回复对应的不是你现在显示的代码。',
    todo: '请把现在的代码发给对方，索取新的回复。',
  },
  'code-used': { happened: '这个代码已经用过了。', todo: '请对方点“换新代码”再给你。' },
  'code-malformed': { happened: '这个代码不是 Tincan 生成的。', todo: '请对方提供新代码。' },
  'code-unusable': {
    happened: '代码里没有这台电脑能到达的地址。',
    todo: '请加入同一网络，或双方选择“任何地方”，再生成新代码。',
  },
  'code-too-long': { happened: '这段文字太长，不可能是代码。', todo: '请只复制代码再粘贴。' },
  'code-foreign-sdp': { happened: '这来自其他工具，部分内容无法使用。', todo: '请对方提供 Tincan 代码。' },
  'picture-no-code': { happened: '图片里没有找到代码。', todo: '请换一张更清晰、包含整个方块的图片。' },
  'picture-unreadable': { happened: '这个文件不是可读的图片。', todo: '请使用 PNG、JPEG 或 WebP 图片。' },
  'camera-denied': { happened: 'Tincan 不能使用摄像头。', todo: '请在系统或浏览器设置中允许，或改为粘贴代码。' },
  'camera-missing': { happened: '没有找到摄像头。', todo: '请接上摄像头，或改为粘贴代码。' },
  'camera-busy': { happened: '摄像头正被其他程序使用。', todo: '请关闭那个程序，或改为粘贴代码。' },
  'link-unreachable': {
    happened: '无法联系到对方的电脑。',
    kept: '未完成的传输都保留着。',
    todo: '请生成新代码；不同网络时双方都选择“任何地方”。',
  },
  'link-tampered': {
    happened: '代码可能在途中被人改过，连接已切断。',
    kept: '没有发送任何内容。',
    todo: '请换一种方式交换代码，最好用摄像头。',
  },
  'link-version': { happened: '两边的 Tincan 版本不相通。', todo: '请都更新后再连接。' },
  'peer-violation': {
    happened: '对方违反了规则，连接已切断。',
    kept: '已完成的文件还在，此外什么都没写入。',
    todo: '请只与认识的人重新连接。',
  },
  'peer-left': {
    happened: '对方离开了，或者连接已结束。',
    kept: '已到达的内容保留着，以后可以继续。',
    todo: '再次连接即可继续。',
  },
  'peer-failed': {
    happened: '对方那边出了问题。',
    kept: '已到达的内容会保留，之后可以继续。',
    todo: '请点“重试”；如果仍然不行，请问对方的 Tincan 显示了什么。',
  },
  'manifest-invalid': {
    happened: '文件清单不合理，已拒绝。',
    kept: '什么都没有写入。',
    todo: '请对方更新 Tincan 后重新发送。',
  },
  'manifest-too-large': { happened: '一次传输的文件太多。', todo: '请分几次发送，或打成压缩包。' },
  'name-refused': {
    happened: '有文件的名称无法安全保存，整个请求已被拒绝。',
    kept: '什么都没有写入。',
    todo: '请对方改名后全部重新发送。',
  },
  'name-unsendable': { happened: '有文件的名称无法传送。', kept: '其他文件照常发送。', todo: '请改名后重新发送。' },
  'source-missing': { happened: '文件已经不在了。', kept: '其他文件继续传输。', todo: '请放回原处后重新发送。' },
  'source-changed': {
    happened: '文件在发送过程中被修改了。',
    kept: '其他文件继续传输。',
    todo: '等没有程序写入时再发送。',
  },
  'source-unreadable': { happened: '文件无法读取。', kept: '其他文件继续传输。', todo: '请检查权限后重新发送。' },
  'source-not-a-file': { happened: '这不是普通文件。', kept: '其他文件继续传输。', todo: '请发送它指向的真实文件。' },
  'disk-full': { happened: '磁盘已满。', kept: '已到达的内容都保留着。', todo: '请在磁盘上腾出空间。' },
  'disk-quota': {
    happened: '你在这个磁盘上的配额用完了。',
    kept: '已到达的内容都保留着。',
    todo: '请清理一些空间。',
  },
  'disk-denied': {
    happened: 'Tincan 不能写入那个文件夹。',
    kept: '之前到达的内容保留着。',
    todo: '请换一个文件夹，或修改权限后点“重试”。',
  },
  'disk-gone': {
    happened: '文件夹不见了，可能是磁盘被拔出。',
    kept: '没有写到别的地方。',
    todo: '请接回来后点“重试”，或换一个文件夹。',
  },
  'disk-read-only': { happened: '那个磁盘只能读取。', kept: '没有写入任何内容。', todo: '请换一个文件夹。' },
  'disk-error': { happened: '磁盘报告了错误。', kept: '已核对的文件是安全的。', todo: '请检查磁盘后点“重试”。' },
  'disk-file-too-large': {
    happened: '这个磁盘放不下这么大的文件。',
    kept: '其他文件继续传输。',
    todo: '请选择另一个磁盘上的文件夹。',
  },
  'disk-name-too-long': {
    happened: '有名称对这个磁盘来说太长。',
    kept: '其他文件继续传输。',
    todo: '请选择层级更浅的文件夹。',
  },
  'disk-too-many-open': {
    happened: '系统打开的文件太多。',
    kept: '已到达的内容都保留着。',
    todo: '请关闭一些程序后点“重试”。',
  },
  'destination-refused': { happened: '那个文件夹不能使用。', todo: '请选择一个存在且可以写入的文件夹。' },
  'publish-waiting': {
    happened: '所有内容都已到达，但有些文件暂时无法放到目标位置。',
    kept: '它们已通过校验，保存在目标位置旁边。',
    todo: '请关闭可能正在使用该文件夹的程序。',
  },
  'data-folder-full': {
    happened: '存放 Tincan 自身数据的磁盘已满。',
    kept: '已到达的内容都保留着。',
    todo: '请在该磁盘上腾出空间。',
  },
  'data-unreadable': {
    happened: 'Tincan 无法读取自己的数据。',
    kept: '该文件保持原样。',
    todo: '请检查磁盘，然后重新启动 Tincan。',
  },
  'block-damaged': {
    happened: '有一块到达时已损坏，已丢弃。',
    kept: '其他部分都保留着。',
    todo: '请点“重试”，只会补发缺少的部分。',
  },
  'hash-mismatch': {
    happened: '整体与发送的内容不一致。',
    kept: '未经核对的内容没有放进你的文件夹。',
    todo: '请点“重试”。',
  },
  'transfer-unknown': {
    happened: '对方已不记得这次传输。',
    kept: '已到达的内容会留到你丢弃为止。',
    todo: '请对方重新发送。',
  },
  'transfer-refused': {
    happened: '对方拒绝了这次传输。',
    kept: '你的文件没有变化。',
    todo: '请问问对方，再重新发送。',
  },
  'journal-damaged': {
    happened: '这次传输的记录已损坏。',
    kept: '已完成的文件是安全的。',
    todo: '请丢弃它并重新发送。',
  },
  'bridge-invalid': {
    happened: '页面与 Tincan 之间出现了误解。',
    kept: '你的文件没有变化。',
    todo: '请刷新页面；若仍出现，请从“诊断”复制报告。',
  },
  'bridge-closed': {
    happened: 'Tincan 已停止。',
    kept: '已到达的内容保留着。',
    todo: '请重新启动，并使用它打开的页面。',
  },
  'bridge-busy': { happened: '一下子太多了。', kept: '没有丢失任何内容。', todo: '请稍等再试。' },
  'bridge-refused': { happened: '这个页面不能使用 Tincan。', todo: '请打开 Tincan 显示的地址。' },
  'keychain-locked': {
    happened: '这台电脑的密钥串已锁定，无法读取或保存已记住的电脑。',
    kept: '它们保持不变。',
    todo: '请解锁密钥串后再试。',
  },
  'settings-invalid': { happened: '这个设置不能使用。', kept: '原来的设置不变。', todo: '请改正后再试。' },
  internal: {
    happened: 'Tincan 内部出了问题。',
    kept: '已核对的文件是安全的。',
    todo: '请再试一次；若仍出现，请从“诊断”复制报告。',
  },
};
