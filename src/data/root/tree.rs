//! Trees, their branches, and the leaves of these.

use super::super::store::Refusal;
use super::cursor::Cursor;
use super::key::Key;

/// A branch: where its values are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    /// What an entry consists of, one after the other.
    pub(super) leaves: Vec<Leaf>,
    /// The number of events.
    pub(super) events: u64,
    /// The first event and the place in the file of each basket.
    pub(super) baskets: Vec<(u64, u64)>,
}

/// A leaf: what a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// Its name.
    pub(super) name: String,
    /// The type of its numbers.
    pub(super) element: Element,
    /// The dimensions of one event; none for a single number, or a list.
    pub(super) shape: Vec<usize>,
    /// How it is a list, where it is one.
    pub(super) list: Option<List>,
}

/// How the numbers of a list are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// One after another.
    Bare,
    /// As a `std::vector`: behind the length of the object, its version, and the number of values.
    Vector,
}

impl Leaf {
    /// The bytes of one event.
    pub(super) fn bytes(&self) -> usize {
        self.shape.iter().fold(self.element.bytes(), |all, own| all.saturating_mul(*own))
    }
}

/// The types of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Bool,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Element {
    /// The bytes of a number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The numbers of a vector, by the name of its class.
    fn of_vector(class: &str) -> Option<Self> {
        Some(match class {
            "vector<bool>" => Self::Bool,
            "vector<char>" => Self::I8,
            "vector<unsigned char>" => Self::U8,
            "vector<short>" => Self::I16,
            "vector<unsigned short>" => Self::U16,
            "vector<int>" => Self::I32,
            "vector<unsigned int>" => Self::U32,
            "vector<long>" | "vector<Long64_t>" => Self::I64,
            "vector<unsigned long>" | "vector<ULong64_t>" => Self::U64,
            "vector<float>" => Self::F32,
            "vector<double>" => Self::F64,
            _ => return None,
        })
    }

    fn of(class: &str, unsigned: bool) -> Option<Self> {
        let element = match (class, unsigned) {
            ("TLeafO", _) => Self::Bool,
            ("TLeafB", false) => Self::I8,
            ("TLeafB", true) => Self::U8,
            ("TLeafS", false) => Self::I16,
            ("TLeafS", true) => Self::U16,
            ("TLeafI", false) => Self::I32,
            ("TLeafI", true) => Self::U32,
            ("TLeafL" | "TLeafG", false) => Self::I64,
            ("TLeafL" | "TLeafG", true) => Self::U64,
            ("TLeafF", _) => Self::F32,
            ("TLeafD", _) => Self::F64,
            _ => return None,
        };
        Some(element)
    }
}

/// The path of a branch, and the branch where its values are numbers.
pub(super) type Named = (String, Result<Branch, Refusal>);

/// The branches of the tree that a key leads to, with their paths.
pub(super) fn branches(file: &[u8], path: &str, key: &Key) -> Result<Vec<Named>, Refusal> {
    if key.class == "ROOT::RNTuple" {
        let help = format!(
            "write it as a tree: `f.mktree(\"t\", {{\"pt\": \"f4\"}}); f[\"t\"].extend({{\"pt\": \
             uproot.open(file)[\"{path}\"].arrays()[\"pt\"]}})` with uproot"
        );
        return Err(Refusal::Kind { what: "an RNTuple, and only trees are read", help });
    }
    let content = key.content(file)?;
    let mut cursor = Cursor::new(&content, key.header);
    let mut members = cursor.members()?;
    if key.class != "TTree" {
        members = cursor.members()?;
    }
    cursor.named()?;
    // How the tree is drawn: lines, areas, markers.
    for _ in 0..3 {
        cursor.skip_members()?;
    }
    skip_figures(&mut cursor, members.version)?;
    let (count, list) = cursor.list()?;
    let mut found = Vec::new();
    for _ in 0..count {
        let object = cursor.object()?;
        if object.end > list.end {
            return Err(Refusal::damaged("a branch goes on behind its tree"));
        }
        if let Some(class) = object.class {
            let (name, branch) = branch(cursor, &class)?;
            let help = |refusal| with_help(refusal, path, &name);
            found.push((format!("{path}/{name}"), branch.map_err(help)));
        }
        cursor.position = object.end;
    }
    Ok(found)
}

/// Skips what a tree counts and when it was written.
fn skip_figures(cursor: &mut Cursor<'_>, version: u16) -> Result<(), Refusal> {
    // Counts of eight bytes, of four, and of eight again, as they were added by version.
    let (counts, settings, limits) = match version {
        16 => (4, 3, 5),
        17 => (4, 4, 5),
        18..=20 => (5, 4, 6),
        _ => {
            let what = "a tree of a version that is not read (16 to 20 are)";
            let help = "write it anew with uproot or ROOT 6";
            return Err(Refusal::Kind { what, help: help.to_owned() });
        }
    };
    // Behind the first stands the weight of the tree, eight bytes more.
    cursor.take(8 * (counts + 1))?;
    cursor.take(4 * settings)?;
    let ranges = if version >= 19 { cursor.count()? } else { 0 };
    cursor.take(8 * limits)?;
    if version >= 19 {
        for _ in 0..2 {
            cursor.u8()?;
            cursor.take(ranges.saturating_mul(8))?;
        }
    }
    if version >= 20 {
        cursor.skip_members()?;
    }
    Ok(())
}

