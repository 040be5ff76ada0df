//! Devices: what they say, and what becomes of it.
//!
//! Reading order: [`feed`] (what a payload means, as a pack writes it) → [`reading`] (a payload read by its feed) →
//! [`device`] (a device and its credential) → [`observe`] (readings as one verb of the kernel: counted once, late ones go
//! to history) → [`quarantine`] (what could not be read is kept, for somebody to mend and replay).

pub mod device;
pub mod feed;
pub mod names;
pub mod observe;
pub mod quarantine;
pub mod reading;

pub use device::Device;
pub use feed::{Feed, FeedDef, Format};
pub use observe::Observe;
pub use quarantine::{Decided, Quarantine, Reason};
pub use reading::{Bad, Reading, Value};
