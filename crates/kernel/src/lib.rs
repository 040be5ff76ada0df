//! The sequencer, commands, queries, subscriptions and time travel.
