export const zh = {
  title: '驾驶舱', goals: '离目标还有多远', needs: '需要我办', needsNone: '没有等着办的事。', changed: '最近变化', changedNone: '还没有记录。', tasks: '任务', allIndicators: '全部指标',
  of: '{{n}} 项目标', screen: '大屏', leave: '退出大屏', print: '打印', askWhom: '请问 {{who}}', noData: '无数据', target: '目标', actual: '实际', baseline: '基期', gap: '差 {{n}}', progress: '完成 {{n}}%',
  conflict: '口径冲突 {{n}} 处', conflictSettled: '口径已定', legend: '细线为目标路径，实线为实际，虚线为估计，斜纹为缺数据', empty: '还没有规划目标', emptyDo: '规划包导入后，这里显示每个目标的进度。', system: '系统',
  qualitative: '定性目标', lead: '牵头', estimateOf: '{{y}} 年', atRecord: '记录 {{n}}', noGoals: '目标定为零项',
};
export const en: typeof zh = {
  title: 'Cockpit', goals: 'How far from the goals', needs: 'Needs me', needsNone: 'Nothing is waiting.', changed: 'What changed', changedNone: 'No records yet.', tasks: 'Tasks', allIndicators: 'All indicators',
  of: '{{n}} goals', screen: 'Big screen', leave: 'Leave big screen', print: 'Print', askWhom: 'Ask {{who}}', noData: 'No data', target: 'Target', actual: 'Actual', baseline: 'Baseline', gap: '{{n}} to go', progress: '{{n}}% done',
  conflict: '{{n}} conflicts', conflictSettled: 'Definition settled', legend: 'Thin line: path to the target; solid: actual; dashed: estimate; hatched: no data', empty: 'No goals yet', emptyDo: 'Once the plan is imported, its goals appear here.', system: 'System',
  qualitative: 'Qualitative', lead: 'Lead', estimateOf: '{{y}}', atRecord: 'Record {{n}}', noGoals: 'No goals',
};
