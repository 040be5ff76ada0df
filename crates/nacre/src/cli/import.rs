//! `nacre import`: files become entities through the public interface of a running server.
//!
//! A file is gone through twice. First every row is made into an entity and checked; with the default, one refused row
//! means that nothing is sent, with `--skip-refused` the good rows are. Then the entities are sent in batches that a
//! second run repeats without doubling anything.
//!
//! Layout: [`source`] reads rows, [`mapping`] says what a column means and [`guess`] proposes it, [`cells`] and
//! [`columns`] read values, [`entity`] makes and checks entities, [`send`] sends them, [`report`] tells what was refused.

mod cells;
mod columns;
mod entity;
mod guess;
mod mapping;
mod report;
mod send;
mod source;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use nacre_pack::{Library, pack::Pack};
use serde_json::{Value as Json, json};

use super::exit::Failure;
use super::output::{data, say};
use entity::{Maker, Types};
use mapping::Mapping;
use send::{Sender, Sent};
use source::{ROWS_MAX, Reading, Source};

/// Import entities from CSV, XLSX, NDJSON or GeoJSON
///
/// The file's ending says what it is. Without --map the columns are guessed from the header, the first rows and the type;
/// --preview prints the guess as a mapping file to edit, with the first entities and every problem, and sends nothing.
///
/// All rows are checked before anything is sent; if one is refused nothing is sent, unless --skip-refused is given. Run
/// the same command again after an interruption: what the server has is not doubled. Exit code 3: rows were refused.
///
/// Examples:
///   nacre import streets.csv --type Street --preview > streets.yaml
///   nacre import streets.csv --map streets.yaml --report refused.csv
///   nacre import sections.xlsx --type WaterSection --sheet 断面 --id 'urn:ngsi-ld:WaterSection:{编号}' --skip-refused
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The file: .csv, .xlsx, .ndjson or .geojson
    file: PathBuf,
    /// Type of the entities
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Mapping (YAML), as --preview prints it
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// How an id is made: a template such as urn:ngsi-ld:Street:{code}, or the name of a column
    #[arg(long, value_name = "TEMPLATE")]
    id: Option<String>,
    /// Datum of the coordinates: wgs84, gcj02 or bd09; they are converted to WGS84
    #[arg(long, value_name = "DATUM")]
    datum: Option<String>,
    /// Sheet of a workbook; the first without it
    #[arg(long)]
    sheet: Option<String>,
    /// Line of the header; without it the first that is no note and not empty
    #[arg(long, value_name = "LINE")]
    header: Option<usize>,
    /// Encoding of a text, such as utf-8 or gb18030; without it what the file looks like
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Show what would be sent and send nothing
    #[arg(long)]
    preview: bool,
    /// Send the good rows although others are refused
    #[arg(long)]
    skip_refused: bool,
    /// Write every refused row with its reason to a CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Mark every entity as sample data (`sample: true`)
    #[arg(long)]
    sample: bool,
    /// Send a file once more that was imported before, to bring back what was changed since
    #[arg(long)]
    again: bool,
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

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Column or attribute, where one is to blame.
    pub column: String,
    /// A stable word.
    pub code: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Problem {
    fn new(column: &str, code: &str, reason: String) -> Problem {
        Problem { column: column.to_owned(), code: code.to_owned(), reason }
    }
}

/// A row that is not sent, and one reason why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Line of the file.
    pub line: usize,
    /// Why.
    pub problem: Problem,
}

/// Entities shown by a preview.
const PREVIEWED: usize = 5;

