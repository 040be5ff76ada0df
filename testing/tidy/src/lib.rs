//! Rules of the repository, kept as tests: see `tests/`.
