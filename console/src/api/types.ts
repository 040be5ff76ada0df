// Contract between server and console for issue 3. JSON is camelCase. All reads take ?asOf=<record number or RFC 3339 instant>
// (absent = now). Errors: application/problem+json {type,title,status,code,detail, findings?:Finding[]}.
// Who acts: header `Nacre-Post: <role>@<organisation local id>` e.g. `clerk@bureau-kgsx`, `street-approver@street-office-440105001`,
// `district-approver@bureau-kgsx`, `office@digital-economy-leading-group`, `leader@haizhu-government`. Absent = reader.
export type Text = { zh: string; en: string };
export type AsOfInfo = { seq: number; at: string; newest: number; live: boolean };

// ---------- GET /api/session
export type Session = {
  district: { name: Text; code: string | null };
  open: boolean;                         // door open (loopback): posts are declared, not proved
  posts: { role: string; title: Text; level: 'public'|'fill'|'street'|'district'|'office'|'leader'; verbs: string[];
           organisations: { id: string /*local id*/; name: string }[] }[];
  packs: { name: string; title: Text; description: Text; version: string; systems: number[]; types: string[]; tier: string }[];
  newest: number; firstAt: string | null; newestAt: string | null;
};

// ---------- GET /api/types   (from packs)
export type TypeInfo = {
  name: string; pack: string; title: Text; description: Text; count: number; label: string | null;
  /** Its entities change by verbs only; there is no form for them. */
  governed: boolean;
  attributes: AttributeInfo[];
  list: { columns: string[]; filters: string[]; sort: string | null } | null;       // sort: "name" or "-name"
  detail: { title: Text; fields: string[] }[]; related: { title: Text; type: string; by: string }[];
  form: { title: Text; fields: string[] }[]; map: { geometry: string; label: string|null; popup: string[] } | null;
};
export type AttributeInfo = {
  name: string; title: Text; description: Text | null;
  kind: 'text'|'code'|'integer'|'number'|'boolean'|'date'|'datetime'|'uri'|'json'|'relationship'|'point'|'line'|'polygon'|'geometry'|'language';
  codes: { code: string; title: Text }[] | null; to: string[]; many: boolean; required: boolean; index: boolean;
  classification: 'public'|'internal'|'personal'|'sensitive'; unit: { code: string; title: Text; symbol: string } | null;
  min: number | null; max: number | null; pattern: string | null; example: unknown; check: string | null;
};
// ---------- GET /api/entities?type=Street&search=&filter=attr:value (repeatable)&sort=-name&offset=0&limit=50&asOf=
export type EntityPage = { rows: EntityRow[]; total: number; asOf: AsOfInfo };
export type EntityRow = { id: string; type: string; name: string; values: Record<string, unknown> /* simplified values, short names */;
                          modifiedAt: string };
// GET /api/entities/export?type=…&format=csv|xlsx (same search, filter, sort)   CSV has a BOM
// one entity: GET /ngsi-ld/v1/entities/{id}?options=sysAttrs  (asOf works there as query parameter too)
// history:    GET /ngsi-ld/v1/temporal/entities/{id}   records: GET /api/records?entity={id}   proof: GET /api/log/inclusion/{seq}
// create/edit: POST /ngsi-ld/v1/entities, PATCH /ngsi-ld/v1/entities/{id}/attrs (NGSI-LD, no @context = core; short names work)
// live: GET /api/pulse (SSE event `pulse` {seq, at, types})
// ---------- GET /api/search?q=hzsd&limit=20   -> palette: names, pinyin, initials
export type SearchHit = { id: string; type: string; typeTitle: Text; name: string; why: 'name'|'pinyin'|'initials'|'id' };

