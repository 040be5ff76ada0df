export const zh = {
  title: '指标', sub: '规划的目标和评估用到的全部数字。点任一数字，一路看到原句、记录和证明。', search: '按名称或问题查找', status: '状态', group: '分组', onlyGoals: '只看目标', sort: '排序', n: '共 {{n}} 项', of: '/ {{n}} 项',
  by: { order: '规划顺序', progress: '完成度', gap: '差距', name: '名称' },
  col: { name: '指标', actual: '实际', target: '目标', progress: '完成度', status: '状态', lead: '牵头', path: '路径', baseline: '基期' },
  question: '回答的问题', definition: '口径', chosen: '当前口径', validity: '适用 {{from}} 至 {{to}}', open: '至今', lead: '牵头', support: '配合', rule: '判定规则', direction: { up: '越大越好', down: '越小越好', qualitative: '定性' },
  lineage: '来龙去脉', lineageSub: '从数字到公式、输入、原句、记录和证明，逐层展开。', series: '历年数据', peers: '与其他区比较', peersNote: '各区口径未必相同，见来源。', conflicts: '口径冲突', settled: '口径已定', caveats: '使用时请注意', askWhom: '没有实际数据。{{who}}', fill: '去填报',
  section: '第 {{n}} 节', sentence: '原句', note: '口径说明', noSentence: '来源文件没有给出原句。', document: '文件', enteredBy: '录入', formula: '公式', inputs: '输入', record: '记录与证明', noRecord: '没有单独的记录：由下列输入推算得到。', entity: '查看数据条目',
  year: '年份', value: '数值', kind: '性质', subject: '对象', figure: '数字', progress: '完成度', gap: '差距', target: '目标', actual: '实际', baseline: '基期', interpolated: '按直线内插', stated: '规划原文', targetPath: '目标路径', noChart: '没有可以画图的数字。',
  related: '有关的任务和报告', noMatch: '没有符合条件的指标', prev: '上一项', next: '下一项', missing: '{{from}}–{{to}} 缺数据', row: '第 {{n}} 行', sections: '本页', expand: '全部展开', collapse: '全部收起',
};
export const en: typeof zh = {
  title: 'Indicators', sub: 'The goals of the plan and every figure the evaluation uses. Click a figure to see the sentence, the record and the proof.', search: 'Find by name or question', status: 'Status', group: 'Group', onlyGoals: 'Goals only', sort: 'Sort', n: '{{n}} in all', of: 'of {{n}}',
  by: { order: 'Order of the plan', progress: 'Progress', gap: 'Gap', name: 'Name' },
  col: { name: 'Indicator', actual: 'Actual', target: 'Target', progress: 'Progress', status: 'Status', lead: 'Lead', path: 'Path', baseline: 'Baseline' },
  question: 'Question', definition: 'Definition', chosen: 'in use', validity: 'Valid {{from}} to {{to}}', open: 'now', lead: 'Lead', support: 'With', rule: 'Rule', direction: { up: 'more is better', down: 'less is better', qualitative: 'qualitative' },
  lineage: 'Where it comes from', lineageSub: 'From the figure to formula, inputs, sentence, record and proof.', series: 'By year', peers: 'Other districts', peersNote: 'Definitions may differ; see the sources.', conflicts: 'Conflicts', settled: 'Settled', caveats: 'Mind when using it', askWhom: 'No actual figure. {{who}}', fill: 'File a return',
  section: 'Section {{n}}', sentence: 'Sentence', note: 'Definition', noSentence: 'The source gives no sentence.', document: 'Document', enteredBy: 'Entered by', formula: 'Formula', inputs: 'Inputs', record: 'Record and proof', noRecord: 'No record of its own: it is derived from the inputs below.', entity: 'Open the data',
  year: 'Year', value: 'Value', kind: 'Kind', subject: 'About', figure: 'Figure', progress: 'Progress', gap: 'Gap', target: 'Target', actual: 'Actual', baseline: 'Baseline', interpolated: 'interpolated', stated: 'stated', targetPath: 'Path to target', noChart: 'No figures to draw.',
  related: 'Tasks and reports', noMatch: 'No indicator matches', prev: 'Previous', next: 'Next', missing: '{{from}}–{{to}} missing', row: 'row {{n}}', sections: 'On this page', expand: 'Open all', collapse: 'Close all',
};
