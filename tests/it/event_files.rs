//! Reading Parquet, HDF5 and ROOT files, sound ones and damaged ones.

use std::fs;
use std::path::Path;

use trigforge::data::{self, File};
use trigforge::diag::{Code, Diagnostic};

/// The jets in every file that `make_events.py` writes.
const EVENTS: u32 = 40;

fn bytes(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    fs::read(folder.join(name)).unwrap()
}

fn open(name: &str) -> File {
    File::decode(name, &bytes(name)).unwrap()
}

fn column(event: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..EVENTS).map(|index| event(f64::from(index))).collect()
}

/// Checks what every file has of the jets; columns are found under `group` and without it.
fn check_jets(name: &str, group: Option<&str>) {
    let file = open(name);
    let under = |column: &str| match group {
        Some(group) => format!("{group}/{column}"),
        None => column.to_owned(),
    };
    let check = |own: &str, expected: Vec<f64>| {
        for path in [own.to_owned(), under(own), format!("/{}", under(own))] {
            let array = file.pick(Some(&path)).unwrap();
            assert_eq!(array.values, expected, "{name}:{path}");
            assert_eq!(array.events(), usize::try_from(EVENTS).unwrap());
        }
    };
    check("run", column(|_| 4e9));
    check("event", column(|event| event - 3.0));
    check("pt", column(|event| event * 1.5 + 20.0));
    check("mass", column(|event| (event + 0.5).sqrt()));
    check("tagged", column(|event| if event % 3.0 == 0.0 { 1.0 } else { 0.0 }));
    let x: Vec<f64> = (0..EVENTS * 4).map(|value| f64::from(value) / 8.0 - 5.0).collect();
    check("x", x);
    assert_eq!(file.pick(Some("x")).unwrap().shape, [40, 4]);
    let wanted = ["x".to_owned(), "pt".to_owned()];
    let both = file.side_by_side(group, &wanted).unwrap();
    assert_eq!(
        (both.shape.as_slice(), &both.values[..5]),
        ([40, 5].as_slice(), &[-5.0, -4.875, -4.75, -4.625, 20.0][..])
    );
    assert_eq!(file.words(Some("event")).unwrap()[..2], ["-3", "-2"]);
}

#[test]
fn every_compression_of_every_format_gives_the_same_jets() {
    for method in ["none", "snappy", "gzip", "zstd", "lz4"] {
        check_jets(&format!("jets_{method}.parquet"), None);
    }
    for method in ["none", "zlib", "zstd", "lz4"] {
        check_jets(&format!("jets_{method}.root"), Some("jets"));
    }
    check_jets("jets.h5", Some("jets"));
    let kinds = |name: &str, column: &str| {
        let words = open(name).words(Some(column)).unwrap();
        assert_eq!((words.len(), &words[..4]), (40, &["q", "g", "t", "q"].map(String::from)[..]));
    };
    kinds("jets_zstd.parquet", "kind");
    kinds("jets.h5", "jets/kind");
    kinds("jets.h5", "letters");
    kinds("records.h5", "jets/kind");
}

#[test]
fn numbers_of_every_type_are_read() {
    let records = open("records.h5");
    let pt = column(|event| event * 1.5 + 20.0);
    assert_eq!(records.pick(Some("jets/pt")).unwrap().values, pt);
    assert_eq!(records.pick(Some("half")).unwrap().values, pt);
    assert_eq!(records.pick(Some("x")).unwrap().shape, [40, 4]);
    assert_eq!(records.pick(Some("tagged")).unwrap().values[..4], [1.0, 0.0, 0.0, 1.0]);
    assert_eq!(open("jets.h5").pick(Some("big_endian")).unwrap().values, pt);
    assert_eq!(open("jets_none.parquet").pick(Some("half")).unwrap().values, pt);
    let odd = open("odd.root");
    for (kind, below) in [("i", 3.0), ("u", 0.0)] {
        for bits in [8, 16, 32, 64] {
            let found = odd.pick(Some(&format!("inner/deep/numbers/{kind}{bits}"))).unwrap();
            let expected = column(|event| event * f64::from(bits - 7).exp2() - below);
            assert_eq!(found.values, expected, "{kind}{bits}");
        }
    }
    assert_eq!(odd.pick(Some("big/x")).unwrap().shape, [40, 3, 2]);
    assert_eq!(odd.pick(Some("lists/pt")).unwrap().values, pt);
}

fn refused(name: &str, column: Option<&str>) -> Diagnostic {
    open(name).pick(column).unwrap_err()
}

