//! `nacre query`: asks a running server through its public interface, with nothing but a socket.

use super::exit::Failure;
use super::http::{self, Answer, Request, encode};
use super::output::data;

/// Ask a running server for entities.
///
/// Prints one entity a line (NDJSON), or with --json the answer as it came. Examples:
///   nacre query --type Street
///   nacre query --type Street --q 'communityCount>15' --count
///   nacre query urn:ngsi-ld:Street:440105013 --as-of 2026-11-20T00:00:00Z
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Id of one entity
    id: Option<String>,
    /// Type, or several separated by commas
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Condition in the NGSI-LD query language
    #[arg(long)]
    q: Option<String>,
    /// Only these attributes, separated by commas
    #[arg(long)]
    attrs: Option<String>,
    /// Largest number of entities
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Leave out this many first
    #[arg(long, default_value_t = 0)]
    offset: u32,
    /// Print only how many there are
    #[arg(long)]
    count: bool,
    /// The past: an instant (2026-11-20T00:00:00Z) or a record number
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
    /// normalized, concise or simplified
    #[arg(long, default_value = "simplified")]
    format: String,
    /// Tenant
    #[arg(long)]
    tenant: Option<String>,
    /// Address of the server
    #[arg(long, env = "NACRE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    server: String,
    /// Print the answer as it came
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> Result<(), Failure> {
    let mut parameters = vec![("format", args.format.clone())];
    let mut add = |name, value: &Option<String>| parameters.extend(value.clone().map(|v| (name, v)));
    add("asOf", &args.as_of);
    add("attrs", &args.attrs);
    let path = match &args.id {
        Some(id) => format!("/ngsi-ld/v1/entities/{}", encode(id)),
        None => {
            add("type", &args.type_name);
            add("q", &args.q);
            let limit = if args.count { 0 } else { args.limit };
            parameters.push(("limit", limit.to_string()));
            parameters.push(("offset", args.offset.to_string()));
            parameters.push(("count", "true".into()));
            if args.type_name.is_none() && args.q.is_none() {
                parameters.push(("local", "true".into()));
            }
            "/ngsi-ld/v1/entities".to_owned()
        }
    };
    let query: Vec<String> = parameters.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect();
    let answer = get(&args, &format!("{path}?{}", query.join("&")))?;
    if answer.status != 200 {
        return Err(Failure::failed(format!(
            "the server answered {}: {}",
            answer.status,
            answer.body.trim()
        )));
    }
    if args.count {
        data(format_args!("{}", answer.header("ngsild-results-count").unwrap_or("0")));
        return Ok(());
    }
    if args.json {
        data(format_args!("{}", answer.body));
        return Ok(());
    }
    match serde_json::from_str(&answer.body) {
        Ok(serde_json::Value::Array(entities)) => entities.iter().for_each(|e| data(format_args!("{e}"))),
        Ok(entity) => data(format_args!("{entity}")),
        Err(e) => return Err(Failure::failed(format!("the server's answer is no JSON: {e}"))),
    }
    Ok(())
}

fn get(args: &Args, target: &str) -> Result<Answer, Failure> {
    let tenant = args.tenant.as_deref().map(|t| ("NGSILD-Tenant", t));
    let headers: Vec<(&str, &str)> = tenant.into_iter().collect();
    http::send(&args.server, &Request { method: "GET", target, headers: &headers, body: None })
}
