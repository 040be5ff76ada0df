//! Principals and the policies behind the authorisation door.
