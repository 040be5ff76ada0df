export const zh = {
  skip: '跳到正文', menu: '菜单', places: '栏目', more: '更多', publicSite: '公众版',
  place: { cockpit: '驾驶舱', map: '一张图', cases: '案件', work: '我的工作', systems: '系统', data: '数据', plan: '规划', evidence: '存证', settings: '设置' },
  sub: { devices: '设备', rules: '规则', calendar: '工作日历', alerts: '告警中心', water: '水系监测', returns: '数据填报', tasks: '任务', reports: '评估报告', comments: '公众意见', indicators: '指标', conflicts: '口径冲突' },
  post: {
    label: '岗位', reader: '读者（未选岗位）', open: '开放模式：岗位为自选声明', openMore: '本服务器没有开启身份认证，岗位由使用者自行声明，每次操作都会照此记入存证。',
    role: '以什么身份', organisation: '代表哪个单位', apply: '就用这个岗位', choose: '选择岗位', unknown: '岗位列表读取不到',
  },
  lang: 'English', langLabel: 'Switch to English', dark: '换成深色', light: '换成浅色',
  time: {
    label: '回看', now: '现在', title: '回看任一时点', how: '选一个时间或记录号，整个控制台都按那一刻的数据显示。', byDate: '按时间', byRecord: '按记录号', go: '回看',
    back: '返回现在', looking: '正在回看 {{what}}', record: '第 {{n}} 号记录', readonly: '回看时不能修改。', first: '最早 {{at}}', newest: '最新 {{n}} 号',
  },
  live: { up: '实时', opening: '接通中', down: '未连接', upMore: '数据一变，页面就更新。最新记录第 {{n}} 号。', downMore: '实时通道未接通，数据可能不是最新。', past: '回看中', stale: '数据停在{{ago}}' },
  palette: { open: '搜索或跳转', hint: '搜索页面、操作、数据；支持拼音和首字母', none: '没有找到“{{q}}”', pages: '页面', verbs: '操作', entities: '数据', keys: '↑↓ 选择 · Enter 打开 · Esc 关闭' },
  keys: { title: '键盘快捷键', palette: '搜索或跳转', help: '显示这张表', go: '先按 g 再按一键，前往', time: '回看', skip: '跳到正文', esc: '关闭窗口' },
  verb: { theme: '切换深色/浅色', lang: '切换中文/英文', screen: '大屏模式', print: '打印本页', now: '返回现在', public: '打开公众版', newCase: '登记案件' },
};
export const en: typeof zh = {
  skip: 'Skip to content', menu: 'Menu', places: 'Places', more: 'More', publicSite: 'Public site',
  place: { cockpit: 'Cockpit', map: 'Map', cases: 'Cases', work: 'My work', systems: 'Systems', data: 'Data', plan: 'Plan', evidence: 'Evidence', settings: 'Settings' },
  sub: { devices: 'Devices', rules: 'Rules', calendar: 'Working calendar', alerts: 'Alert centre', water: 'Waterways', returns: 'Returns', tasks: 'Tasks', reports: 'Reports', comments: 'Comments', indicators: 'Indicators', conflicts: 'Conflicts' },
  post: {
    label: 'Post', reader: 'Reader (no post)', open: 'Open mode: posts are declared, not proved', openMore: 'This server asks nobody who he is. The post is what the user declares, and is recorded so with every action.',
    role: 'Acting as', organisation: 'For which organisation', apply: 'Use this post', choose: 'Choose a post', unknown: 'The list of posts cannot be read',
  },
  lang: '中文', langLabel: '切换到中文', dark: 'Dark', light: 'Light',
  time: {
    label: 'Look back', now: 'Now', title: 'Look back at any moment', how: 'Choose a time or a record number; the whole console shows the data of that moment.', byDate: 'By time', byRecord: 'By record', go: 'Look back',
    back: 'Back to now', looking: 'Looking back at {{what}}', record: 'record {{n}}', readonly: 'Nothing can be changed in the past.', first: 'earliest {{at}}', newest: 'newest {{n}}',
  },
  live: { up: 'Live', opening: 'Connecting', down: 'Not connected', upMore: 'The page follows the data. Newest record {{n}}.', downMore: 'The live channel is down; data may be stale.', past: 'In the past', stale: 'as it was {{ago}}' },
  palette: { open: 'Search or go to', hint: 'Pages, actions, data; pinyin and initials work', none: 'Nothing found for “{{q}}”', pages: 'Pages', verbs: 'Actions', entities: 'Data', keys: '↑↓ choose · Enter open · Esc close' },
  keys: { title: 'Keyboard shortcuts', palette: 'Search or go to', help: 'Show this table', go: 'Press g, then a key, to go to', time: 'Look back', skip: 'Skip to content', esc: 'Close' },
  verb: { theme: 'Switch dark/light', lang: 'Switch Chinese/English', screen: 'Big screen', print: 'Print this page', now: 'Back to now', public: 'Open the public site', newCase: 'Enter a case' },
};
