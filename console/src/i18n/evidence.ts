export const zh = {
  title: '存证', drawer: '第 {{n}} 号记录', sub: '每一次写入都是一条记录，记录进入只增不改的签名日志。这里查一条记录，并在您的浏览器里重算证明，不必相信服务器。',
  lookup: '查记录', seq: '记录号', entity: '或实体编号', find: '查', newest: '最新检查点', origin: '日志名称', size: '记录总数', root: '根哈希', key: '验证公钥', keyHint: '请与别处得到的公钥比对。', raw: '签名检查点原文',
  verified: '已验证', failed: '验证不通过', partial: '部分可验证', verifying: '正在验证', notYet: '尚无检查点', cannotHere: '浏览器只在 https 或本机地址下提供验证所需的密码功能。',
  how: '在浏览器里怎样验证的', who: '何人', when: '何时', what: '何事', touched: '涉及', attributes: '改动的属性', cause: '起因', none: '无',
  bundle: '下载证明包', bundleHint: '证明包可离线验证：nacre verify 文件', open: '打开存证页', leaf: '叶哈希', index: '叶序号', path: '路径（{{n}} 步，自下而上）', left: '左', right: '右', result: '得', entry: '日志条目',
  check: { commitment: '记录内容与条目中的承诺相符', leaf: '条目的哈希就是日志里的叶', path: '由叶沿路径算到的根与服务器给出的根一致', checkpoint: '检查点所签的正是这个根和记录总数', signature: '检查点的 Ed25519 签名有效' },
  outcome: { yes: '相符', no: '不符', cannot: '未能检查' },
  command: { 'entity.create': '新建', 'entity.update': '修改', 'entity.patch': '修改', 'entity.delete': '删除', 'entity.replace': '替换', 'document.put': '写入文档', 'entity.append': '补充', 'entity.upsert': '写入' },
  entityRecords: '“{{id}}”的记录', entityNone: '没有涉及它的记录。', recent: '最近的记录', forEntity: '下载该实体的证明包', match: '记录头与签名内容一致', file: '核验证明包', fileHow: '选一个下载过的证明包（.json），在浏览器里核验，不联系服务器。', fileChoose: '选择文件', fileGood: '{{n}} 条记录全部验证通过', fileBad: '{{bad}} / {{n}} 条记录验证不通过', fileBroken: '这不是可读的证明包：{{why}}', fileSigner: '签名者 {{key}}', badSeq: '记录号是 1 到 {{n}} 的整数。',
};
export const en: typeof zh = {
  title: 'Evidence', drawer: 'Record {{n}}', sub: 'Every write is a record, and records go into a signed log that only grows. Look one up here; the proof is recomputed in your browser, so the server need not be trusted.',
  lookup: 'Look up a record', seq: 'Record number', entity: 'or an entity id', find: 'Look up', newest: 'Newest checkpoint', origin: 'Name of the log', size: 'Records', root: 'Root hash', key: 'Verification key', keyHint: 'Compare it with the key you got elsewhere.', raw: 'The signed checkpoint as it is',
  verified: 'Verified', failed: 'Verification failed', partial: 'Verified in part', verifying: 'Verifying', notYet: 'No checkpoint yet', cannotHere: 'Browsers offer the needed cryptography only over https or on this machine.',
  how: 'How it was verified in the browser', who: 'Who', when: 'When', what: 'What', touched: 'About', attributes: 'Attributes changed', cause: 'Cause', none: 'none',
  bundle: 'Download the bundle', bundleHint: 'It can be verified offline: nacre verify FILE', open: 'Open evidence page', leaf: 'Leaf hash', index: 'Leaf index', path: 'Path ({{n}} steps, upwards)', left: 'left', right: 'right', result: 'gives', entry: 'Log entry',
  check: { commitment: 'The content matches the commitment in the entry', leaf: 'The hash of the entry is the leaf in the log', path: 'The root computed from the leaf is the root the server gave', checkpoint: 'The checkpoint signs just this root and size', signature: 'The Ed25519 signature of the checkpoint is valid' },
  outcome: { yes: 'matches', no: 'does not match', cannot: 'could not be checked' },
  command: { 'entity.create': 'create', 'entity.update': 'update', 'entity.patch': 'update', 'entity.delete': 'delete', 'entity.replace': 'replace', 'document.put': 'write document', 'entity.append': 'append', 'entity.upsert': 'write' },
  entityRecords: 'Records of “{{id}}”', entityNone: 'No record touched it.', recent: 'Newest records', forEntity: 'Download the bundle of this entity', match: 'The header is what was signed', file: 'Verify a bundle', fileHow: 'Choose a downloaded bundle (.json); it is verified in the browser without asking the server.', fileChoose: 'Choose a file', fileGood: 'All {{n}} records verified', fileBad: '{{bad}} of {{n}} records failed', fileBroken: 'Not a readable bundle: {{why}}', fileSigner: 'Signed by {{key}}', badSeq: 'A record number is a whole number from 1 to {{n}}.',
};
