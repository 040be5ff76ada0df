export const zh = {
  title: '一张图',
  aria: '海珠区地图。右侧列表列出图上全部内容，可用键盘操作。', layers: '图层', placed: '{{n}} 处', waiting: '待定位 {{n}}', find: '在图上查找名称', list: '图上内容',
  shown: '显示 {{n}} / {{total}}', more: '再显示 {{n}} 条', box: '框选', boxHint: '在地图上拖出一个方框；按 Esc 取消。', boxOn: '只看方框内', clearBox: '清除方框',
  sketch: '示意图', outlineLegend: '{{name}}边界（{{label}}）', legend: '图例', sources: '来源', datum: '坐标系 WGS 84', open: '打开',
  noWebgl: '这台设备不能绘制地图（缺 WebGL 2）。右侧列表与地图内容相同，可以照常查找、定位（填写经纬度）。', drawing: '正在载入地图', cut: '此图层只显示前 {{n}} 处。', print: '打印',
  unplaced: '待定位', unplacedSub: '还没有可靠的坐标来源，所以不画在图上。', unplacedNone: '全部已有位置。', pin: '定位', pinOf: '为“{{name}}”定位', pinStep1: '在地图上点一下它的位置，或直接填经纬度。', lon: '经度', lat: '纬度',
  source: '位置来源', sourceHint: '例：区民政局 2026 年街道办事处地址表，现场核对', sourceNeeded: '请写明位置的来源。', placeNeeded: '请在地图上点选位置，或填写经纬度。', outsideHint: '这个位置在本区示意边界之外，请再核对。', save: '保存位置', cancel: '不定位了',
  from: '位置：{{text}}', doneShort: '已记下“{{name}}”的位置', past: '正在回看，不能定位。', whoCan: '定位要以岗位办理，请先在右上角选择岗位。能办理的岗位：{{posts}}。',
  empty: '还没有带位置的数据', emptyDo: '请在数据目录里为条目填写位置，或在待定位列表里定位。', noneHere: '没有符合条件的内容',
};
export const en: typeof zh = {
  title: 'Map',
  aria: 'Map of the district. The list beside it holds everything on the map and works with the keyboard.', layers: 'Layers', placed: '{{n}}', waiting: '{{n}} without place', find: 'Find a name on the map', list: 'On the map',
  shown: '{{n}} of {{total}}', more: 'Show {{n}} more', box: 'Draw a box', boxHint: 'Drag a box on the map; Esc leaves it.', boxOn: 'Only inside the box', clearBox: 'Remove the box',
  sketch: 'Sketch', outlineLegend: 'Outline of {{name}} ({{label}})', legend: 'Legend', sources: 'Sources', datum: 'Datum WGS 84', open: 'Open',
  noWebgl: 'This device cannot draw the map (no WebGL 2). The list holds the same content; positions can be given as longitude and latitude.', drawing: 'Loading the map', cut: 'Only the first {{n}} of this layer are shown.', print: 'Print',
  unplaced: 'Without place', unplacedSub: 'No honest source of coordinates yet, so they are not drawn.', unplacedNone: 'Everything has a place.', pin: 'Place', pinOf: 'Place “{{name}}”', pinStep1: 'Click its place on the map, or type longitude and latitude.', lon: 'Longitude', lat: 'Latitude',
  source: 'Source of the position', sourceHint: 'e.g. address list of the bureau of civil affairs 2026, checked on site', sourceNeeded: 'Say where the position comes from.', placeNeeded: 'Click a place on the map or type longitude and latitude.', outsideHint: 'This place is outside the sketched outline; please check.', save: 'Save the position', cancel: 'Leave it',
  from: 'Position: {{text}}', doneShort: 'Position of “{{name}}” kept', past: 'Looking back: nothing can be placed.', whoCan: 'Placing is done in a post; choose one at the top right. Posts that can: {{posts}}.',
  empty: 'Nothing with a place yet', emptyDo: 'Give entries a place in the data catalogue, or from the list of those without.', noneHere: 'Nothing matches',
};
