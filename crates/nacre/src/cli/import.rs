//! `nacre import`: files become entities through the public interface of a running server.
//!
//! Everything is read and checked first. With the default, one refused row means that nothing is sent; with
//! `--skip-refused` the good rows are. Sending goes in batches, each with an idempotency key made from the file and its
//! place: a second run after an interruption goes on and doubles nothing.
//!
//! Layout: [`source`] reads rows, [`mapping`] says what a column means, [`entity`] makes and checks entities.

mod entity;
mod mapping;
mod source;

use std::io::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use nacre_pack::{Library, TypeDef};
use serde_json::{Value as Json, json};

use super::exit::Failure;
use super::http::{self, Request};
use super::output::{data, say};
use entity::Maker;
use mapping::Mapping;
use source::{Row, Table};

/// Import entities from CSV, XLSX, NDJSON or GeoJSON
///
/// Without --map the columns are guessed from the header and the type; --preview prints the guess as a mapping to edit,
/// with the first entities and every problem, and sends nothing. Exit code 3: rows were refused.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; its ending says what it is: csv, xlsx, ndjson, geojson
    file: PathBuf,
    /// Type of the entities
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Mapping (YAML)
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// How an id is made from a row, such as urn:ngsi-ld:Street:{code}
    #[arg(long, value_name = "TEMPLATE")]
    id: Option<String>,
    /// Datum of coordinates: wgs84, gcj02 or bd09; they are converted to WGS84
    #[arg(long, value_name = "DATUM")]
    datum: Option<String>,
    /// Sheet of a workbook; the first without it
    #[arg(long)]
    sheet: Option<String>,
    /// Encoding of a CSV; without it UTF-8, else GB18030
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    /// Show what would be sent and send nothing
    #[arg(long)]
    preview: bool,
    /// Send the good rows although others are refused
    #[arg(long)]
    skip_refused: bool,
    /// Write the refused rows with their reasons to a CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Mark every entity as sample data (`sample: true`)
    #[arg(long)]
    sample: bool,
    /// Folder of the packs whose types check the rows
    #[arg(long, env = "NACRE_PACKS", value_name = "DIR", default_value = "packs")]
    packs: PathBuf,
    /// Tenant
    #[arg(long)]
    tenant: Option<String>,
    /// Address of the server
    #[arg(long, env = "NACRE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    server: String,
    /// Summary as JSON
    #[arg(long)]
    json: bool,
}

/// How a CSV is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark
    #[value(name = "utf-8")]
    Utf8,
    /// GB18030, which holds GBK and GB2312
    Gb18030,
}

/// A row that is not sent, and why.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Line of the file, or number of the feature.
    pub line: usize,
    /// Column or attribute, where one is to blame.
    pub column: String,
    /// A stable word.
    pub code: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// Entities in one request.
const BATCH: usize = 500;

pub fn run(args: Args) -> Result<(), Failure> {
    let table = source::read(&args.file, args.sheet.as_deref(), args.encoding)?;
    let def = definition(&args)?;
    let mapping = mapping(&args, &table, def.as_deref())?;
    let maker = Maker::new(mapping, def, args.sample)?;
    let (mut entities, mut refused): (Vec<(usize, Json)>, Vec<Refused>) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashMap::new();
    let bar = progress(table.rows.len() as u64, "checking");
    for row in &table.rows {
        bar.inc(1);
        match maker.make(row) {
            Ok((id, entity)) => match seen.insert(id.clone(), row.line) {
                None => entities.push((row.line, entity)),
                Some(first) => refused.push(Refused {
                    line: row.line,
                    column: "id".into(),
                    code: "duplicate_id".into(),
                    reason: format!("`{id}` stands in line {first} already"),
                }),
            },
            Err(problems) => refused.extend(problems),
        }
    }
    bar.finish_and_clear();
    if args.preview {
        return preview(&maker, &entities, &refused);
    }
    report(&args, &refused)?;
    let stop = !refused.is_empty() && !args.skip_refused;
    let rows_refused = refused.iter().map(|r| r.line).collect::<std::collections::BTreeSet<_>>().len();
    let sent = if stop { Sent::default() } else { send(&args, &entities)? };
    let refused_by_server = sent.refused.len();
    sent.refused.iter().for_each(tell);
    if args.json {
        let summary = json!({"rows": table.rows.len(), "created": sent.created, "updated": sent.updated,
            "refusedRows": rows_refused + refused_by_server, "sent": !stop});
        data(format_args!("{summary}"));
    } else {
        data(format_args!(
            "{} rows: {} created, {} updated, {} refused",
            table.rows.len(),
            sent.created,
            sent.updated,
            rows_refused + refused_by_server
        ));
    }
    if stop {
        let text = format!(
            "{rows_refused} rows are refused and nothing was sent; correct them, or use --skip-refused"
        );
        return Err(Failure::findings(text));
    }
    if rows_refused + refused_by_server > 0 {
        return Err(Failure::findings(format!("{} rows were refused", rows_refused + refused_by_server)));
    }
    Ok(())
}

/// The type's definition in the packs, if there is one.
fn definition(args: &Args) -> Result<Option<std::sync::Arc<TypeDef>>, Failure> {
    let Some(wanted) = &args.type_name else { return Ok(None) };
    let mut library = Library::new(&args.packs);
    for name in library.names() {
        if let Some(def) = library.load(&name).pack.and_then(|p| p.types.get(wanted).cloned()) {
            return Ok(Some(def));
        }
    }
    say(format_args!(
        "no pack in {} defines `{wanted}`: rows are read, but not checked against a type",
        args.packs.display()
    ));
    Ok(None)
}

