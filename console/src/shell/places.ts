// The places of the console, two levels at most, with the pinyin and initials by which the palette finds them.
export type Place = { key: string; href: string; pinyin: string; initials: string; quick?: string; match: string[]; children?: { key: string; href: string; pinyin: string; initials: string }[] };

export const places: Place[] = [
  { key: 'cockpit', href: '/', pinyin: 'jiashicang', initials: 'jsc', quick: 'c', match: ['/'] },
  { key: 'map', href: '/map', pinyin: 'yizhangtu ditu', initials: 'yzt dt', quick: 'm', match: ['/map'] },
  {
    key: 'cases', href: '/cases', pinyin: 'anjian', initials: 'aj', quick: 'a', match: ['/cases', '/alerts', '/water'],
    children: [
      { key: 'alerts', href: '/alerts', pinyin: 'gaojingzhongxin gaojing', initials: 'gjzx gj' },
      { key: 'water', href: '/water', pinyin: 'shuixijiance shuixi', initials: 'sxjc sx' },
    ],
  },
  {
    key: 'work', href: '/work', pinyin: 'wodegongzuo', initials: 'wdgz', quick: 'w', match: ['/work', '/returns', '/comments'],
    children: [
      { key: 'returns', href: '/returns', pinyin: 'shujutianbao tianbao', initials: 'sjtb tb' },
      { key: 'comments', href: '/comments', pinyin: 'gongzhongyijian yijian', initials: 'gzyj yj' },
    ],
  },
  { key: 'systems', href: '/systems', pinyin: 'xitong', initials: 'xt', quick: 's', match: ['/systems'] },
  { key: 'data', href: '/data', pinyin: 'shuju', initials: 'sj', quick: 'd', match: ['/data', '/entity'] },
  {
    key: 'plan', href: '/indicators', pinyin: 'guihua', initials: 'gh', quick: 'p', match: ['/indicators', '/conflicts', '/tasks', '/reports'],
    children: [
      { key: 'indicators', href: '/indicators', pinyin: 'zhibiao', initials: 'zb' },
      { key: 'conflicts', href: '/conflicts', pinyin: 'koujingchongtu chongtu', initials: 'kjct ct' },
      { key: 'tasks', href: '/tasks', pinyin: 'renwu', initials: 'rw' },
      { key: 'reports', href: '/reports', pinyin: 'pinggubaogao baogao', initials: 'pgbg bg' },
    ],
  },
  { key: 'evidence', href: '/evidence', pinyin: 'cunzheng', initials: 'cz', quick: 'e', match: ['/evidence'] },
  {
    key: 'settings', href: '/settings', pinyin: 'shezhi', initials: 'sz', quick: ',', match: ['/settings', '/devices', '/rules'],
    children: [
      { key: 'devices', href: '/devices', pinyin: 'shebei', initials: 'sb' },
      { key: 'rules', href: '/rules', pinyin: 'guize', initials: 'gz' },
      { key: 'calendar', href: '/settings/calendar', pinyin: 'gongzuorili rili', initials: 'gzrl rl' },
    ],
  },
];
export const placeOf = (path: string): Place | undefined =>
  places.find((p) => p.match.some((m) => (m === '/' ? path === '/' : path === m || path.startsWith(`${m}/`))));
