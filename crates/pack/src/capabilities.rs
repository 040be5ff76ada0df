//! Named capabilities: what packs call by name in conditions and Rust does, such as a standard of water quality.

use nacre_rules::Functions;

/// Every function that conditions may call.
pub fn functions() -> Functions {
    Functions::new()
}
