export const zh = {
  sub: '告警、催办等通知先到控制台；这里决定还发到谁的邮箱、企业微信或系统，并看每一条发到了没有。', past: '正在回看；通知渠道只有现在的样子，不能修改。', who: '管理通知渠道的岗位：',
  ways: '四种渠道', waysNote: '数字从服务启动时算起', ready: '可以用', missing: '还没有配置', waiting: '等待发送', sent: '已发出', failed: '发送出错', lastSent: '最近发出', lastError: '最近出错', never: '还没有',
  way: { mail: '邮件', webhook: '网络回调', 'wecom-robot': '企业微信群机器人', wecom: '企业微信应用' },
  whatFor: { mail: '发到邮箱。', webhook: '把通知作为 JSON 发给另一个系统的网址。', 'wecom-robot': '发到企业微信群，机器人的地址由群主给出。', wecom: '发给企业微信里的一名成员。' },
  setup: {
    mail: '启动服务时加上邮件服务器 `--smtp smtps://用户:密码@主机` 和发件人 `--mail-from "数智海珠 <nacre@example.org>"`，也可以写在配置文件或环境变量 `NACRE_SMTP`、`NACRE_MAIL_FROM` 里。',
    wecom: '启动服务时加上企业微信应用 `--wecom https://企业编号:密钥@qyapi.weixin.qq.com/应用编号`，也可以用环境变量 `NACRE_WECOM`。',
    other: '启动服务时缺少设置 `{{what}}`。',
  },
  tip: {
    webhook: '内网的主机要先用 `--outbound-hosts` 放行；设了 `--webhook-secret` 就带签名。', 'wecom-robot': '只要填地址，不需要别的设置。',
    mail: '通知里的链接用 `--public-url` 的网址。', wecom: '成员编号在企业微信通讯录里，叫“账号”。',
  },
  contacts: '联系方式', contactsNote: '地址只显示一部分；全部地址只用来发送', add: '添加联系方式', change: '修改', remove: '删除', none: '还没有联系方式', noneDo: '通知现在只在控制台里。添加一个岗位的邮箱或企业微信，重要的通知就会发出去。',
  col: { role: '岗位', from: '从多重要起', addresses: '地址', until: '时间', verbs: '操作' }, everyOrganisation: '各单位的这一岗位', everybody: '岗位全体', gravity: { info: '告知', warning: '提醒', urgent: '紧急' }, gravityUp: { info: '全部通知', warning: '提醒及以上', urgent: '只发紧急' },
  alsoSimulated: '也发模拟通知', shift: '值班', shiftHow: '来自值班表，请到值班表里改', toDuty: '看值班表', standing: '长期', noAddress: '没有地址', wrong: '有 {{n}} 个地址看不懂', shiftSpan: '{{from}} 至 {{to}}',
  form: {
    add: '添加联系方式', change: '修改联系方式', role: '岗位', roleChoose: '请选择岗位', organisation: '单位', organisationHow: '输入名称查找；不填就是各单位的这一岗位', organisationBad: '请从列表里选一个单位', person: '人员编号', personHow: '可不填；填了就只收给这个人的通知',
    from: '从多重要的通知起', fromHow: { info: '所有通知都发，可能很多。', warning: '要看一眼的：告警、催办、超期。', urgent: '要马上办的：最高级别告警、督办、升级。' }, simulatedHow: '模拟数据触发的通知默认只留在控制台', addresses: '地址', addressesHow: '一处一行，最多 10 处。先“发送测试”，收到了再保存。',
    kept: '现在的地址：{{list}}。下面不填就保持不变；填了就全部换成新的。', way: '渠道', address: '地址', addAddress: '再加一处', drop: '去掉这一处', test: '发送测试', testing: '正在发送…', tested: '测试已发出，请到对方那里确认收到。', testFailed: '没有发到', needAddress: '至少填一个地址', need: '这一项要填', saved: '已保存', added: '已添加', notReady: '这种渠道还没有配置，先存下来，配置好再发。',
    bad: { mail: '邮箱应像 zhiban@example.org', webhook: '网址应以 https:// 或 http:// 开头', 'wecom-robot': '应是群机器人的完整网址', wecom: '成员编号只有字母、数字和 _ - . @' },
    example: { mail: 'zhiban@example.org', webhook: 'https://example.org/hook', 'wecom-robot': 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…', wecom: 'zhiban01' },
  },
  removeTitle: '删除联系方式', removeAsk: '删除后，给“{{who}}”的通知不再发到 {{list}}；控制台里照常看得到，记录里也留着。', removed: '已删除',
  deliveries: '发送情况', deliveriesNote: '最新在前；每条通知发到每个地址各一行', all: '全部', states: { sent: '已发出', waiting: '等待发送', failed: '没有发到' }, at: '时间', subject: '通知', to: '发到', state: '结果', tries: '试了 {{n}} 次', again: '重发', againDone: '已重新发往 {{n}} 个地址', noDeliveries: '还没有往外发过通知', noDeliveriesDo: '有告警、催办或督办时，按上面的联系方式发出，结果列在这里。',
  colon: '：', why: { channel_missing: '这种渠道还没有配置', channel_address: '地址不能用', channel_no_answer: '连不上对方', channel_timeout: '对方没有及时应答', channel_status: '对方报错', channel_answer: '看不懂对方的应答', mail_refused: '对方邮件服务器拒收', mail_unsent: '邮件没有发出', mail_invalid: '邮件地址不对', wecom_refused: '企业微信拒收', wecom_user: '企业微信里没有这名成员' },
  duty: {
    add: '录入班次', title: '录入班次', role: '岗位', organisation: '单位', organisationHow: '输入名称查找', person: '值班人编号', personHow: '可不填', from: '开始', to: '结束', badSpan: '结束要晚于开始', channels: '联系方式', channelsHow: '可不填。值班期间，给这个岗位的通知也发到这里。', saved: '班次已录入', spans: { day: '今天白班 8–20 时', night: '今天夜班 20–8 时', week: '今天 8 时起一周' },
  },
};
export const en: typeof zh = {
  sub: 'Notices are in the console first; here is decided who else is told by mail, WeCom or another system, and whether each one arrived.', past: 'Looking back: the channels are as they are now, and cannot be changed.', who: 'Keeping the channels takes the post of',
  ways: 'Four ways', waysNote: 'Counted since the server started', ready: 'Ready', missing: 'Not set up', waiting: 'Waiting', sent: 'Sent', failed: 'Failed tries', lastSent: 'Last sent', lastError: 'Last error', never: 'never',
  way: { mail: 'E-mail', webhook: 'Webhook', 'wecom-robot': 'WeCom group robot', wecom: 'WeCom application' },
  whatFor: { mail: 'To a mailbox.', webhook: 'As JSON to the address of another system.', 'wecom-robot': 'To a WeCom group; its owner gives the robot’s address.', wecom: 'To one member in WeCom.' },
  setup: {
    mail: 'Start the server with a mail server, `--smtp smtps://user:password@host`, and a sender, `--mail-from "Nacre <nacre@example.org>"`; the configuration file or `NACRE_SMTP` and `NACRE_MAIL_FROM` do as well.',
    wecom: 'Start the server with a WeCom application, `--wecom https://CORPID:SECRET@qyapi.weixin.qq.com/AGENTID`, or set `NACRE_WECOM`.',
    other: 'The server was started without `{{what}}`.',
  },
  tip: {
    webhook: 'Inside hosts are allowed by `--outbound-hosts`; with `--webhook-secret` messages are signed.', 'wecom-robot': 'An address is enough; nothing is to be set up.',
    mail: 'Links in notices begin with `--public-url`.', wecom: 'The member’s id is the account in the WeCom directory.',
  },
  contacts: 'Contacts', contactsNote: 'Addresses are masked; whole, they serve for sending only', add: 'Add a contact', change: 'Change', remove: 'Remove', none: 'No contacts yet', noneDo: 'Notices stay in the console. Add the mailbox or WeCom of a post, and what matters is sent there.',
  col: { role: 'Post', from: 'From', addresses: 'Addresses', until: 'When', verbs: 'Actions' }, everyOrganisation: 'This post of every organisation', everybody: 'everybody of the post', gravity: { info: 'Notice', warning: 'Reminder', urgent: 'Urgent' }, gravityUp: { info: 'Everything', warning: 'Reminders and above', urgent: 'Urgent only' },
  alsoSimulated: 'Simulated notices too', shift: 'On call', shiftHow: 'From the on-call table; change it there', toDuty: 'See who is on call', standing: 'Standing', noAddress: 'No address', wrong: 'Not readable: {{n}}', shiftSpan: '{{from}} to {{to}}',
  form: {
    add: 'Add a contact', change: 'Change a contact', role: 'Post', roleChoose: 'Choose a post', organisation: 'Organisation', organisationHow: 'Type to search; left empty it is this post of every organisation', organisationBad: 'Choose an organisation from the list', person: 'Person', personHow: 'Optional; then only what is for this person',
    from: 'From which notices on', fromHow: { info: 'Everything, which may be much.', warning: 'What is to be looked at: alerts, urging, overdue.', urgent: 'What is to be done at once: highest alerts, supervision, escalation.' }, simulatedHow: 'What simulated data caused stays in the console unless chosen', addresses: 'Addresses', addressesHow: 'One a line, at most 10. Send a test first; save once it arrived.',
    kept: 'Addresses now: {{list}}. Left empty below, they stay; otherwise all are replaced.', way: 'Way', address: 'Address', addAddress: 'One more', drop: 'Take this one out', test: 'Send a test', testing: 'Sending…', tested: 'The test was sent; see that it arrived.', testFailed: 'Not delivered', needAddress: 'One address at least', need: 'This is needed', saved: 'Saved', added: 'Added', notReady: 'This way is not set up; it can be saved now and is used once it is.',
    bad: { mail: 'Such as duty@example.org', webhook: 'It begins with https:// or http://', 'wecom-robot': 'The whole address of the group robot', wecom: 'Letters, digits and _ - . @ only' },
    example: { mail: 'duty@example.org', webhook: 'https://example.org/hook', 'wecom-robot': 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…', wecom: 'duty01' },
  },
  removeTitle: 'Remove a contact', removeAsk: 'Notices for “{{who}}” are no more sent to {{list}}; they stay in the console, and the contact stays in the records.', removed: 'Removed',
  deliveries: 'What became of notices', deliveriesNote: 'Newest first; a line for each notice and address', all: 'All', states: { sent: 'Sent', waiting: 'Waiting', failed: 'Not delivered' }, at: 'Time', subject: 'Notice', to: 'To', state: 'Result', tries: '{{n}} tries', again: 'Send again', againDone: 'Sent again to {{n}} addresses', noDeliveries: 'Nothing was sent outside yet', noDeliveriesDo: 'Alerts, urging and supervision go to the contacts above; what became of them is listed here.',
  colon: ': ', why: { channel_missing: 'This way is not set up', channel_address: 'The address cannot be used', channel_no_answer: 'No answer', channel_timeout: 'No answer in time', channel_status: 'The other side failed', channel_answer: 'An answer that cannot be read', mail_refused: 'The mail server refused it', mail_unsent: 'The mail was not sent', mail_invalid: 'No right mail address', wecom_refused: 'WeCom refused it', wecom_user: 'WeCom knows no such member' },
  duty: {
    add: 'Enter a shift', title: 'Enter a shift', role: 'Post', organisation: 'Organisation', organisationHow: 'Type to search', person: 'Person', personHow: 'optional', from: 'From', to: 'To', badSpan: 'It must end after it begins', channels: 'Reached by', channelsHow: 'Optional. During the shift, notices for this post go here too.', saved: 'The shift is entered', spans: { day: 'Today 8–20', night: 'Tonight 20–8', week: 'A week from today 8' },
  },
};
