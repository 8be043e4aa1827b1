//! The verdict on each kind of quantizer, with and without events.

use trigforge::analysis::verdict::diagnostics;
use trigforge::analysis::{Overflowed, Verdict, verdicts};
use trigforge::graph::text;
use trigforge::numeric::tensor::Block;

/// `relu(x)` of two elements through `quantizer`, the input of 8 bits from -8 to 8.
fn verdict_of(quantizer: &str, source: &str, rows: Option<&[f64]>) -> (Verdict, Verdict) {
    let graph = text::parse(&format!(
        r#"graph
  %0 = input {{"shape":[2],"quantizer":"fixed<8,4,RND,SAT>","source":"calibration"}} @ "x" (input)
  %1 = relu(%0) {{}} @ "/relu" (Relu)
  %2 = quantize(%1) {{"quantizer":"{quantizer}","source":"{source}"}} @ "/q" (Quant)
  input "x" %0
  output "y" %2
"#
    ))
    .unwrap();
    let events = rows.map(|rows| vec![Block::from_rows(rows, 2, 0)]);
    let verdicts = verdicts(&graph, events.as_deref());
    assert_eq!(verdicts.len(), 2);
    assert_eq!((verdicts[0].name.as_str(), verdicts[1].name.as_str()), ("x", "/q"));
    assert_eq!(verdicts[1].range, Some((0.0, 7.9375)));
    let warned = verdicts.iter().filter(|own| match own.verdict {
        Verdict::Violated(_) => true,
        Verdict::Unchecked => !own.clips_by_design(),
        Verdict::Proved | Verdict::Calibrated { .. } | Verdict::Saturates(_) => false,
    });
    assert_eq!(diagnostics(&verdicts).len(), warned.count());
    (verdicts[0].verdict.clone(), verdicts[1].verdict.clone())
}

#[test]
fn formats_that_hold_the_range_are_proved() {
    let (input, own) = verdict_of("ufixed<8,3,RND_CONV,SAT>", "model", None);
    assert_eq!((input, own), (Verdict::Unchecked, Verdict::Proved));
    // Rounding up at the end of the range counts.
    let (_, own) = verdict_of("ufixed<4,3,RND,SAT>", "calibration", None);
    assert_eq!(own, Verdict::Unchecked);
    let (_, own) = verdict_of("ufixed<4,3,TRN,SAT>", "calibration", None);
    assert_eq!(own, Verdict::Proved);
}

#[test]
fn events_calibrate_or_violate() {
    let rows = [0.5, -1.0, 1.9, 0.25, -20.0, 0.0];
    let (input, own) = verdict_of("ufixed<8,2,RND,SAT>", "calibration", Some(&rows));
    assert_eq!(own, Verdict::Calibrated { events: 3, margin_bits: 1 });
    let below = Overflowed { events: 1, of: 3, event: 2, element: 0, value: -20.0, by: 12.0 };
    assert_eq!(input, Verdict::Violated(below));
    let (_, own) = verdict_of("ufixed<8,0,RND,WRAP>", "model", Some(&rows));
    let above =
        Overflowed { events: 1, of: 3, event: 1, element: 0, value: 1.875, by: 0.878_906_25 };
    assert_eq!(own, Verdict::Violated(above.clone()));
    let (_, own) = verdict_of("ufixed<8,0,RND,SAT>", "calibration", Some(&rows));
    assert_eq!(own, Verdict::Violated(above));
}

#[test]
fn trained_saturation_is_no_violation() {
    let rows = [0.5, -1.0, 3.0, 5.0, 2.0, 0.0];
    let (_, own) = verdict_of("ufixed<8,1,RND,SAT>", "model", Some(&rows));
    let most = Overflowed { events: 2, of: 3, event: 1, element: 1, value: 5.0, by: 3.007_812_5 };
    assert_eq!(own, Verdict::Saturates(most));
    let (_, own) = verdict_of("ufixed<8,1,RND,SAT>", "model", None);
    assert_eq!(own, Verdict::Unchecked);
}
