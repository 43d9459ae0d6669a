//! The one integration binary: a module a topic.

mod build;
mod output;
mod source;
mod tools;
