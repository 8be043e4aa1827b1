//! Events and labels: from the bytes of npy, npz and csv files to blocks, and back.
//!
//! Nothing here touches the disk; `name` is the file's name and decides its format.

mod bind;
mod labels;
mod read;
mod write;

pub use bind::{Wanted, events};
pub use labels::labels;
pub use read::{Array, read};
pub use write::{csv, npy};