fn mapping(args: &Args, table: &Table, def: Option<&TypeDef>) -> Result<Mapping, Failure> {
    let mut mapping = match &args.map {
        Some(path) => Mapping::read(path)?,
        None => Mapping::guess(table, args.type_name.as_deref(), def)?,
    };
    if let Some(type_name) = &args.type_name {
        mapping.type_name.clone_from(type_name);
    }
    if let Some(id) = &args.id {
        mapping.id.clone_from(id);
    }
    if let Some(datum) = &args.datum {
        mapping.datum.clone_from(datum);
    }
    Ok(mapping)
}

fn preview(maker: &Maker, entities: &[(usize, Json)], refused: &[Refused]) -> Result<(), Failure> {
    data(format_args!("# mapping; save it, edit it and pass it with --map\n{}", maker.mapping().to_yaml()));
    data(format_args!("# the first of {} entities", entities.len()));
    entities.iter().take(5).for_each(|(line, entity)| data(format_args!("# line {line}\n{entity}")));
    refused.iter().for_each(tell);
    say(format_args!(
        "{} entities can be sent, {} problems; nothing was sent",
        entities.len(),
        refused.len()
    ));
    if refused.is_empty() { Ok(()) } else { Err(Failure::findings(format!("{} problems", refused.len()))) }
}

fn tell(r: &Refused) {
    say(format_args!("line {}: {}: {} ({})", r.line, r.column, r.reason, r.code));
}

/// Every refused row, on standard error and in the report.
fn report(args: &Args, refused: &[Refused]) -> Result<(), Failure> {
    refused.iter().for_each(tell);
    let Some(path) = &args.report else { return Ok(()) };
    let failed = |e: &dyn std::fmt::Display| Failure::failed(format!("{}: {e}", path.display()));
    let mut file = std::fs::File::create(path).map_err(|e| failed(&e))?;
    // Spreadsheets take the file for UTF-8 only with a byte order mark.
    file.write_all("\u{feff}".as_bytes()).map_err(|e| failed(&e))?;
    let mut out = csv::Writer::from_writer(file);
    out.write_record(["line", "column", "code", "reason"]).map_err(|e| failed(&e))?;
    for r in refused {
        out.write_record([&r.line.to_string(), &r.column, &r.code, &r.reason]).map_err(|e| failed(&e))?;
    }
    out.flush().map_err(|e| failed(&e))
}

fn progress(length: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// What became of what was sent.
#[derive(Default)]
struct Sent {
    created: usize,
    updated: usize,
    refused: Vec<Refused>,
}

fn send(args: &Args, entities: &[(usize, Json)]) -> Result<Sent, Failure> {
    let digest = entities.iter().flat_map(|(_, e)| e.to_string().into_bytes());
    let digest =
        digest.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut sent = Sent::default();
    let bar = progress(entities.len() as u64, "sending");
    for (number, batch) in entities.chunks(BATCH).enumerate() {
        let body = Json::Array(batch.iter().map(|(_, e)| e.clone()).collect()).to_string();
        let key = format!("import-{digest:016x}-{number}");
        let mut headers = vec![("Idempotency-Key", key.as_str())];
        headers.extend(args.tenant.as_deref().map(|t| ("NGSILD-Tenant", t)));
        let target = "/ngsi-ld/v1/entityOperations/upsert?options=update";
        let request = Request { method: "POST", target, headers: &headers, body: Some(&body) };
        let answer = retrying(&args.server, &request)?;
        let result: Json = serde_json::from_str(&answer.body).unwrap_or_default();
        match answer.status {
            201 => {
                let created = result.as_array().map_or(0, Vec::len);
                sent.created += created;
                sent.updated += batch.len() - created;
            }
            204 => sent.updated += batch.len(),
            207 => {
                let errors = result["errors"].as_array().cloned().unwrap_or_default();
                sent.updated += batch.len() - errors.len();
                for error in &errors {
                    let id = error["entityId"].as_str().unwrap_or_default();
                    let line = batch.iter().find(|(_, e)| e["id"] == id).map_or(0, |(line, _)| *line);
                    let reason = error["error"]["detail"].as_str().unwrap_or("refused by the server");
                    let code = error["error"]["title"].as_str().unwrap_or("refused");
                    sent.refused.push(Refused {
                        line,
                        column: id.to_owned(),
                        code: code.to_owned(),
                        reason: reason.to_owned(),
                    });
                }
            }
            status => {
                let done = number * BATCH;
                return Err(Failure::failed(format!(
                    "the server answered {status} after {done} entities: {}; run the same command again to go on",
                    answer.body.trim()
                )));
            }
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    Ok(sent)
}

/// Waits when the server says that it has too much to do.
fn retrying(server: &str, request: &Request<'_>) -> Result<http::Answer, Failure> {
    for _ in 0..30 {
        let answer = http::send(server, request)?;
        if answer.status != 429 && answer.status != 503 {
            return Ok(answer);
        }
        let wait = answer.header("retry-after").and_then(|s| s.parse().ok()).unwrap_or(1);
        std::thread::sleep(std::time::Duration::from_secs(u64::min(wait, 30)));
    }
    http::send(server, request)
}
