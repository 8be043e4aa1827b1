//! [`Place`]: where in which file events, labels or weights are, and the [`Format`] that a name means.

/// A file, and what is wanted of it: `jets.npz:x`, `jets.csv:mass`, `jets.root:tree/pt`,
/// `jets.h5:/group/data`, or a file alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file.
    pub file: &'a str,
    /// The array or column in it.
    pub name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A place as recipes and command lines write it.
    ///
    /// What stands behind the last colon is a name if a data file stands before it.
    pub fn parse(text: &'a str) -> Self {
        match text.rsplit_once(':') {
            Some((file, name)) if format(file).is_some() => Self { file, name: Some(name) },
            Some(_) | None => Self { file: text, name: None },
        }
    }

    /// Whether the file has groups, so that columns of it may be named beside the place.
    pub(super) fn may_be_a_group(self) -> bool {
        matches!(format(self.file), Some(Format::Hdf5 | Format::Root))
    }
}

/// How the bytes of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Npy,
    Npz,
    Csv,
    Idx,
    Parquet,
    Hdf5,
    Root,
}

/// The format that a file has by its name: that of its ending, before `.gz` where it has that too.
pub(super) fn format(name: &str) -> Option<Format> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match extension {
        Some("npy") => Some(Format::Npy),
        Some("npz") => Some(Format::Npz),
        Some("csv" | "txt") => Some(Format::Csv),
        Some("idx") => Some(Format::Idx),
        Some("parquet" | "pq") => Some(Format::Parquet),
        Some("h5" | "hdf5") => Some(Format::Hdf5),
        Some("root") => Some(Format::Root),
        // The files of MNIST have names such as `t10k-images-idx3-ubyte`.
        _ if name.ends_with("-ubyte") => Some(Format::Idx),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_name_files_and_what_is_in_them() {
        let check = |text: &str, file: &str, name: Option<&str>| {
            assert_eq!(Place::parse(text), Place { file, name });
        };
        check("jets.npz:x", "jets.npz", Some("x"));
        check("a/jets.csv.gz:p_T [GeV]", "a/jets.csv.gz", Some("p_T [GeV]"));
        check("C:\\jets.npy", "C:\\jets.npy", None);
        check("jets.root:dir/tree", "jets.root", Some("dir/tree"));
        check("jets.h5:/jets/pt", "jets.h5", Some("/jets/pt"));
        check("jets.parquet:pt", "jets.parquet", Some("pt"));
        check("t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte.gz", None);
    }
}
