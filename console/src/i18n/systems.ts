export const zh = {
  title: '系统', sub: '规划里的系统由能力包实现。每个包有自己的数据、表单、视图和规则。', numbers: '规划清单第 {{n}} 号', noNumbers: '公共能力', types: '数据类型', entries: '{{n}} 条', version: '版本', tier: '成熟度',
  tiers: { draft: '草稿', working: '可用', trusted: '可信', kernel: '内核', office: '办公', department: '部门' }, open: '打开数据', missing: '没有这个能力包', covered: '已覆盖规划清单 {{n}} 个系统', posts: '可担任的岗位', empty: '还没有载入能力包', emptyDo: '把能力包放进 packs 文件夹后重启服务器。', search: '查找系统', places: '相关页面',
};
export const en: typeof zh = {
  title: 'Systems', sub: 'Packs realise the systems of the plan. Each has its data, forms, views and rules.', numbers: 'No. {{n}} of the plan', noNumbers: 'Common', types: 'Types', entries: '{{n}}', version: 'Version', tier: 'Maturity',
  tiers: { draft: 'draft', working: 'working', trusted: 'trusted', kernel: 'kernel', office: 'office', department: 'department' }, open: 'Open the data', missing: 'There is no such pack', covered: '{{n}} systems of the plan’s list covered', posts: 'Posts', empty: 'No packs loaded', emptyDo: 'Put packs into the packs folder and start the server again.', search: 'Find a system', places: 'Pages',
};