#[test]
fn what_is_no_column_of_numbers_is_refused() {
    let check = |name: &str, column: &str, code: Code, message: &str| {
        let fault = refused(name, Some(column));
        assert_eq!((fault.code, fault.message.as_str()), (code, message), "{name}:{column}");
        assert!(!fault.help.is_empty());
    };
    check("odd.parquet", "mass", Code::D0508, "row 21: `mass` has no value");
    check("odd.parquet", "holes", Code::D0508, "row 5: `holes` has no value");
    let lists = "a list that is not as long for every event";
    check("odd.parquet", "jagged", Code::D0509, &format!("`jagged` is {lists}"));
    check(
        "odd.parquet",
        "nested.list.element",
        Code::D0509,
        "`nested.list.element` is a list of lists",
    );
    check("odd.parquet", "words", Code::D0509, "`words` is a list of words");
    let made = "neither a number nor a word, but a type made of them";
    check("odd.parquet", "time", Code::D0509, &format!("`time` is {made}"));
    assert_eq!(open("odd.parquet").pick(Some("jet.pt")).unwrap().values, column(|event| event));
    check("odd.h5", "scalar", Code::D0509, "`scalar` is a single value, not one for each event");
    check("odd.h5", "jagged", Code::D0509, &format!("`jagged` is {lists}"));
    check("odd.root", "lists/jagged", Code::D0509, &format!("`lists/jagged` is {lists}"));
    check("odd.root", "ntuple", Code::D0509, "`ntuple` is an RNTuple, and only trees are read");
    check("jets_lzma.root", "x", Code::D0509, "`jets/x` is compressed with LZMA");
    check(
        "jets.h5",
        "kind",
        Code::D0503,
        "`jets.h5` could not be read: `jets/kind` holds words, not numbers",
    );
    let names = ["short", "long"].map(String::from);
    let fault = open("odd.h5").side_by_side(None, &names).unwrap_err();
    assert_eq!(
        (fault.code, fault.message.as_str()),
        (Code::D0501, "`long` has 4 events, and `short` 3")
    );
    let fault = refused("jets_zlib.root", Some("jets/ptt"));
    assert_eq!((fault.code, fault.help.as_str()), (Code::D0507, "write for example `jets/pt`"));
    let fault = refused("odd.root", None);
    assert_eq!(
        (fault.code, fault.message.as_str()),
        (Code::D0507, "there are 4 arrays and tables")
    );
    assert_eq!(refused("odd.h5", None).code, Code::D0507);
}

#[test]
fn trees_that_root_wrote_are_read() {
    let file = open("by_root.root");
    let check = |name: &str, expected: Vec<f64>| {
        assert_eq!(file.pick(Some(name)).unwrap().values, expected, "{name}");
    };
    check("dir/tree/pt", column(|event| event * 1.5 + 20.0));
    check("dir/tree/x", (0..EVENTS * 4).map(|value| f64::from(value) / 8.0 - 5.0).collect());
    check("dir/tree/xy", (0..EVENTS * 6).map(|value| f64::from(value / 6)).collect());
    assert_eq!(file.pick(Some("dir/tree/xy")).unwrap().shape, [40, 3, 2]);
    check("dir/tree/flag", column(|event| if event % 3.0 == 0.0 { 1.0 } else { 0.0 }));
    check("dir/tree/count", column(|event| event % 3.0));
    check("dir/tree/pair.p", column(|event| event / 2.0));
    check("dir/tree/pair.q", column(|event| -event));
    check("ntuple/a", column(|event| event));
    check("ntuple/b", column(|event| event / 4.0));
    let fault = refused("by_root.root", Some("dir/tree/jagged"));
    let lists = "a list that is not as long for every event";
    assert_eq!(fault.message, format!("`dir/tree/jagged` is {lists}"));
    let fault = refused("by_root.root", Some("dir/tree/vector"));
    assert_eq!(fault.code, Code::D0509);
}

