export const zh = {
  title: '设置', sub: '这些选择只保存在本浏览器。', look: '外观', theme: '明暗', light: '浅色', dark: '深色', lang: '语言', post: '岗位', health: '服务器状况', version: '版本', district: '城区', access: '访问方式', open: '开放（仅本机，未开启身份认证）',
  tenant: '租户', durable: '已落盘记录', applied: '已生效记录', logSize: '日志记录数', waiting: '排队命令', viewBytes: '视图占用', entities: '实体总数', failure: '故障', none: '无', good: '正常', behind: '视图落后 {{n}} 条', bad: '有故障', keys: '快捷键', keysHow: '按 ? 显示全部快捷键。', api: '接口说明', apiHow: 'OpenAPI 3 文档',
};
export const en: typeof zh = {
  title: 'Settings', sub: 'These choices stay in this browser.', look: 'Look', theme: 'Theme', light: 'Light', dark: 'Dark', lang: 'Language', post: 'Post', health: 'Server', version: 'Version', district: 'District', access: 'Access', open: 'open (this machine only; nobody is asked who he is)',
  tenant: 'Tenant', durable: 'Records on disk', applied: 'Records applied', logSize: 'Records in the log', waiting: 'Commands waiting', viewBytes: 'Size of the views', entities: 'Entities', failure: 'Failure', none: 'none', good: 'in order', behind: 'views are {{n}} behind', bad: 'failed', keys: 'Shortcuts', keysHow: 'Press ? to see them all.', api: 'Interfaces', apiHow: 'OpenAPI 3 document',
};