pub fn run(args: Args) -> Result<(), Failure> {
    let reading = Reading { sheet: args.sheet.clone(), encoding: args.encoding.clone(), header: args.header };
    let source = Source::open(&args.file, &reading)?;
    let types = types_in(&args.packs);
    let mapping = mapping(&args, &source, &types)?;
    unused(&source, &mapping, &types);
    let maker = Maker::new(&source, mapping, types, args.sample)?;
    let checked = check(&source, &maker)?;
    for words in maker.strange() {
        say(format_args!("note: {words}; it is sent all the same"));
    }
    if let Some(path) = &args.report {
        report::write(path, &args.file, &checked.refused)?;
    }
    report::tell(&args.file, &checked.refused, args.report.as_deref());
    if args.preview {
        return preview(&args, &maker, &checked);
    }
    let stop = !checked.refused.is_empty() && !args.skip_refused;
    let (sent, interrupted) =
        if stop { (Sent::default(), None) } else { send_all(&args, &source, &maker, &checked)? };
    report::tell(&args.file, &sent.refused, None);
    if let Some(path) = args.report.as_ref().filter(|_| !sent.refused.is_empty()) {
        let all: Vec<Refused> = checked.refused.iter().chain(&sent.refused).cloned().collect();
        report::write(path, &args.file, &all)?;
    }
    summary(&args, &checked, &sent, stop);
    if let Some(failure) = interrupted {
        let done = sent.created + sent.updated;
        return Err(Failure::failed(format!(
            "{failure}; {done} entities are in, run the same command again to go on"
        )));
    }
    let refused = checked.rows_refused.len() + sent.refused.len();
    match (refused, stop) {
        (0, _) => Ok(()),
        (_, true) => Err(Failure::findings(format!(
            "{refused} rows are refused and nothing was sent; correct them, or send the others with --skip-refused"
        ))),
        (_, false) => Err(Failure::findings(format!("{refused} rows were refused"))),
    }
}

/// The types of all packs that can be read.
fn types_in(packs: &Path) -> Types {
    let mut library = Library::new(packs);
    let names = library.names();
    let packs: Vec<Arc<Pack>> = names.iter().filter_map(|name| library.load(name).pack).collect();
    packs.iter().flat_map(|pack| pack.types.iter()).map(|(name, def)| (name.clone(), def.clone())).collect()
}

fn mapping(args: &Args, source: &Source, types: &Types) -> Result<Mapping, Failure> {
    let mut mapping = match &args.map {
        Some(path) => Mapping::read(path)?,
        None => {
            let name = args.type_name.as_deref().unwrap_or_default();
            if name.is_empty() && !source.holds_entities() {
                return Err(Failure::usage("--type is needed: which type of entity is a row?"));
            }
            guess::guess(source, name, types.get(name).map(|def| &**def))
        }
    };
    if let Some(name) = &args.type_name {
        mapping.type_name.clone_from(name);
    }
    if let Some(id) = &args.id {
        let column = source.columns.contains(id);
        mapping.id = if column { format!("urn:ngsi-ld:{}:{{{id}}}", mapping.type_name) } else { id.clone() };
    }
    if let Some(datum) = &args.datum {
        mapping.datum.clone_from(datum);
    }
    Ok(mapping)
}

/// Says what will not be looked at.
fn unused(source: &Source, mapping: &Mapping, types: &Types) {
    let used = |name: &&String| {
        mapping.columns.iter().any(|c| c.name == **name) || mapping.id.contains(&format!("{{{name}}}"))
    };
    let rest: Vec<&str> = source
        .columns
        .iter()
        .filter(|name| !name.is_empty() && !used(name) && *name != "id")
        .map(String::as_str)
        .collect();
    if !rest.is_empty() {
        say(format_args!("note: the mapping leaves out: {}", rest.join(", ")));
    }
    if !mapping.type_name.is_empty() && !types.contains_key(&mapping.type_name) {
        say(format_args!(
            "note: no pack defines `{}`: rows are not checked against a type",
            mapping.type_name
        ));
    }
}

/// What checking all rows gave.
#[derive(Debug, Default)]
struct Checked {
    rows: usize,
    /// Places of the rows that are not sent, from 0.
    rows_refused: BTreeSet<usize>,
    refused: Vec<Refused>,
    /// The first entities, with their lines.
    first: Vec<(usize, Json)>,
}

