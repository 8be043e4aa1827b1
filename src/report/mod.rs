//! The report of a compilation: one plain value, and the texts it is shown as.
//!
//! [`Report`] is data and nothing else. It depends on no other module, so that whoever
//! computes a figure only has to fill in a field, and so that a report read back from its
//! JSON file renders like a fresh one.

pub mod data;
pub mod dataset;
pub mod evaluation;
pub mod gate;
mod grid;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod terminal;
mod words;

pub use data::Report;
