// The one sentence of the network check, in both languages: what it must say, and that no two are the same.

import { describe, expect, it } from 'vitest';
import { openStrings } from '../../../renderer/ui/strings/strings.ts';
import type { NetworkVerdict } from '../../../shared/model/network-view.ts';
import { words } from '../../../shared/strings/languages.ts';

const mustSay: Readonly<Record<NetworkVerdict, readonly [RegExp, RegExp]>> = {
  offline: [/on no network/, /没有连接/],
  unasked: [/Add a STUN server/, /添加一个 STUN/],
  blocked: [/UDP seems blocked.*relay \(TURN\) over TCP or TLS/, /阻止了 UDP.*TCP 或 TLS/],
  'blocked-relayed': [/UDP seems blocked.*your relay works/, /阻止了 UDP.*你的中继可用/],
  open: [/public address/, /公网地址/],
  same: [/^You can connect to people on most networks\.$/, /^可以与大多数网络连接。$/],
  strict: [/^This network needs a relay.*Add a TURN server/, /需要中继.*添加 TURN/],
  'strict-relayed': [/needs a relay, and yours works/, /需要中继，而你的中继可用/],
  'one-server': [/One server cannot tell.*because.*Add a second/, /一个服务器无法判断.*因为.*再添加一个/],
  'one-answer': [/Only one server answered.*takes two/, /只有一个服务器回答.*需要两个/],
  'own-address': [/public address.*cannot be told/, /公网地址.*无法判断/],
};

describe.each(['en', 'zh-CN'] as const)('the network check in %s', (language) => {
  const { t } = openStrings(language, words[language]);
  const sentences = Object.keys(mustSay).map((verdict) => t(`network.${verdict as NetworkVerdict}`));

  it.each(Object.entries(mustSay))('says what %s means', (verdict, patterns) => {
    const sentence = t(`network.${verdict as NetworkVerdict}`);
    expect(sentence).toMatch(patterns[language === 'en' ? 0 : 1]);
    expect(sentence).not.toMatch(/\bNAT\b|srflx|symmetric|\bICE\b/i);
  });

  it('says nothing twice', () => {
    expect(new Set(sentences).size).toBe(sentences.length);
  });
});
