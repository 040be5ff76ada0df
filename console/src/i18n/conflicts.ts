export const zh = {
  title: '口径冲突', sub: '同一件事有两种说法时，并列显示，不取平均。由数字经济办选定口径并说明理由，选定之前不下结论。', open: '待确认 {{n}}', settled: '已确认 {{n}}', all: '全部',
  kind: { contradiction: '数字矛盾', 'definition-gap': '口径不明', population: '范围不同' }, none: '没有口径冲突', noneDo: '有矛盾的数字出现时会列在这里。', side: '说法 {{n}}', chosen: '已选定', choose: '采用这一说法', neither: '都不采用（两种说法并存，指标不作判定）',
  reason: '理由', reasonHint: '写明依据，例如文件名称、条款、会议纪要。这条理由会随记录公开。', reasonShort: '理由至少 4 个字。', chooseFirst: '请先选一种说法。', resolve: '确认口径', withdraw: '撤回确认', withdrawAsk: '撤回后，冲突恢复为待确认，指标状态随之改变；原来的确认仍留在记录里。要撤回吗？',
  resolvedBy: '由 {{by}} 于 {{at}} 确认', record: '确认的记录', noPost: '确认口径需要“数字经济办”岗位，请在右上角切换。', past: '正在回看，不能确认。', resolved: '已确认口径', withdrawn: '已撤回', indicator: '涉及指标', difference: '相差 {{n}}', resolution: '处理结果', wait: '待确认', noSource: '没有给出原句', derived: '由公式推算',
};
export const en: typeof zh = {
  title: 'Conflicts', sub: 'Where two statements disagree they stand side by side, never averaged. The office chooses one and says why; until then nothing is judged.', open: 'Open {{n}}', settled: 'Settled {{n}}', all: 'All',
  kind: { contradiction: 'Contradiction', 'definition-gap': 'Definition unclear', population: 'Different populations' }, none: 'No conflicts', noneDo: 'Figures that contradict each other appear here.', side: 'Statement {{n}}', chosen: 'Chosen', choose: 'Use this one', neither: 'Neither (both stand, the indicator is not judged)',
  reason: 'Reason', reasonHint: 'Say on what ground: document, clause, minutes. The reason is public with the record.', reasonShort: 'At least 4 characters.', chooseFirst: 'Choose a statement first.', resolve: 'Settle', withdraw: 'Take back', withdrawAsk: 'The conflict becomes open again and the status of the indicator changes; that it was settled stays in the records. Take it back?',
  resolvedBy: 'Settled by {{by}}, {{at}}', record: 'Record of the decision', noPost: 'Settling takes the post of the office; switch at the top right.', past: 'Looking back: nothing can be settled.', resolved: 'Settled', withdrawn: 'Taken back', indicator: 'Indicator', difference: 'differ by {{n}}', resolution: 'Outcome', wait: 'Open', noSource: 'No sentence given', derived: 'Computed as',
};
