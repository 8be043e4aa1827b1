//! Reading and writing events and labels.

use std::io::Write;

use trigforge::data::{self, Wanted};
use trigforge::diag::{Code, Diagnostic};
use trigforge::numeric::tensor::{Block, Shape};

fn events(
    file: &str,
    bytes: &[u8],
    inputs: &[(&str, &[usize])],
) -> Result<Vec<Block<f64>>, Diagnostic> {
    let shapes: Vec<Shape> = inputs.iter().map(|(_, shape)| Shape(shape.to_vec())).collect();
    let wanted: Vec<Wanted<'_>> =
        inputs.iter().zip(&shapes).map(|((name, _), shape)| Wanted { name, shape }).collect();
    data::events(file, &data::read(file, bytes)?, &wanted)
}

fn refused(file: &str, bytes: &[u8], inputs: &[(&str, &[usize])]) -> (Code, String) {
    let fault = events(file, bytes, inputs).unwrap_err();
    (fault.code, fault.message)
}

#[test]
fn npy_round_trips_in_every_shape() {
    let block = Block::from_rows(&[1.5, -2.0, 0.25, 7.0, 1e-3, 6.0, 0.0, 9.0], 4, 0);
    let bytes = data::npy(&block, &Shape(vec![2, 2]));
    for shape in [[2_usize, 2].as_slice(), &[4], &[4, 1]] {
        assert_eq!(events("x.npy", &bytes, &[("x", shape)]).unwrap(), std::slice::from_ref(&block));
    }
    let integers = Block { events: 2, frac: 0, data: vec![3_i64, -1] };
    let read = events("x.NPY", &data::npy(&integers, &Shape::vector(1)), &[("x", &[1])]).unwrap();
    assert_eq!(read[0].data, [3.0, -1.0]);
}

#[test]
fn csv_round_trips_with_and_without_header() {
    let block = Block::from_rows(&[1.5, -2.0, 0.25, 7.0], 2, 0);
    let text = data::csv(&block, "y");
    assert_eq!(text, "y[0],y[1]\n1.5,-2\n0.25,7\n");
    assert_eq!(
        events("y.csv", text.as_bytes(), &[("x", &[2])]).unwrap(),
        std::slice::from_ref(&block)
    );
    let bare = text.split_once('\n').unwrap().1;
    assert_eq!(events("y.csv", bare.as_bytes(), &[("x", &[2])]).unwrap(), [block]);
    let two = events("y.csv", b"1,2,3\n4,5,6\n", &[("a", &[1]), ("b", &[2])]).unwrap();
    assert_eq!(two[1].to_rows(), [2.0, 3.0, 5.0, 6.0]);
}

#[test]
fn compressed_files_and_those_of_mnist_are_read() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let images = gzip(&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 255]);
    let read = events("t10k-images-idx3-ubyte.gz", &images, &[("x", &[2])]).unwrap();
    assert_eq!(read[0].to_rows(), [1.0, 2.0, 3.0, 255.0]);
    let table = gzip(b"a,b\n1,2\n");
    assert_eq!(events("x.csv.gz", &table, &[("x", &[2])]).unwrap()[0].to_rows(), [1.0, 2.0]);
    let (code, _) = refused("x.csv.gz", &table[..table.len() - 9], &[("x", &[2])]);
    assert_eq!(code, Code::D0503);
}

#[test]
fn npz_arrays_go_to_the_inputs_of_their_names() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = ndarray_npy::NpzWriter::new(&mut bytes);
    writer.add_array("b", &ndarray::array![[1_u8, 2], [3, 4]]).unwrap();
    writer.add_array("a", &ndarray::array![0.5_f32, 1.5]).unwrap();
    writer.finish().unwrap();
    let bytes = bytes.into_inner();
    let read = events("x.npz", &bytes, &[("a", &[1]), ("b", &[2])]).unwrap();
    assert_eq!(read[0].data, [0.5, 1.5]);
    assert_eq!(read[1].to_rows(), [1.0, 2.0, 3.0, 4.0]);
    let (code, message) = refused("x.npz", &bytes, &[("a", &[1]), ("c", &[2])]);
    assert_eq!((code, message.as_str()), (Code::D0501, "no array is called `c`"));
}

#[test]
fn faults_say_what_was_expected_and_where() {
    let x: &[(&str, &[usize])] = &[("x", &[2])];
    let check = |file: &str, bytes: &[u8], code: Code, says: &str| {
        let found = refused(file, bytes, x);
        assert_eq!(found.0, code, "{}", found.1);
        assert!(found.1.contains(says), "{}", found.1);
    };
    check("x.csv", b"1,2,3\n", Code::D0501, "takes [events, 2], but the data is [1,3]");
    check("x.csv", b"a,b\n", Code::D0503, "no row of numbers");
    check("x.csv", b"1,2\n3,nan\n", Code::D0502, "row 1, column 1 is NaN");
    check("x.csv", b"1,2\n3,inf\n", Code::D0502, "is inf");
    check("x.csv", b"1,2\n3,four\n", Code::D0503, "row 2, column 2: `four` is not a number");
    check("x.csv", b"1,2\n3\n", Code::D0503, "record");
    check("x.npy", b"not numpy", Code::D0503, "could not be read");
    check("x.npz", b"not a zip", Code::D0503, "could not be read");
    check("x.mat", b"", Code::D0503, "its name ends as that of no data file");
    check("x.root", b"", Code::D0503, "could not be read");
    let none = data::npy(&Block::<f64> { events: 0, frac: 0, data: vec![] }, &Shape::vector(2));
    check("x.npy", &none, Code::D0501, "no event");
}

#[test]
fn labels_are_classes_or_one_hot_or_binary() {
    let labels = |text: &str, classes| data::labels("y.csv", text.as_bytes(), 2, classes);
    assert_eq!(labels("2\n0\n", 3).unwrap(), [2, 0]);
    assert_eq!(labels("0,0,1\n1,0,0\n", 3).unwrap(), [2, 0]);
    assert_eq!(labels("1\n0\n", 1).unwrap(), [1, 0]);
    for (text, classes) in [
        ("3\n0\n", 3),
        ("1\n", 3),
        ("0.5\n1\n", 2),
        ("1,1,0\n0,0,1\n", 3),
        ("1,0\n0,1\n", 3),
        ("-1\n0\n", 2),
    ] {
        assert_eq!(labels(text, classes).unwrap_err().code, Code::D0504, "{text}");
    }
}