fn check(source: &Source, maker: &Maker) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let bar = progress(source.rows_about, "checking");
    for (place, row) in source.rows().enumerate() {
        if place == ROWS_MAX {
            return Err(Failure::usage(format!("more than {ROWS_MAX} rows: split the file")));
        }
        checked.rows += 1;
        bar.inc(1);
        let line = row.line;
        let made = row.content.map_err(|problem| vec![problem]).and_then(|content| maker.make(content));
        let made = made.and_then(|(id, entity)| match seen.get(&id) {
            None => {
                seen.insert(id, line);
                Ok(entity)
            }
            Some(first) => {
                let reason = format!("`{id}` stands in line {first} already; keep one of the two rows");
                Err(vec![Problem::new("id", "id-duplicate", reason)])
            }
        });
        match made {
            Ok(entity) if checked.first.len() < PREVIEWED => checked.first.push((line, entity)),
            Ok(_) => {}
            Err(problems) => {
                checked.rows_refused.insert(place);
                checked.refused.extend(problems.into_iter().map(|problem| Refused { line, problem }));
            }
        }
    }
    bar.finish_and_clear();
    Ok(checked)
}

fn preview(args: &Args, maker: &Maker, checked: &Checked) -> Result<(), Failure> {
    let mapping = maker.mapping().to_yaml();
    let (rows, refused) = (checked.rows, checked.rows_refused.len());
    if args.json {
        let first: Vec<&Json> = checked.first.iter().map(|(_, entity)| entity).collect();
        let refused_rows = report::to_json(&checked.refused);
        let summary = json!({"mapping": mapping, "entities": first, "rows": rows, "refusedRows": refused,
            "refused": refused_rows});
        data(format_args!("{summary}"));
    } else {
        // Standard output as a whole is the mapping file.
        data(format_args!("{}", mapping.trim_end()));
        data(format_args!("# the first of {} entities", rows - refused));
        checked.first.iter().for_each(|(line, entity)| data(format_args!("# line {line}: {entity}")));
    }
    say(format_args!(
        "{} of {rows} rows can be sent, {refused} are refused; nothing was sent",
        rows - refused
    ));
    if refused == 0 { Ok(()) } else { Err(Failure::findings(format!("{refused} rows would be refused"))) }
}

/// Sends the good rows; what stops it half way is given with what was done.
fn send_all(
    args: &Args,
    source: &Source,
    maker: &Maker,
    checked: &Checked,
) -> Result<(Sent, Option<Failure>), Failure> {
    let mut digest = source.digest.clone();
    if args.again {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        digest.push_str(&format!("-{}", now.as_millis()));
    }
    let mut sender = Sender::new(&args.server, args.tenant.as_deref(), &digest)?;
    let bar = progress(checked.rows - checked.rows_refused.len(), "sending");
    let good = |(place, row)| (!checked.rows_refused.contains(&place)).then_some(row);
    for row in source.rows().enumerate().filter_map(good) {
        bar.inc(1);
        // Every row that is left was made before.
        let Some((id, entity)) = row.content.ok().and_then(|content| maker.make(content).ok()) else {
            continue;
        };
        if let Err(failure) = sender.push(row.line, id, &entity) {
            return Ok((sender.sent, Some(failure)));
        }
    }
    let left = sender.flush();
    bar.finish_and_clear();
    Ok((sender.sent, left.err()))
}

fn summary(args: &Args, checked: &Checked, sent: &Sent, stop: bool) {
    let refused = checked.rows_refused.len() + sent.refused.len();
    let (rows, created, updated) = (checked.rows, sent.created, sent.updated);
    if args.json {
        let all: Vec<Refused> = checked.refused.iter().chain(&sent.refused).cloned().collect();
        let all = report::to_json(&all);
        let summary = json!({"rows": rows, "sent": !stop, "created": created, "updated": updated,
            "refusedRows": refused, "refused": all});
        data(format_args!("{summary}"));
    } else {
        data(format_args!(
            "{rows} rows: {created} created, {updated} updated or unchanged, {refused} refused"
        ));
    }
}

/// Shown only on a terminal.
fn progress(length: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
