//! One use case a file: each reads top to bottom like its description.

pub mod compare;
pub mod doctor;
pub mod publish;
pub mod surroundings;
pub mod verdict;
