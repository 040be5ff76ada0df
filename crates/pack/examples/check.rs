//! Checks the packs below a folder and runs their scenarios, and a district when one is given.
#![allow(clippy::print_stdout)]
use std::path::Path;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(args.first().map_or("packs", String::as_str));
    let loaded = nacre_pack::check_all(root);
    for (name, one) in &loaded {
        one.findings.iter().for_each(|finding| println!("{finding}"));
        let Some(pack) = &one.pack else { continue };
        let needs: Vec<_> = pack.needs.iter().filter_map(|n| loaded.get(n)?.pack.clone()).collect();
        for finding in nacre_pack::runner::try_all(pack, &needs).into_values().flatten() {
            println!("{finding}");
        }
        println!("{name}: {} types, {} scenarios", pack.types.len(), pack.scenarios.len());
    }
    if let Some(district) = args.get(1) {
        let loaded = nacre_pack::load_district(Path::new(district), root);
        loaded.findings.iter().for_each(|finding| println!("{finding}"));
        println!("{} entities", loaded.district.map_or(0, |d| d.entities.len()));
    }
}