// ---------- plan
export type Figure = {
  ref: string;                 // stable: entity id, entity id + "#row", or "derived:<indicator>:<definition>:<period>"
  kind: 'baseline'|'target'|'actual'|'comparison'|'estimate'|'derived';
  indicator: string; subject: string; period: { text: string; start: string|null; end: string|null };
  comparator: string | null;   // eq gt about …
  value: number | null; statement: string | null; unit: string; definition: string | null;
  source: { document: string; sentence: string | null; section: string | null /* entity id */; sectionNumber: string|null; note: string | null };
  basis: string; reportedBy: string|null; enteredBy: string; recordedAt: string; seq: number | null; entity: string | null; row: number | null;
  simulated: boolean;
  derivation: { formula: string; inputs: { name: string; figure: Figure }[] } | null;
};
export type Status = 'achieved'|'near'|'behind'|'no-data'|'conflict';   // 达成 接近 滞后 无数据 口径冲突
export type Definition = { id: string; title: Text; text: Text; from: string|null; to: string|null; chosen: boolean };
export type Indicator = {
  id: string; title: Text; question: Text; group: string; groupTitle: Text; order: number; unit: string;
  decimals: number; formula: string|null; subject: string; direction: 'up'|'down'|'qualitative'; goal: boolean /* has a target of the plan */; derived: boolean;
  definitions: Definition[]; lead: { id: string; name: string }|null; support: { id: string; name: string }[]; askWhom: Text;
  baseline: Figure|null; target: Figure|null; actual: Figure|null; peers: Figure[];
  path: { year: number; value: number; kind: 'stated'|'interpolated' }[];
  series: Figure[];            // everything known of the district itself, by period
  progress: number|null;       // (actual-baseline)/(target-baseline), or actual/target without baseline; 1 = reached
  gap: number|null;            // target - actual
  status: Status; statusRule: { id: string; title: Text }; conflicts: string[] /* ids, unresolved and resolved */; caveats: Text[];
};
export type Conflict = {
  id: string; kind: 'contradiction'|'definition-gap'|'population'; indicator: string; indicatorTitle: Text;
  title: Text; explanation: Text; sides: { id: string; title: Text; figures: Figure[] }[];
  // a resolution chooses one side (or "none": both stand, indicator not judged) with a reason
  resolution: { chosen: string; reason: string; by: string; at: string; seq: number; entity: string }|null;
};
// GET /api/indicators        -> { asOf, indicators: Indicator[] }        GET /api/indicators/{id} -> { asOf, indicator, conflicts }
// GET /api/indicators/export?format=csv|xlsx
// GET /api/conflicts         -> { asOf, conflicts: Conflict[] }
// POST /api/conflicts/{id}/resolution {chosen, reason}  (office)   DELETE …/resolution (office)  -> Conflict
// GET /api/cockpit
export type Cockpit = {
  asOf: AsOfInfo; title: Text; counts: Record<Status, number>; goals: Indicator[];
  tasks: { green: number; yellow: number; red: number; total: number };
  attention: { kind: 'conflict'|'no-data'|'approval'|'task'|'comment'; title: Text; detail: Text; link: string /* console route */ ; count: number }[];
  recent: { seq: number; at: string; actor: string; title: Text; entity: string|null }[];
};
// ---------- returns 填报
export type ReturnRow = {
  row: number /* 1.. */; indicator: string; indicatorTitle: string; subject: string; period: string /* 2025 | 2025-Q1 | 2025-06 */; definition: string|null;
  value: number|null; unit: string; kind: 'actual'|'estimate'; sourceDocument: string; sourceSentence: string; note: string;
  findings: Finding[]; conflictsWith: Figure[]; decision: 'accepted'|'refused'|null; decisionReason: string|null;
};
export type Finding = { code: string; severity: 'error'|'warning'; row: number|null; field: string|null; message: Text; pointer?: string };
export type ReturnState = 'draft'|'submitted'|'street-approved'|'approved'|'returned'|'withdrawn';
export type DataReturn = {
  id: string; title: string; organisation: { id: string; name: string }; period: string; state: ReturnState; fileName: string|null; fileSha256: string|null;
  rows: ReturnRow[]; createdBy: string; createdAt: string; modifiedAt: string;
  steps: { at: string; by: string; verb: string; note: string|null; seq: number }[]; verbs: string[] /* this post may do now */;
  totals: { unit: string; indicator: string; accepted: number /* sum of accepted rows */; rows: number }[];
};
// GET  /api/returns/template?organisation=&period=2025&format=xlsx|csv
// POST /api/returns/preview?organisation=&period=&fileName=   raw body csv|xlsx -> {rows: ReturnRow[], findings: Finding[], totals}
// POST /api/returns?organisation=&period=&fileName=  raw body csv|xlsx, or application/json {organisation, period, rows:[…]} -> 201 DataReturn (draft)
// GET /api/returns -> {returns: DataReturn[] without rows}   GET /api/returns/{id} -> DataReturn   PUT /api/returns/{id}/rows (json rows, draft/returned only)
// POST /api/returns/{id}/{submit|approve|send-back|withdraw} {note?, rows?: [{row, decision:'accepted'|'refused', reason?}]} -> DataReturn
//   submit: clerk (rows with errors block). approve: street-approver (submitted→street-approved), district-approver (street-approved→approved;
//   departments of the district without a street skip the street level: submitted→approved by district-approver only for non-street organisations is NOT allowed: the 'street' level for a department is its own 'street-approver@<department>' = 部门审核)
//   nobody approves what he entered or approved at the level below.
// ---------- tasks
export type Task = {
  id: string; title: string; section: { id: string; number: string; name: string }|null; text: string; lead: {id:string;name:string}|null; support: {id:string;name:string}[];
  due: string|null; milestones: { title: string; due: string; done: string|null }[]; systems: number[]; indicators: { id: string; title: Text; status: Status }[];
  progress: number|null; light: 'green'|'yellow'|'red'; lightRule: { id: string; title: Text }; state: 'open'|'done';
  reports: { id: string; at: string; by: string; percent: number; text: string; evidence: string|null; seq: number }[];
  escalation: null;            // place for issue 4
};
// GET /api/tasks -> {asOf, tasks}  GET /api/tasks/{id}  POST /api/tasks/{id}/progress {percent, text, evidence?} (clerk, office)
// PUT /api/tasks/{id} {lead?, support?, due?, milestones?} (office)
// ---------- freeze and report
export type Freeze = { id: string; seq: number; at: string; note: string; by: string; root: string };
export type ReportState = 'draft'|'reviewed'|'signed'|'published';
export type ReportHead = { id: string; kind: 'annual'|'mid-term'|'final'; title: string; year: number; version: number; previous: string|null; state: ReportState;
  freeze: Freeze; code: string /* verification code */; digest: string /* sha256 of the frozen figures */; createdAt: string; createdBy: string; verbs: string[];
  steps: { at: string; by: string; verb: string; seq: number }[]; files: { format: 'pdf'|'docx'|'html'; sha256: string; bytes: number }[] /* once published */ };
