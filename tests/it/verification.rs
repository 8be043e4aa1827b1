//! Floating point against fixed point on a small network whose faults are known.

#![expect(clippy::float_cmp, reason = "these values are exact")]

use trigforge::graph::text::parse;
use trigforge::lower::lower;
use trigforge::numeric::tensor::Block;
use trigforge::plan::{self, Plan};
use trigforge::verify::attribution::Source;
use trigforge::verify::{Verification, verify};

const FLOAT: &str = r#"graph
  %0 = input {"shape":[2]} : @ "x" (input)
  %1 = dense(%0) {"inputs":2,"outputs":2,"weights":{"values":[1.0,0.1,-1.0,0.5]},"bias":{"values":[0.0,0.0]}} : @ "fc" (Gemm)
  input "x" %0
  output "y" %1
"#;

const FIXED: &str = r#"graph
  %0 = input {"shape":[2],"quantizer":"fixed<8,4,TRN,SAT>"} : @ "x" (input)
  %1 = dense(%0) {"inputs":2,"outputs":2,"weights":{"values":[1.0,0.125,-1.0,0.5],"grid":3},"bias":{"values":[0.0,0.0],"grid":0}} : @ "fc" (Gemm)
  %2 = quantize(%1) {"quantizer":"fixed<6,3,TRN,SAT>","source":"configuration"} : @ "fc" (Gemm)
  input "x" %0
  output "y" %2
"#;

#[test]
fn errors_are_found_and_attributed() {
    let (float, fixed) = (parse(FLOAT).unwrap(), parse(FIXED).unwrap());
    let device = plan::device("xcvu9p").unwrap();
    let module = lower(&fixed, &Plan::new(device, 5.0)).unwrap();
    // The first two events are exact but for the weight 0.1, the third overflows.
    let inputs = [Block::from_rows(&[1.0, 2.0, -1.0, 0.0, 7.0, 7.0], 2, 0)];
    let found = verify(&float, &float, &fixed, Some(&module), &inputs, Some(&[0, 1, 0])).unwrap();
    assert_eq!((found.events, found.outputs.len()), (3, 1));
    let errors = found.outputs[0].errors.unwrap();
    // 7.7 becomes 3.875; the other outputs are 1.25 for 1.2, 0, -1, 1, -3.5.
    assert!((errors.max - 3.825).abs() < 1e-12, "{errors:?}");
    assert_eq!((errors.max_event, errors.max_element), (2, 0));
    let classification = found.classification.as_ref().unwrap();
    assert_eq!(classification.fixed_accuracy, 1.0);
    assert_eq!((classification.accuracy_change, classification.agreement), (0.0, 1.0));
    assert_eq!(classification.classes[0].fixed_auc, Some(1.0));
    let [quantizer] = &found.overflows[..] else { panic!("{:?}", found.overflows) };
    assert_eq!((quantizer.overflows.values, quantizer.overflows.first), (1, Some((2, 0))));
    assert_eq!((found.engines[0].values, found.engines[0].mismatches), (6, 0));
    let costs: Vec<(&str, Source)> =
        found.layers.iter().map(|cost| (cost.name.as_str(), cost.source)).collect();
    let (values, constants) = (Source::Values, Source::Constants);
    assert_eq!(costs, [("x", values), ("fc", constants), ("fc", values)]);
    assert_eq!(found.layers[0].rms, 0.0, "the inputs are exact");
    // 0.025 times the second input, in one of the two outputs.
    let expected = 0.025 * ((4.0 + 49.0) / 6.0_f64).sqrt();
    assert!((found.layers[1].rms - expected).abs() < 1e-12, "{:?}", found.layers);
    assert!(found.layers[2].share > 0.9, "{:?}", found.layers);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Verification>(&text).unwrap(), found);
}
