export const zh = {
  title: '告警中心', sub: '哪里不对、有多急、为什么、谁在管。数据一变，本页就更新。', one: '告警', simulatedHow: '这条来自模拟数据，不代表实际情况',
  tab: { alerts: '告警', duty: '值班表', channels: '通知渠道' }, search: '搜索告警标题', state: '状态', open: '未解除',
  states: { raised: '未确认', acknowledged: '已确认', shelved: '搁置', cleared: '已解除' }, severity: '级别', category: '类别', rule: '规则', real: '数据', onlyReal: '只看真实', onlySimulated: '只看模拟',
  col: { severity: '级别', title: '告警', state: '状态', count: '次数', last: '最近', verbs: '操作' }, times: '{{n}} 次', none: '现在没有告警', noneDo: '规则触发时，告警会出现在这里。可以先看看有哪些规则在值守。', toRules: '看规则',
  shelvedUntil: '搁置到 {{at}}', by: '{{by}} {{at}}', escalated: '升级 {{n}} 次', acknowledged: '已确认', done: '{{what}}：已办',
  why: '为什么告警', inputs: '规则看到的数值', noInputs: '没有附带数值。', input: '项目', value: '数值', observedAt: '观测时间', facts: '基本情况', about: '对象', first: '首次', last: '最近', count: '发生次数', group: '合并组', escalation: '升级次数', case: '事项', cap: '通用告警协议（CAP）文件', capOpen: '打开 XML', location: '位置',
  steps: '经过', noSteps: '还没有经过。', past: '正在回看，不能操作。', actWhat: '处置告警的岗位：', choose: '请选择', need: '这一项要填', until: { h1: '1 小时', h4: '4 小时', morning: '明早 9 点' }, scheme: '分级标准', noteOptional: '可不填',
  duty: { now: '现在值班', none: '现在没有人值班', noneDo: '在“数据 → 值班班次”里录入班次，告警才知道找谁。', enter: '录入班次', gaps: '一周内的空档', gap: '{{from}} 至 {{to}} 没有人值班', noGaps: '一周内没有空档。', role: '岗位', organisation: '单位', person: '值班人', from: '开始', to: '结束', channels: '联系方式', shifts: '班次' },
  rules: {
    title: '规则', one: '规则', sub: '每条规则用一句话说清：看什么、到什么程度、做什么。可以先在历史数据上试运行。', search: '搜索规则', kind: '方式', pack: '能力包', enabled: '启停', on: '启用', off: '停用', firings: '触发', errors: '出错', last: '最近触发', clears: '解除', evaluations: '判断次数', type: '对象类型', effects: '做什么',
    when: { change: '数值变化', window: '时间窗统计', absence: '久无数据', schedule: '定时检查', geofence: '进出区域' }, effect: { alert: '发告警', case: '立案', set: '改属性', notify: '发通知' }, none: '没有规则', noneDo: '规则写在能力包的 rules 目录里。', switchWhat: '启停规则的岗位：',
    enable: '启用', disable: '停用', enableAsk: '启用后，新来的数据会立刻按这条规则判断。', disableAsk: '停用后，这条规则不再判断新数据，也不会发告警；已有的告警不受影响。', lastError: '最近一次出错', trial: '试运行', trialHow: '用历史数据走一遍，不留记录、不发告警', preset: { day: '最近一天', week: '最近一周', month: '最近一月' }, from: '从', to: '到', run: '试运行', running: '正在试运行…', badSpan: '开始要早于结束。',
    would: '会触发 {{n}} 次', ran: '{{from}} 至 {{to}}：读 {{observations}} 条观测，判断 {{evaluations}} 次，解除 {{clears}} 次，用时 {{ms}} 毫秒。', truncated: '下表只列前 {{n}} 条。', recent: '最近触发', noRecent: '还没有触发过', source: '规则原文', noSource: '没有原文。', at: '时间', did: '动作', raise: '触发', clear: '解除', seeAlerts: '看这条规则的告警',
  },
};
export const en: typeof zh = {
  title: 'Alert centre', sub: 'What is wrong, how urgent, why, and who has it. The page follows the data.', one: 'Alert', simulatedHow: 'From simulated data; not what is really so',
  tab: { alerts: 'Alerts', duty: 'On call', channels: 'Channels' }, search: 'Search titles', state: 'State', open: 'Not cleared',
  states: { raised: 'Not acknowledged', acknowledged: 'Acknowledged', shelved: 'Shelved', cleared: 'Cleared' }, severity: 'Severity', category: 'Category', rule: 'Rule', real: 'Data', onlyReal: 'Real only', onlySimulated: 'Simulated only',
  col: { severity: 'Severity', title: 'Alert', state: 'State', count: 'Count', last: 'Latest', verbs: 'Actions' }, times: '{{n}} ×', none: 'No alerts now', noneDo: 'When a rule fires, its alert appears here. See which rules keep watch.', toRules: 'See the rules',
  shelvedUntil: 'Shelved until {{at}}', by: '{{by}} {{at}}', escalated: 'escalated {{n}} ×', acknowledged: 'Acknowledged', done: '{{what}}: done',
  why: 'Why', inputs: 'What the rule saw', noInputs: 'No values came with it.', input: 'Item', value: 'Value', observedAt: 'Observed', facts: 'Facts', about: 'About', first: 'First', last: 'Latest', count: 'Times', group: 'Group', escalation: 'Escalations', case: 'Case', cap: 'Common Alerting Protocol (CAP) file', capOpen: 'Open the XML', location: 'Place',
  steps: 'What was done', noSteps: 'Nothing yet.', past: 'Looking back: nothing can be done.', actWhat: 'Acting on alerts takes the post of', choose: 'Choose', need: 'This is needed', until: { h1: '1 hour', h4: '4 hours', morning: '9 tomorrow' }, scheme: 'Scheme', noteOptional: 'optional',
  duty: { now: 'On call now', none: 'Nobody is on call', noneDo: 'Enter shifts under Data → On-call shifts, so that alerts know whom to tell.', enter: 'Enter shifts', gaps: 'Gaps in the coming week', gap: 'nobody from {{from}} to {{to}}', noGaps: 'No gaps in the coming week.', role: 'Post', organisation: 'Organisation', person: 'Person', from: 'From', to: 'To', channels: 'Reached by', shifts: 'Shifts' },
  rules: {
    title: 'Rules', one: 'Rule', sub: 'Each rule in one sentence: what it watches, how far, and what it does. Try it on the past first.', search: 'Search rules', kind: 'Kind', pack: 'Pack', enabled: 'Switch', on: 'On', off: 'Off', firings: 'Firings', errors: 'Errors', last: 'Last fired', clears: 'Clears', evaluations: 'Evaluations', type: 'Type', effects: 'Does',
    when: { change: 'Value changes', window: 'Over a window', absence: 'No data', schedule: 'By the clock', geofence: 'Enters or leaves' }, effect: { alert: 'alert', case: 'case', set: 'sets a value', notify: 'notifies' }, none: 'No rules', noneDo: 'Rules are written in the rules folder of a pack.', switchWhat: 'Switching rules takes the post of',
    enable: 'Switch on', disable: 'Switch off', enableAsk: 'New data will be judged by this rule at once.', disableAsk: 'The rule will judge no new data and raise no alert; alerts that stand are not touched.', lastError: 'Last error', trial: 'Dry run', trialHow: 'Over the past; nothing is recorded, nobody is alerted', preset: { day: 'Last day', week: 'Last week', month: 'Last month' }, from: 'From', to: 'To', run: 'Run', running: 'Running…', badSpan: 'The start must be before the end.',
    would: 'Would have fired {{n}} times', ran: '{{from}} to {{to}}: {{observations}} observations read, {{evaluations}} evaluations, {{clears}} clears, {{ms}} ms.', truncated: 'The first {{n}} are listed.', recent: 'Recent firings', noRecent: 'Never fired', source: 'As it is written', noSource: 'No source.', at: 'Time', did: 'Did', raise: 'Raised', clear: 'Cleared', seeAlerts: 'Alerts of this rule',
  },
};