export type Report = ReportHead & { sections: { key: string; title: string; narrative: string; generated: string /* default text */; indicators: string[]; tasks: string[] }[];
  indicators: Indicator[]; conflicts: Conflict[]; tasks: Task[]; differences: { indicator: string; title: Text; before: string; after: string }[] };
// POST /api/freezes {note} GET /api/freezes  (office)
// POST /api/reports {kind, year, freeze, previous?}  GET /api/reports  GET /api/reports/{id}  PUT /api/reports/{id}/sections/{key} {narrative} (draft only)
// POST /api/reports/{id}/{review|return|sign|publish}   review: office; sign: leader; publish: office   (reviewer ≠ signer)
// GET /api/reports/{id}/report.pdf | report.docx | report.html | bundle.json
// ---------- public
// GET /api/public/board -> {asOf, indicators: Indicator[] (goals), reports: ReportHead[] (published), tasks counts, license}
// GET /api/public/indicators.json | indicators.csv | catalog.jsonld (DCAT 3)
// POST /api/public/comments {about: string /* indicator id | report id | "" */, text, name? } -> 201 {code, id, due}
// GET /api/public/comments -> published ones; GET /api/public/comments/{code} -> own by code
export type Comment = { id: string; code: string|null /* only to its author and the office */; about: string; aboutTitle: string; text: string; name: string; at: string; due: string;
  state: 'received'|'replied'|'published'; reply: { text: string; decision: 'adopted'|'not-adopted'; reason: string; by: string; at: string }|null; overdue: boolean };
// GET /api/comments (office: all)   POST /api/comments/{id}/reply {decision, text, reason} (office)  POST /api/comments/{id}/publish (office)
// GET /api/public/verify/{code} -> {kind, title, state, digest, publishedAt, seq, files[]}
// ---------- map: GET /api/map -> { outline: Feature (label 示意图), layers: [{ type, title: Text, features: GeoJSON FeatureCollection (properties: id, name, …), withoutPosition: {id,name}[] }] }
