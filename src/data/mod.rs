//! Events and labels: from the bytes of npy, npz, csv, idx, Parquet, HDF5 and ROOT files to blocks,
//! and back.
//!
//! Nothing here touches the disk; `name` is the file's name and decides its format.
//!
//! - `place`: the name of a file, and of something in it;
//! - `file`: a decoded file, and what is picked from it by name; `read`, `table`, `idx` decode;
//! - `store`: files of which only those columns are decoded that are asked for; `parquet`, `hdf5` and
//!   `root` decode, and `guard` turns a panic of a library into a reason;
//! - `source`: the section `[data]` of a recipe, and the events that it names; `split`: which of them train;
//! - `transform`: what is done to inputs between a file and a network;
//! - `summary`: what they look like;
//! - `bind`, `labels`: events and classes for the inputs and outputs of a network;
//! - `write`: npy and csv.

mod bind;
mod file;
#[cfg(feature = "tables")]
mod guard;
#[cfg(feature = "tables")]
mod hdf5;
mod idx;
mod keys;
mod labels;
mod number;
#[cfg(feature = "tables")]
mod parquet;
mod place;
mod read;
mod root;
mod source;
mod split;
mod store;
pub mod summary;
mod table;
mod transform;
mod write;

pub use bind::{Wanted, events};
pub use file::{File, read};
pub use keys::keys_of_inputs;
pub use labels::{classes_of, labels, named_classes};
pub use place::Place;
pub use read::Array;
pub use source::{Events, Source, Targets};
pub use split::{Shares, Use};
pub use transform::Transform;
pub use write::{csv, npy};
