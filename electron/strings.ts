// Every text that the desktop app shows outside its page, in both languages: menus, the tray, questions. Electron's own labels
// for roles are English everywhere, so they are here too.

import type { ShownLanguage } from '../shared/model/language.ts';

const en = {
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  about: 'About Tincan',
  services: 'Services',
  hide: 'Hide Tincan',
  hideOthers: 'Hide Others',
  unhide: 'Show All',
  quit: 'Quit Tincan',
  close: 'Close Window',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  delete: 'Delete',
  selectAll: 'Select All',
  resetZoom: 'Actual Size',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  togglefullscreen: 'Full Screen',
  minimize: 'Minimize',
  zoom: 'Zoom',
  front: 'Bring All to Front',
  show: 'Show Tincan',
  trayTip: 'Tincan: files are moving',
  stillMoving: 'Files are still moving.',
  whatIsKept: 'What has arrived is kept, and the transfer can go on the next time both sides are linked.',
  keepGoing: 'Keep going',
  quitAnyway: 'Quit',
  hostStopped: 'Tincan cannot reach your files.',
  hostStoppedHelp:
    'The part of Tincan that reads and writes files stopped three times within a minute. What has arrived is kept. Try again, or quit and restart the computer if it happens again.',
  tryAgain: 'Try Again',
  folderBusy: 'Tincan is running already.',
  folderBusyHelp:
    'Another Tincan is using the same data folder, perhaps in a browser. Close it first, or start this one with --data-dir and another folder.',
};

export type DesktopStrings = { readonly [K in keyof typeof en]: string };

const zhCn: DesktopStrings = {
  file: '文件',
  edit: '编辑',
  view: '显示',
  window: '窗口',
  about: '关于 Tincan',
  services: '服务',
  hide: '隐藏 Tincan',
  hideOthers: '隐藏其他',
  unhide: '全部显示',
  quit: '退出 Tincan',
  close: '关闭窗口',
  undo: '撤销',
  redo: '重做',
  cut: '剪切',
  copy: '复制',
  paste: '粘贴',
  delete: '删除',
  selectAll: '全选',
  resetZoom: '实际大小',
  zoomIn: '放大',
  zoomOut: '缩小',
  togglefullscreen: '全屏',
  minimize: '最小化',
  zoom: '缩放',
  front: '全部前置',
  show: '显示 Tincan',
  trayTip: 'Tincan：正在传输文件',
  stillMoving: '文件仍在传输。',
  whatIsKept: '已收到的内容会保留。双方下次连接后可以继续传输。',
  keepGoing: '继续传输',
  quitAnyway: '退出',
  hostStopped: 'Tincan 无法访问你的文件。',
  hostStoppedHelp:
    'Tincan 中负责读写文件的部分在一分钟内停止了三次。已收到的内容会保留。请重试；如果再次发生，请退出并重新启动电脑。',
  tryAgain: '重试',
  folderBusy: 'Tincan 已在运行。',
  folderBusyHelp:
    '另一个 Tincan 正在使用同一个数据文件夹，可能在浏览器中。请先关闭它，或者用 --data-dir 指定另一个文件夹来启动。',
};

const spoken: Readonly<Record<ShownLanguage, DesktopStrings>> = { en, 'zh-CN': zhCn };

export const desktopStrings = (language: ShownLanguage): DesktopStrings => spoken[language];
