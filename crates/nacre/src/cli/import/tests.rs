//! Files of each kind, from bytes to entities and refusals, with the types of the packs in this repository.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::entity::{Maker, Types};
use super::mapping::Mapping;
use super::source::{Reading, Source};
use super::{Checked, check, guess, types_in};

fn types() -> Types {
    types_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs")))
}

/// A file without mapping.
fn guessed(ending: &str, bytes: &[u8], type_name: &str) -> (Checked, Mapping) {
    read(ending, bytes, &Reading::default(), |source| {
        let types = types();
        guess::guess(source, type_name, types.get(type_name).map(|def| &**def))
    })
}

fn mapped(ending: &str, bytes: &[u8], mapping: &str) -> Checked {
    read(ending, bytes, &Reading::default(), |_| Mapping::parse("m.yaml", mapping).expect("a mapping")).0
}

fn read(
    ending: &str,
    bytes: &[u8],
    reading: &Reading,
    mapping: impl Fn(&Source) -> Mapping,
) -> (Checked, Mapping) {
    let source = Source::from_bytes(ending, bytes.to_vec(), reading).expect("a file");
    let mapping = mapping(&source);
    let maker = Maker::new(&source, mapping.clone(), types(), false).expect("a mapping that fits");
    (check(&source, &maker).expect("rows"), mapping)
}

/// Line, column and code of everything that was refused.
fn refused(checked: &Checked) -> Vec<(usize, &str, &str)> {
    checked.refused.iter().map(|r| (r.line, r.problem.column.as_str(), r.problem.code.as_str())).collect()
}

fn value<'a>(checked: &'a Checked, index: usize, attribute: &str) -> &'a Json {
    &checked.first[index].1[attribute]["value"]
}

const STREETS: &str = "编号,名称,统计用区划代码,社区数,所属城区,核实程度\r\n\
    440105001,赤岗街道,440105001000,22,440105,open-data\r\n\
    440105002,新港街道,440105002000,14,440105,open-data\r\n";

#[test]
fn one_table_in_five_encodings_gives_the_same_entities() {
    let (gb, _, _) = encoding_rs::GB18030.encode(STREETS);
    let utf_16: Vec<u8> = STREETS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let tabs = STREETS.replace(',', "\t");
    let files: [(&str, Vec<u8>); 5] = [
        ("csv", STREETS.into()),
        ("csv", [b"\xef\xbb\xbf", STREETS.as_bytes()].concat()),
        ("csv", gb.into_owned()),
        ("csv", [b"\xff\xfe".as_slice(), &utf_16].concat()),
        ("tsv", tabs.into()),
    ];
    for (ending, bytes) in files {
        let (checked, mapping) = guessed(ending, &bytes, "Street");
        assert_eq!(refused(&checked), [], "{bytes:?}");
        assert_eq!(mapping.id, "urn:ngsi-ld:Street:{编号}");
        let street = &checked.first[0].1;
        assert_eq!(street["id"], "urn:ngsi-ld:Street:440105001");
        assert_eq!(street["name"]["value"], "赤岗街道");
        assert_eq!(street["divisionCode"]["value"], "440105001000");
        assert_eq!(street["communityCount"], json!({"type": "Property", "value": 22, "unitCode": "C62"}));
        assert_eq!(street["partOf"]["object"], "urn:ngsi-ld:District:440105");
    }
}

#[test]
fn a_text_in_no_known_encoding_is_refused_with_its_line() {
    let open = |bytes: &[u8], encoding: Option<&str>| {
        let reading = Reading { encoding: encoding.map(str::to_owned), ..Reading::default() };
        Source::from_bytes("csv", bytes.to_vec(), &reading).map(|s| s.columns)
    };
    let wrong = open(b"id,name\n1,\xff\xff\n", None).expect_err("no text");
    assert!(wrong.contains("neither UTF-8 (line 2) nor GB18030") && wrong.contains("--encoding"), "{wrong}");
    let wrong = open(b"id,name\n1,\xb3\xe0\n", Some("utf-8")).expect_err("no UTF-8");
    assert!(wrong.contains("line 2 is not UTF-8") && wrong.contains("gb18030"), "{wrong}");
    assert!(
        open(b"id\n1\n", Some("klingon")).expect_err("no name").contains("there is no encoding `klingon`")
    );
    assert_eq!(open(b"id,\xb3\xe0\n1,2\n", Some("gbk")).expect("GBK"), ["id", "赤"]);
}

