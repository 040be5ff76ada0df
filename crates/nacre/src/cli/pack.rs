//! `nacre pack`: write, check, try and explain packs.

mod world;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Subcommand;
use nacre_pack::{Finding, Library, Pack, Severity};

use super::exit::Failure;
use super::output::{data, say};
use world::KernelWorld;

/// Write, check and try packs.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// Folder of the packs
    #[arg(long, env = "NACRE_PACKS", value_name = "DIR", default_value = "packs", global = true)]
    packs: PathBuf,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Begin a pack from the template
    New {
        /// Its name: lower-case letters, digits and single hyphens
        name: String,
    },
    /// All findings with file and line; exit code 3 when one is an error
    Check {
        /// Names; none means all
        names: Vec<String>,
        /// All of them
        #[arg(long, conflicts_with = "names")]
        all: bool,
        /// One JSON object a finding
        #[arg(long)]
        json: bool,
    },
    /// Run the scenarios in memory, through the commands of the kernel; exit code 3 when one does not hold
    Try {
        /// Names; none means all
        names: Vec<String>,
        /// One JSON object a scenario
        #[arg(long)]
        json: bool,
    },
    /// A pack as tables, a workflow or rule of it such as `grid-events.event`, or the page of a finding's code such as
    /// `pack/unknown-unit`
    Explain {
        /// Pack, `pack.workflow`, `pack.rule`, or code
        what: String,
    },
}

pub fn run(args: Args) -> Result<(), Failure> {
    match args.what {
        What::New { ref name } => new(&args, name),
        What::Check { ref names, json, .. } => check(&args, names, json),
        What::Try { ref names, json } => try_them(&args, names, json),
        What::Explain { ref what } => explain(&args, what),
    }
}

fn new(args: &Args, name: &str) -> Result<(), Failure> {
    let files = nacre_pack::scaffold(&args.packs, name).map_err(|e| Failure::usage(e.to_string()))?;
    files.iter().for_each(|file| data(format_args!("{}", file.display())));
    say(format_args!(
        "next: fill in {name}/pack.yaml, then `nacre pack check {name}` and `nacre pack try {name}`"
    ));
    Ok(())
}

/// The packs named, or all of them.
fn wanted(args: &Args, names: &[String]) -> Result<(Library, Vec<String>), Failure> {
    let library = Library::new(&args.packs);
    let all = library.names();
    if all.is_empty() {
        return Err(Failure::usage(format!("{} holds no packs", args.packs.display())));
    }
    if let Some(unknown) = names.iter().find(|n| !all.contains(n)) {
        return Err(Failure::usage(format!("there is no pack `{unknown}`; there are: {}", all.join(", "))));
    }
    Ok((library, if names.is_empty() { all } else { names.to_vec() }))
}

fn tell(finding: &Finding, json: bool) {
    if json {
        data(format_args!("{}", finding.to_json()));
    } else {
        data(format_args!("{finding}"));
    }
}

fn check(args: &Args, names: &[String], json: bool) -> Result<(), Failure> {
    let (mut library, names) = wanted(args, names)?;
    let (mut errors, mut warnings) = (0, 0);
    for name in &names {
        for finding in library.load(name).findings {
            match finding.severity() {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
            tell(&finding, json);
        }
    }
    say(format_args!("{} packs: {errors} errors, {warnings} warnings", names.len()));
    if errors > 0 {
        let hint = "`nacre pack explain CODE` says more about a finding";
        return Err(Failure::findings(format!("{errors} errors; {hint}")));
    }
    Ok(())
}

fn load(library: &mut Library, name: &str) -> Result<Arc<Pack>, Failure> {
    let loaded = library.load(name);
    let errors: Vec<String> =
        loaded.findings.iter().filter(|f| f.severity() == Severity::Error).map(ToString::to_string).collect();
    loaded.pack.ok_or_else(|| Failure::findings(format!("pack `{name}` has errors:\n{}", errors.join("\n"))))
}

/// The packs that a pack uses, and itself: what a world of its scenarios knows.
fn with_needs(library: &mut Library, pack: &Arc<Pack>) -> Result<Vec<Arc<Pack>>, Failure> {
    let mut packs = Vec::with_capacity(pack.needs.len() + 1);
    for need in &pack.needs {
        packs.push(load(library, need)?);
    }
    packs.push(pack.clone());
    Ok(packs)
}

fn try_them(args: &Args, names: &[String], json: bool) -> Result<(), Failure> {
    let all_began = Instant::now();
    let (mut library, names) = wanted(args, names)?;
    let (mut held, mut failed) = (0, 0);
    // A kernel ends within a twentieth of a second; nobody waits for one after the other.
    let mut closing = Vec::new();
    for name in &names {
        let pack = load(&mut library, name)?;
        let packs = with_needs(&mut library, &pack)?;
        for (scenario_name, scenario) in &pack.scenarios {
            let began = Instant::now();
            let mut world = KernelWorld::new(&packs).map_err(|e| Failure::failed(e.to_string()))?;
            let findings = nacre_pack::runner::run(scenario, &mut world);
            closing.push(std::thread::spawn(move || world.close()));
            let ms = began.elapsed().as_secs_f64() * 1000.0;
            let ok = findings.is_empty();
            *(if ok { &mut held } else { &mut failed }) += 1;
            if json {
                let findings: Vec<_> = findings.iter().map(Finding::to_json).collect();
                let line = serde_json::json!({"pack": name, "scenario": scenario_name, "story": scenario.story,
                    "holds": ok, "milliseconds": ms, "findings": findings});
                data(format_args!("{line}"));
            } else {
                let verdict = if ok { "ok    " } else { "FAILED" };
                data(format_args!("{verdict} {name}/{scenario_name} {ms:.1} ms  {}", scenario.story));
                findings.iter().for_each(|f| data(format_args!("       {f}")));
            }
        }
    }
    closing.into_iter().for_each(|thread| drop(thread.join()));
    let (packs, seconds) = (names.len(), all_began.elapsed().as_secs_f64());
    say(format_args!("{held} scenarios hold, {failed} do not; {packs} packs in {seconds:.2} s"));
    if failed > 0 { Err(Failure::findings(format!("{failed} scenarios do not hold"))) } else { Ok(()) }
}

fn explain(args: &Args, what: &str) -> Result<(), Failure> {
    let mut library = Library::new(&args.packs);
    let (name, part) = what.split_once('.').map_or((what, None), |(name, part)| (name, Some(part)));
    if args.packs.join(name).join("pack.yaml").exists() {
        let pack = load(&mut library, name)?;
        let needs = with_needs(&mut library, &pack)?;
        let Some(part) = part else {
            data(format_args!("{}", nacre_pack::explain::pack(&pack, &needs)));
            return Ok(());
        };
        let page = nacre_pack::explain::part(&pack, &needs, part).ok_or_else(|| {
            let known: Vec<&str> = nacre_pack::explain::parts(&pack).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Failure::usage(format!("pack `{name}` has no workflow and no rule `{part}`; there are: {known}"))
        })?;
        data(format_args!("{page}"));
        return Ok(());
    }
    match nacre_pack::explain::code(what) {
        Ok(page) => data(format_args!("{page}")),
        Err(near) => {
            let hint = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
            let message = format!("there is no pack, workflow, rule or code `{what}`{hint}");
            return Err(Failure::usage(message));
        }
    }
    Ok(())
}