#[test]
fn lists_are_filled_up_with_zeros_or_cut() {
    let jagged = |wanted: u32| -> Vec<f64> {
        let value = |place: u32| f64::from(u8::from(place % wanted < (place / wanted) % 3));
        (0..EVENTS * wanted).map(value).collect()
    };
    for (name, column) in [("odd.parquet", "jagged"), ("odd.root", "lists/jagged")] {
        for wanted in [1, 2, 5] {
            let found = open(name).pick(Some(&format!("{column}[0..{wanted}]"))).unwrap();
            assert_eq!(found.shape, [40, usize::try_from(wanted).unwrap()], "{name}");
            assert_eq!(found.values, jagged(wanted), "{name}");
        }
    }
    // Lists that are as long for every event are cut and filled up, too.
    for (name, column) in [("jets_zstd.root", "x"), ("jets_zstd.parquet", "x"), ("jets.h5", "x")] {
        let file = open(name);
        let all = file.pick(Some(column)).unwrap();
        for wanted in [1, 4, 6] {
            let found = file.pick(Some(&format!("{column}[0..{wanted}]"))).unwrap();
            assert_eq!(found.shape, [40, wanted], "{name}");
            for event in 0..40 {
                let expected = all.event(event).iter().copied().chain([0.0; 2]).take(wanted);
                assert_eq!(found.event(event), expected.collect::<Vec<f64>>(), "{name}");
            }
        }
    }
    // What ROOT itself wrote: as many zeros as a count says, and vectors without values.
    for column in ["dir/tree/jagged[0..3]", "dir/tree/vector[0..3]"] {
        let found = open("by_root.root").pick(Some(column)).unwrap();
        assert_eq!((found.shape, found.values), (vec![40, 3], vec![0.0; 120]), "{column}");
    }
    let names = ["pt", "jagged[0..2]"].map(String::from);
    let found = open("odd.root").side_by_side(Some("lists"), &names).unwrap();
    let pt = open("odd.root").pick(Some("lists/pt")).unwrap().values;
    assert_eq!(found.shape, [40, 3]);
    assert_eq!(found.event(5), [pt[5], 1.0, 1.0]);
    let fault = refused("odd.root", Some("lists/pt[0..2]"));
    assert_eq!(fault.message, "`lists/pt` is no list, of which a part could be taken");
    assert_eq!(refused("odd.root", Some("lists/jagged[0..0]")).code, Code::D0507);
    let help = refused("odd.root", Some("lists/jagged")).help;
    assert_eq!(help, "take the first values of each event, such as `lists/jagged[0..16]`");
}

#[test]
fn a_file_alone_gives_what_a_network_takes() {
    let all = data::read("jets_none.root", &bytes("jets_none.root")).unwrap();
    assert_eq!((all.len(), all[0].shape.as_slice()), (1, [40, 9].as_slice()));
    let records = data::read("records.h5", &bytes("records.h5")).unwrap_err();
    assert_eq!(records.code, Code::D0503);
    let odd = data::read("odd.h5", &bytes("odd.h5")).unwrap_err();
    assert_eq!(odd.code, Code::D0509);
}

/// Reads every column of a file, and says nothing about it.
fn read_all(name: &str, bytes: &[u8]) {
    let Ok(file) = File::decode(name, bytes) else { return };
    let names: Vec<String> = file.names().into_iter().map(str::to_owned).collect();
    for column in names {
        drop(file.pick(Some(&column)));
        drop(file.pick(Some(&format!("{column}[0..3]"))));
    }
    drop(data::read(name, bytes));
}

/// Damages a file in many ways; each must be read or refused, never end the program.
fn damage(name: &str, flips: u64) {
    let sound = bytes(name);
    let count = u64::try_from(sound.len()).unwrap();
    for end in (0..sound.len()).step_by(sound.len() / 40 + 1).chain(sound.len() - 40..sound.len()) {
        read_all(name, &sound[..end]);
    }
    // A linear congruential generator: the same damages on every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for _ in 0..flips {
        let mut bytes = sound.clone();
        for _ in 0..=draw() % 3 {
            let place = usize::try_from(draw() % count).unwrap();
            bytes[place] = match draw() % 4 {
                0 => 0xff,
                1 => 0x7f,
                2 => 0,
                _ => u8::try_from(draw() % 256).unwrap(),
            };
        }
        read_all(name, &bytes);
    }
}

/// How often each file is damaged; `TRIGFORGE_FLIPS` says otherwise.
fn flips() -> u64 {
    std::env::var("TRIGFORGE_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

#[test]
fn damaged_parquet_files_are_refused() {
    for name in ["jets_none.parquet", "jets_zstd.parquet", "jets_lz4.parquet", "odd.parquet"] {
        damage(name, flips());
    }
}

#[test]
fn damaged_hdf5_files_are_refused() {
    for name in ["jets.h5", "records.h5", "odd.h5"] {
        damage(name, flips());
    }
}

#[test]
fn damaged_root_files_are_refused() {
    for name in ["jets_zlib.root", "jets_zstd.root", "jets_lz4.root", "jets_none.root", "odd.root"]
    {
        damage(name, flips());
    }
}