#[test]
fn every_bad_row_is_refused_with_line_column_and_code() {
    let rows = "440105001,赤岗街道,440105001000,二十二,440105,open-data\n\
        440105002,,440105002000,14,440105,open-data\n\
        440105003,昌岗街道,44010500,14,440105,open-data\n\
        440105004,江南中街道,440105004000,-1,440105,open-data\n\
        440105005,滨江街道,440105005000,12.5,440105,opendata\n\
        \n\
        ,,,,,\n\
        440105006,素社街道,440105006000,1,440105,open-data,多\n\
        440105007,海幢街道,440105007000\n\
        440105008,南华西街道,440105008000,1,440105,open-data\n\
        440105008,南华西街道,440105008000,1,440105,open-data\n\
        ,龙凤街道,440105009000,1,440105,open-data\n\
        440105010,\"沙园街道,440105010000,1,440105,open-data\n";
    let header = STREETS.lines().next().expect("header");
    let (checked, _) = guessed("csv", format!("# 说明\n{header}\n{rows}").as_bytes(), "Street");
    let wanted = [
        (3, "社区数", "number"),
        (4, "名称", "required"),
        (5, "统计用区划代码", "pattern"),
        (6, "社区数", "range"),
        (7, "社区数", "number"),
        (10, "", "cells"),
        (11, "", "cells"),
        (13, "id", "id-duplicate"),
        (14, "编号", "id-missing"),
        (15, "", "cells"),
    ];
    assert_eq!(refused(&checked), wanted);
    assert_eq!((checked.rows, checked.rows_refused.len(), checked.first[0].0), (11, 10, 12));
    let reason = |line| &checked.refused.iter().find(|r| r.line == line).expect("refused").problem.reason;
    assert!(reason(13).contains("stands in line 12 already"));
    assert!(reason(15).contains("quotation mark is not closed"));
}

#[test]
fn lines_are_counted_over_notes_empty_lines_and_cells_of_several_lines() {
    let text = "# 一\n\n编号,说明\n1,\"两\n行\"\n\n\n2,#3 楼\n3,x,y\n";
    let (checked, _) = guessed("csv", text.as_bytes(), "Thing");
    assert_eq!(checked.first.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 8]);
    assert_eq!(value(&checked, 0, "说明"), "两\n行");
    assert_eq!(value(&checked, 1, "说明"), "#3 楼");
    assert_eq!(refused(&checked), [(9, "", "cells")]);
}

#[test]
fn columns_nobody_describes_are_read_as_what_they_hold() {
    let text = "编号,电话,面积(万平方米),启用,建成日期,备注,营收（亿元）,流水\n\
        1,02000001,1.5,是,2020/5/1,甲,793.24,123456789012345678\n\
        2,02000002,2,否,2021年6月2日,2,1,2\n";
    let (checked, mapping) = guessed("csv", text.as_bytes(), "Thing");
    assert_eq!(refused(&checked), []);
    let first = &checked.first[0].1;
    assert_eq!(first["电话"]["value"], "02000001");
    assert_eq!(first["面积"], json!({"type": "Property", "value": 15000, "unitCode": "MTK"}));
    assert_eq!(first["启用"]["value"], true);
    assert_eq!(first["建成日期"]["value"], "2020-05-01");
    assert_eq!(value(&checked, 1, "备注"), "2");
    assert_eq!(first["营收"], json!({"type": "Property", "value": 79_324_000_000_i64, "unitCode": "CNY"}));
    assert_eq!(first["流水"]["value"], "123456789012345678");
    // The guess is a mapping file that does the same.
    let again = mapped("csv", text.as_bytes(), &mapping.to_yaml());
    assert_eq!(again.first, checked.first);
}

#[test]
fn a_wrong_unit_is_refused_and_the_guess_says_what_to_do() {
    let text = "id,名称,位置误差(公里),核实程度\ntower,塔,0.1,open-data\n";
    let (checked, mapping) = guessed("csv", text.as_bytes(), "Landmark");
    assert!(refused(&checked).contains(&(2, "位置误差(公里)", "unit")), "{:?}", checked.refused);
    let yaml = mapping.to_yaml();
    assert!(yaml.contains("kept in MTR") && yaml.contains("unit: \"KMT\""), "{yaml}");
    let corrected = yaml.replace("unit: \"KMT\"", "unit: \"MTR\", factor: 1000");
    let checked = mapped("csv", text.as_bytes(), &corrected);
    assert!(
        !refused(&checked).iter().any(|(_, column, _)| column.starts_with("位置误差")),
        "{:?}",
        checked.refused
    );
}