/// The name of a branch, and the branch where its values are numbers.
fn branch(mut cursor: Cursor<'_>, class: &str) -> Result<Named, Refusal> {
    let mut members = cursor.members()?;
    if class != "TBranch" {
        members = cursor.members()?;
    }
    let (name, _) = cursor.named()?;
    // What an element of a class is stands behind what every branch has.
    let vector = match class {
        "TBranchElement" => Element::of_vector(&cursor.at(members.end).text()?),
        _ => None,
    };
    let branch = if class == "TBranch" || vector.is_some() {
        plain(cursor, members.version, vector)
    } else {
        Err(kind("a branch of objects or of lists that are not as long for every event"))
    };
    Ok((name, branch))
}

/// A branch of numbers, or of vectors of them where `vector` says of which.
fn plain(mut cursor: Cursor<'_>, version: u16, vector: Option<Element>) -> Result<Branch, Refusal> {
    if !(12..=13).contains(&version) {
        return Err(kind("a branch of a version that is not read (12 and 13 are)"));
    }
    cursor.skip_members()?;
    cursor.take(4 * 3)?;
    let written = cursor.count()?;
    cursor.u64()?;
    if version >= 13 {
        cursor.skip_members()?;
    }
    cursor.u32()?;
    let most = cursor.count()?;
    cursor.u32()?;
    let events = cursor.u64()?;
    cursor.take(8 * 3)?;
    let (inner, list) = cursor.list()?;
    if inner > 0 {
        return Err(kind("a branch with branches of its own"));
    }
    cursor.position = list.end;
    let leaves = leaves(&mut cursor, vector)?;
    // Baskets that are kept in the tree are not read; `basket` notices that their events are missing.
    cursor.skip_members()?;
    cursor.u8()?;
    cursor.take(most.saturating_mul(4))?;
    let firsts = places(&mut cursor, most)?;
    let seeks = places(&mut cursor, most)?;
    if !cursor.text()?.is_empty() {
        return Err(kind("a branch whose values are in another file"));
    }
    let baskets = firsts.into_iter().zip(seeks).take(written).take_while(|(_, seek)| *seek != 0);
    Ok(Branch { leaves, events, baskets: baskets.collect() })
}

fn places(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<u64>, Refusal> {
    cursor.u8()?;
    let (places, _) = cursor.take(count.saturating_mul(8))?.as_chunks();
    Ok(places.iter().map(|place| u64::from_be_bytes(*place)).collect())
}

fn leaves(cursor: &mut Cursor<'_>, vector: Option<Element>) -> Result<Vec<Leaf>, Refusal> {
    let (count, list) = cursor.list()?;
    let mut leaves = Vec::new();
    for _ in 0..count {
        let object = cursor.object()?;
        let class = object.class.ok_or_else(|| Refusal::damaged("a branch lacks a leaf"))?;
        leaves.push(leaf(*cursor, &class, vector)?);
        cursor.position = object.end;
    }
    cursor.position = list.end;
    if leaves.is_empty() {
        return Err(Refusal::damaged("a branch has no leaf"));
    }
    if leaves.len() > 1 && leaves.iter().any(|leaf: &Leaf| leaf.list.is_some()) {
        return Err(kind("a branch of several leaves, some of them lists"));
    }
    Ok(leaves)
}

fn leaf(mut cursor: Cursor<'_>, class: &str, vector: Option<Element>) -> Result<Leaf, Refusal> {
    cursor.members()?;
    cursor.members()?;
    let (name, title) = cursor.named()?;
    let length = cursor.count()?;
    cursor.take(4 * 2 + 1)?;
    let unsigned = cursor.u8()? != 0;
    let counted = cursor.u32()? != 0;
    if let Some(element) = vector.filter(|_| class == "TLeafElement") {
        return Ok(Leaf { name, element, shape: Vec::new(), list: Some(List::Vector) });
    }
    let Some(element) = Element::of(class, unsigned) else {
        return Err(kind(match class {
            "TLeafC" => "a branch of words",
            "TLeafElement" | "TLeafObject" => "a branch of objects",
            _ => "a branch of numbers that are packed in a way that is not read",
        }));
    };
    let shape = dimensions(&title);
    let shape = match (shape.iter().copied().fold(1, usize::saturating_mul), length) {
        (1, 1) => Vec::new(),
        (product, length) if product == length => shape,
        (_, length) => vec![length],
    };
    if shape.contains(&0) {
        return Err(Refusal::damaged("a leaf has no value"));
    }
    if counted && length != 1 {
        return Err(kind("a list of lists"));
    }
    let list = counted.then_some(List::Bare);
    let shape = if counted { Vec::new() } else { shape };
    Ok(Leaf { name, element, shape, list })
}

/// The dimensions that a title such as `x[4][3]/F` gives.
fn dimensions(title: &str) -> Vec<usize> {
    let parts = title.split('[').skip(1);
    parts.filter_map(|part| part.split(']').next()?.parse().ok()).collect()
}

fn kind(what: &'static str) -> Refusal {
    Refusal::Kind { what, help: String::new() }
}

/// Adds what can be typed for a branch that is not read.
fn with_help(refusal: Refusal, tree: &str, branch: &str) -> Refusal {
    match refusal {
        Refusal::Kind { what, .. } => {
            let array = format!("uproot.open(\"FILE.root\")[\"{tree}/{branch}\"].array()");
            let help = format!(
                "make 16 numbers of each event: `numpy.save(\"{branch}.npy\", \
                 ak.fill_none(ak.pad_none({array}, 16, clip=True), 0))`"
            );
            Refusal::Kind { what, help }
        }
        Refusal::Damaged(_) | Refusal::Missing { .. } => refusal,
    }
}
