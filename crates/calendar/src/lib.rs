//! The Chinese working calendar: holidays, make-up days 调休上班, office hours, and the four kinds of terms.
//!
//! Reading order: [`date`] (days without zone) → [`year`] (what the State Council announces for a year) → [`term`] (how long
//! something may take, and when it ends).
//!
//! A year that is not in the table is reckoned by weekends alone, and every end that depends on it is *provisional*: it is
//! marked so wherever it is shown, and reckoned again when the table of the year is entered.

pub mod date;
pub mod term;
pub mod year;

pub use date::Date;
pub use term::{AMOUNT_MAX, Calendar, End, Hours, Term, TermKind};
pub use year::{Year, YearError};