#[test]
fn numbers_with_check_digits_are_checked_stored_tidily_and_never_repeated() {
    let text = "统一社会信用代码,名称,核实程度\n91350100m000100y43,甲,unverified\n91350100M000100Y44,乙,unverified\n";
    let (checked, mapping) = guessed("csv", text.as_bytes(), "LegalEntity");
    assert_eq!(mapping.id, "urn:ngsi-ld:LegalEntity:{统一社会信用代码}");
    assert_eq!(refused(&checked), [(3, "统一社会信用代码", "check")]);
    assert_eq!(value(&checked, 0, "uscc"), "91350100M000100Y43");
    let text = "id,姓名,公民身份号码\np1,样例,11010519491231002X\np2,样例,110105194912310021\n";
    let (checked, _) = guessed("csv", text.as_bytes(), "Person");
    assert_eq!(refused(&checked), [(3, "公民身份号码", "check")]);
    assert!(!checked.refused[0].problem.reason.contains("110105194912310021"));
}

#[test]
fn places_come_from_two_columns_in_their_datum() {
    let text = "编号,高德经度,高德纬度\n1,116.41024449916938,39.91640428150164\n2,39.9,116.4\n3,113.3,\n4,,23.1\n5,东经,23\n6,,\n";
    let (checked, mapping) = guessed("csv", text.as_bytes(), "Thing");
    assert_eq!(mapping.datum, "gcj02");
    assert_eq!(checked.first[0].1["location"]["value"]["coordinates"], json!([116.404, 39.915]));
    assert_eq!(checked.first[1].0, 7);
    let wanted = [
        (3, "高德纬度", "coordinate"),
        (4, "高德经度", "coordinate"),
        (5, "高德纬度", "coordinate"),
        (6, "高德经度", "coordinate"),
    ];
    assert_eq!(refused(&checked), wanted);
    assert!(checked.refused[0].problem.reason.contains("interchanged"));
}

#[test]
fn a_mapping_says_it_all() {
    let mapping = "type: Section\nid: \"urn:ngsi-ld:Section:{站}:{号}\"\nempty: [\"—\"]\ncolumns:\n  \
        氨氮: { attribute: ammonia, reads: number, unit: M1 }\n  \
        重点: { attribute: focus, separator: \"、\" }\n  \
        所属: { attribute: partOf, kind: relationship, separator: \"、\", id: \"urn:ngsi-ld:Street:{所属}\" }\n  \
        中文: { attribute: title, kind: language, language: zh }\n  \
        英文: { attribute: title, kind: language, language: en }\n  \
        时间: { kind: observedAt }\nconstants:\n  note: 试\n  source: { type: Relationship, object: \"urn:x:1\" }\n";
    let text = "站,号,氨氮,重点,所属,中文,英文,时间\n\
        甲,1,2.4,水、气,1、2,石,stone,2026-11-23 09:30\n甲,2,—,水,1,石,stone,11/23/2026\n";
    let checked = mapped("csv", text.as_bytes(), mapping);
    let section = &checked.first[0].1;
    let at = "2026-11-23T01:30:00.000Z";
    assert_eq!(section["id"], "urn:ngsi-ld:Section:甲:1");
    assert_eq!(
        section["ammonia"],
        json!({"type": "Property", "value": 2.4, "unitCode": "M1", "observedAt": at})
    );
    assert_eq!(section["focus"]["value"], json!(["水", "气"]));
    assert_eq!(section["partOf"]["object"], json!(["urn:ngsi-ld:Street:1", "urn:ngsi-ld:Street:2"]));
    assert_eq!(section["title"]["languageMap"], json!({"zh": "石", "en": "stone"}));
    assert_eq!((&section["note"]["value"], &section["source"]["object"]), (&json!("试"), &json!("urn:x:1")));
    assert_eq!(refused(&checked), [(3, "时间", "time")]);
}

