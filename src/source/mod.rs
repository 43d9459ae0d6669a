//! Where a Report comes from besides this program's own comparison: the tazuna CLI, saved output.
