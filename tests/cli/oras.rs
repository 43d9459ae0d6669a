//! `type: oras`: what is pulled, from where, and what is refused.

mod archive;
mod extraction;
mod pulling;
mod stage;