fn workbook() -> Vec<u8> {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明").and_then(|s| s.write(0, 0, "第二张")).expect("sheet");
    let sheet = book.add_worksheet().set_name("表").expect("sheet");
    let day = ExcelDateTime::from_ymd(2026, 11, 23).expect("day");
    let time = ExcelDateTime::from_ymd(2026, 11, 23).and_then(|d| d.and_hms(9, 30, 0)).expect("time");
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    sheet.write(0, 0, "一览表").expect("title");
    for (column, name) in ["编号", "名称", "日期", "观测时间", "数值"].into_iter().enumerate() {
        sheet.write(2, column as u16, name).expect("header");
    }
    for row in 3..6_u32 {
        sheet.write(row, 0, 440_105_000 + row).expect("number");
        sheet.write(row, 1, " 名 ").expect("text");
        sheet.write_with_format(row, 2, &day, &format).expect("day");
        sheet.write_with_format(row, 3, &time, &format).expect("time");
        sheet.write(row, 4, 0.5).expect("value");
    }
    sheet.write_formula(4, 4, Formula::new("=1/0").set_result("#DIV/0!")).expect("error");
    sheet.write(5, 7, "旁").expect("stray");
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn workbooks_are_read_by_sheet_and_header_line() {
    let bytes = workbook();
    let reading = Reading { sheet: Some("表".into()), header: Some(3), ..Reading::default() };
    let (checked, _) = read("xlsx", &bytes, &reading, |source| guess::guess(source, "Thing", None));
    let thing = &checked.first[0].1;
    assert_eq!(checked.first[0].0, 4);
    assert_eq!(
        (&thing["id"], &thing["名称"]["value"]),
        (&json!("urn:ngsi-ld:Thing:440105003"), &json!("名"))
    );
    assert_eq!((&thing["日期"]["value"], &thing["数值"]["value"]), (&json!("2026-11-23"), &json!(0.5)));
    assert_eq!(thing["数值"]["observedAt"], "2026-11-23T01:30:00.000Z");
    let codes = refused(&checked);
    assert_eq!(codes.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(codes[1].2, "cells");
    let open = |reading: &Reading| Source::from_bytes("xlsx", bytes.clone(), reading).map(|s| s.columns);
    let none = Reading { sheet: Some("无".into()), ..Reading::default() };
    assert!(open(&none).expect_err("no sheet").contains("there are: 说明, 表"));
    assert_eq!(open(&Reading::default()).expect("the first sheet"), ["第二张"]);
    assert!(Source::from_bytes("xlsx", b"PK\x03\x04 no".to_vec(), &Reading::default()).is_err());
}

#[test]
fn lines_of_entities_come_in_three_forms() {
    let text = r#"{"id":"urn:ngsi-ld:Street:1","type":"Street","name":{"type":"Property","value":"甲"},"divisionCode":{"type":"Property","value":"440105001000"},"partOf":{"type":"Relationship","object":"urn:ngsi-ld:District:440105"},"evidence":{"type":"Property","value":"open-data"}}
{"id":"urn:ngsi-ld:Street:2","type":"Street","name":{"value":"乙"},"divisionCode":"440105002000","partOf":{"object":"urn:ngsi-ld:District:440105"},"evidence":"open-data"}

{"id":"urn:ngsi-ld:Street:3","type":"Street","name":"丙","divisionCode":"440105003000","communityCount":3,"partOf":"440105","location":[113.3,23.1],"evidence":"open-data"}
{"id":"urn:ngsi-ld:Street:4","type":"Street","name":"丁"
{"id":"urn:ngsi-ld:Street:5","name":"戊","name":"己"}
{"id":"urn:ngsi-ld:Street:6","type":"Street","@context":"https://example.org/other.jsonld","name":"庚","divisionCode":"440105006000","partOf":"440105","evidence":"open-data"}
["x"]
{"id":"street 7","type":"Street","name":"辛","divisionCode":"440105007000","partOf":"440105","evidence":"open-data"}
{"id":"urn:ngsi-ld:Other:8","type":"Other","anything":{"value":[1,2]}}
"#;
    let checked = mapped("ndjson", text.as_bytes(), "{}");
    assert_eq!(checked.first.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4, 10]);
    let third = &checked.first[2].1;
    assert_eq!(third["partOf"], json!({"type": "Relationship", "object": "urn:ngsi-ld:District:440105"}));
    assert_eq!(third["location"]["value"], json!({"type": "Point", "coordinates": [113.3, 23.1]}));
    assert_eq!(third["communityCount"]["unitCode"], "C62");
    let wanted =
        [(5, "", "json"), (6, "", "json"), (7, "@context", "context"), (8, "", "json"), (9, "id", "id")];
    assert_eq!(refused(&checked), wanted);
    assert!(checked.refused[1].problem.reason.contains("name"), "{:?}", checked.refused[1]);
}

#[test]
fn features_become_entities_in_wgs84() {
    let text = r#"{"type":"FeatureCollection","features":[
  {"type":"Feature","id":"a","properties":{"名称":"甲","层数":3,"标签":["x"],"空":null},"geometry":{"type":"Point","coordinates":[116.41024449916938,39.91640428150164]}},
  {"type":"Feature","id":"b","properties":null,"geometry":null},
  {"type":"Feature","id":"c","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}},
  {"type":"Feature","properties":{"名称":"丁"},"geometry":null},
  {"type":"Point","coordinates":[1,2]}
]}"#;
    let (mut mapping, reading) = (guessed("geojson", text.as_bytes(), "Thing").1, Reading::default());
    mapping.datum = "gcj02".into();
    let (checked, _) = read("geojson", text.as_bytes(), &reading, |_| mapping.clone());
    let first = &checked.first[0].1;
    assert_eq!((checked.first[0].0, &first["id"]), (2, &json!("urn:ngsi-ld:Thing:a")));
    assert_eq!((&first["层数"]["value"], &first["标签"]["value"]), (&json!(3), &json!(["x"])));
    assert_eq!(first["location"]["value"], json!({"type": "Point", "coordinates": [116.404, 39.915]}));
    assert_eq!(checked.first[1].0, 3);
    assert_eq!(refused(&checked), [(4, "geometry", "geometry"), (5, "id", "id-missing"), (6, "", "json")]);
    for bad in ["{}", "[]", r#"{"type":"Feature"}"#, r#"{"type":"FeatureCollection","features":[}"#] {
        let wrong = Source::from_bytes("geojson", bad.into(), &reading).expect_err("refused");
        assert!(wrong.contains("FeatureCollection"), "{wrong}");
    }
}

#[test]
fn files_that_make_no_sense_are_refused_with_what_to_do() {
    let open = |ending: &str, text: &str| {
        Source::from_bytes(ending, text.into(), &Reading::default()).map(|s| s.columns).expect_err("refused")
    };
    assert!(open("csv", "").contains("empty"));
    assert!(open("csv", "名称,名称\n1,2\n").contains("two columns are called `名称`"));
    assert!(open("csv", ",,\n1,2\n").contains("--header"));
    assert!(open("xls", "").contains("save it as .xlsx"));
    assert!(open("pdf", "").contains("needed: .csv, .xlsx, .ndjson or .geojson"));
    let source = Source::from_bytes("csv", "名称,值\n甲,1\n".into(), &Reading::default()).expect("a file");
    assert_eq!(guess::guess(&source, "Thing", None).id, "", "no column looks like one");
    let fits = |mapping: &str| {
        let mapping = Mapping::parse("m.yaml", mapping).expect("a mapping");
        Maker::new(&source, mapping, Types::new(), false).err().map(|f| f.to_string()).unwrap_or_default()
    };
    assert!(
        fits("type: T\nid: \"urn:x:{编号}\"").contains("`编号`, which is not there; there are: 名称, 值")
    );
    assert!(
        fits("type: T\nid: \"urn:x:{名称}\"\ncolumns: { 量: { attribute: a } }")
            .contains("the file has: 名称, 值")
    );
    assert!(fits("type: T\nid: \"urn:x:{名称}\"\ndatum: mars").contains("known: wgs84, gcj02, bd09"));
    assert!(fits("type: T").contains("--id is needed"));
    assert!(fits("id: \"urn:x:{名称}\"").contains("--type is needed"));
}

/// Whatever a file holds, it is read or refused.
fn survives(ending: &str, bytes: &[u8], header: Option<usize>) {
    let reading = Reading { header, ..Reading::default() };
    let Ok(source) = Source::from_bytes(ending, bytes.to_vec(), &reading) else { return };
    let mapping = guess::guess(&source, "Thing", None);
    let again = Mapping::parse("m.yaml", &mapping.to_yaml()).expect("a guess is a mapping");
    assert_eq!(again.columns.len(), mapping.columns.len());
    if let Ok(maker) = Maker::new(&source, mapping, Types::new(), true) {
        check(&source, &maker).expect("rows");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), header in prop::option::of(0..4_usize)) {
        for ending in ["csv", "xlsx", "ndjson", "geojson"] {
            survives(ending, &bytes, header);
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        rows in "(#x\n|id|编号|经度|纬度|时间|a\\(万元\\)|[,;\t\"\n\r]|[0-9.+Z年月日:T-]{1,9}|\\PC){0,40}",
    ) {
        survives("csv", format!("编号,经度,纬度,观测时间,c\n1,2,3,4,5\n{rows}").as_bytes(), None);
        survives("csv", rows.as_bytes(), None);
        survives("ndjson", rows.as_bytes(), None);
        let feature = json!({"type": "FeatureCollection", "features": [{"type": "Feature", "id": 1,
            "properties": {"a": rows, rows.clone(): 1}, "geometry": {"type": "Point", "coordinates": rows}}]});
        survives("geojson", feature.to_string().as_bytes(), None);
    }

    #[test]
    fn cells_are_read_or_refused(text in "[0-9年月日时分秒:. TZ+/啊-]{0,24}|\\PC{0,12}") {
        let cell = Json::from(text.as_str());
        for (reads, _) in super::cells::Reads::ALL {
            let _ = reads.value(&cell);
        }
    }
}
