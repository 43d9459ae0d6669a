//! The one integration binary.

mod arbitrary;
mod render;
mod reports;
