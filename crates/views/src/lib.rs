//! Current state, history and indexes in an embedded engine.
