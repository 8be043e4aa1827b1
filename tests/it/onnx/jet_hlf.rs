//! The jet tagger of `models/jet_hlf`: float, and with quantizers in two dialects.

use super::*;

#[test]
fn the_float_tagger_gives_what_onnxruntime_gave() {
    let folder = models().join("jet_hlf");
    let graph = import_file(&folder.join("jet_hlf.onnx"));
    let found = evaluate(&graph, &[npy(&folder.join("x.npy"))]);
    assert_close(&found[0], &npy(&folder.join("y_float.npy")), "jet_hlf");
}

/// The outputs, in steps of `2^-frac`, are the stored integers.
fn check_integers(model: &str, x: &str, integers: &str, frac: i8) {
    let folder = models().join("jet_hlf");
    let graph = import_file(&folder.join(model));
    let found = evaluate(&graph, &[npy(&folder.join(x))]);
    let steps: Vec<f64> = found[0].iter().map(|y| y * f64::from(2).powi(frac.into())).collect();
    assert_eq!(steps, npy(&folder.join(integers)), "{model}");
}

#[test]
fn qonnx_quantizers_give_the_stored_integers() {
    check_integers("jet_hlf_q6_qonnx.onnx", "q6_x.npy", "q6_y_int_floor.npy", 10);
    check_integers("jet_hlf_q8_qonnx.onnx", "q8_x.npy", "q8_y_int_floor.npy", 12);
}
