//! The one integration binary.

mod state;
