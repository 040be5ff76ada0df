//! Files of each kind, from bytes to entities.
