//! The jet tagger of `models/jet_hlf`: float, and with quantizers in two dialects.

use trigforge::numeric::interval::scale;
use trigforge::numeric::quantizer::Quantizer;
use trigforge::ops::types::PerElement;

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

#[test]
fn quantize_linear_gives_the_stored_integers() {
    check_integers("jet_hlf_q6_qdq.onnx", "q6_x.npy", "q6_y_int_half_even.npy", 10);
    check_integers("jet_hlf_q8_qdq.onnx", "q8_x.npy", "q8_y_int_half_even.npy", 12);
}

#[test]
fn quantizers_of_powers_of_two_need_no_scaling() {
    for model in ["jet_hlf_q6_qonnx.onnx", "jet_hlf_q6_qdq.onnx"] {
        let graph = import_file(&models().join("jet_hlf").join(model));
        let names: Vec<&str> =
            graph.topological().into_iter().map(|node| graph[node].op.name()).collect();
        let layer = ["dense", "affine", "relu", "quantize"];
        let expected = [&["input", "quantize"], layer.as_slice(), &layer, &layer, &layer[..2]];
        assert_eq!(names, expected.concat(), "{model}");
        for node in graph.topological() {
            if let OpKind::Dense(dense) = &graph[node].op {
                assert!(dense.weights.is_exact(), "{model}");
            }
        }
    }
}

/// With a format at its input the network is one of integers, and gives the stored ones.
#[test]
fn formats_of_the_inputs_make_the_network_exact() {
    for (model, integers) in [
        ("jet_hlf_q6_qonnx.onnx", "q6_y_int_floor.npy"),
        ("jet_hlf_q6_qdq.onnx", "q6_y_int_half_even.npy"),
    ] {
        let folder = models().join("jet_hlf");
        let mut graph = import_file(&folder.join(model));
        let input = graph.inputs[0].node;
        let OpKind::Input(mut op) = graph[input].op.clone() else { panic!("an input port") };
        let quantizer: Quantizer = "fixed<8,4,RND_CONV,SAT>".parse().unwrap();
        op.quantizer = Some(PerElement::Uniform(quantizer));
        graph.set_op(input, op);
        graph.retype().unwrap();
        verify::verify(&graph).unwrap();
        let rows: Vec<i64> = npy(&folder.join("q6_x.npy"))
            .into_iter()
            .map(|x| quantizer.apply_f64(x).unwrap())
            .collect();
        let mut values = BTreeMap::from([(input, Block::from_rows(&rows, 16, 4))]);
        for node in graph.topological().into_iter().filter(|node| *node != input) {
            let operands = graph.operands(node);
            let operands: Vec<&Block<i64>> = operands.iter().map(|node| &values[node]).collect();
            let value = graph[node].op.eval(&operands, graph[node].ty.frac());
            values.insert(node, value);
        }
        let output = &values[&graph.outputs[0].node];
        assert_eq!(output.frac, 10, "{model}");
        let found: Vec<f64> = output.to_rows().iter().map(|raw| scale(*raw, 0)).collect();
        assert_eq!(found, npy(&folder.join(integers)), "{model}");
    }
}
