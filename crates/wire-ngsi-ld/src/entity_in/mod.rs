//! Entities on the way in.
