//! The renderings of a report: of a good one, of a bad one and of an empty one.

use quick_xml::Reader;
use quick_xml::events::Event;
use trigforge::report::data::{
    Comparison, Design, Diagnostic, Engine, GateKind, LayerResources, Range, Severity, Stage,
    StageRange, Verdict,
};
use trigforge::report::gate::{self, Gate};
use trigforge::report::terminal::{self, Paint, Screen};
use trigforge::report::{Report, html, json, junit, markdown};

const SAMPLE: &str = include_str!("../cases/report/jet_tagger.json");

/// The jet tagger as stored, without gates.
fn sample() -> Report {
    json::parse(SAMPLE).expect("the sample is a report")
}

/// The jet tagger with every gate kept.
fn good() -> Report {
    let mut report = sample();
    let gate = Gate {
        max_accuracy_loss: Some(0.005),
        min_auc: Some(0.75),
        max_lut: Some(50_000),
        max_ff: Some(20_000),
        max_dsp: Some(0),
        max_bram_kbit: Some(0.0),
        max_latency_ns: Some(50.0),
        max_latency_cycles: Some(10),
        max_latency_bx: Some(2.0),
        allow_violated: false,
        rtl_equal: true,
    };
    report.gates = gate::evaluate(&report, &gate);
    report
}

/// The jet tagger with everything that can go wrong.
fn bad() -> Report {
    let mut report = sample();
    report.design.name += "_narrow";
    report.formats[3].verdict =
        Verdict::Violated { event: 417, element: 12, value: 9.31, by: 1.34, events: 4, of: 1000 };
    "fixed<8,4>".clone_into(&mut report.formats[3].format);
    report.formats[3].bounds = Some(Range { lo: -8.0, hi: 7.97 });
    report.formats[5].verdict = Verdict::Unchecked;
    let verification = report.verification.as_mut().expect("the sample was verified");
    verification.metrics = None;
    verification.engines[1] = Comparison {
        reference: Engine::Tensors,
        candidate: Engine::Verilator,
        events: 1000,
        mismatches: 37,
        first_difference: Some(
            "event 17, output y[2]: net n4711 in cycle 6 is -13 where -12 <= y was due".to_owned(),
        ),
        compile_seconds: None,
    };
    report.diagnostics.push(Diagnostic {
        code: "Q0201".to_owned(),
        severity: Severity::Error,
        message: "values of `fc2` overflow `fixed<8,4>`".to_owned(),
        place: Some("node `fc2` (MatMul) of models/jet_hlf_q6_qonnx.onnx".to_owned()),
        notes: vec!["range [-9.2, 9.31] over 1000 events; the format holds [-8, 7.97]".to_owned()],
        help: "widen it: `[layer.\"fc2\"] output = \"fixed<9,5>\"`".to_owned(),
    });
    let resources = report.resources.as_mut().expect("the sample was built");
    resources.synthesis = None;
    if let Some(capacity) = resources.capacity.as_mut() {
        capacity.lut = 41_000;
        capacity.ff = 12_000;
    }
    let gate = Gate {
        max_accuracy_loss: Some(0.005),
        max_lut: Some(40_000),
        max_latency_bx: Some(1.0),
        rtl_equal: true,
        ..Gate::default()
    };
    report.gates = gate::evaluate(&report, &gate);
    report
}

/// A model that did not import.
fn failed() -> Report {
    let design = Design {
        name: "broken".to_owned(),
        model: "models/broken.onnx".to_owned(),
        ..Design::default()
    };
    let diagnostic = Diagnostic {
        code: "O0001".to_owned(),
        severity: Severity::Error,
        message: "not an ONNX model".to_owned(),
        place: Some("models/broken.onnx".to_owned()),
        notes: Vec::new(),
        help: "export the model again".to_owned(),
    };
    Report { design, diagnostics: vec![diagnostic], ..Report::default() }
}

/// Ports, layers and stages by the dozen, and names as exporters write them.
fn large() -> Report {
    let mut report = sample();
    let resources = report.resources.as_mut().expect("the sample was built");
    let layer = resources.layers[1].clone();
    resources.layers = (0..40)
        .map(|index| LayerResources {
            name: format!("/model/encoder/blocks.{index}/attention/query/MatMul_quant_output_0"),
            stages: Some(StageRange { first: index, last: index + 2 }),
            ..layer.clone()
        })
        .collect();
    let timing = report.timing.as_mut().expect("the sample was built");
    timing.stages = (0..42).map(|_| Stage { delay_ns: 5.4, registers: 123_456 }).collect();
    report
}

fn in_terminal(report: &Report) -> String {
    [
        terminal::summary(report, Screen::FILE),
        terminal::layers(report, Screen::FILE),
        terminal::formats(report, Screen::FILE),
        terminal::verification(report, Screen::FILE),
        terminal::gates(report, Screen::FILE),
    ]
    .join("\n")
}

#[test]
fn json_gives_back_what_it_read() {
    assert_eq!(json::render(&sample()), SAMPLE);
    for report in [good(), bad(), failed()] {
        assert_eq!(json::parse(&json::render(&report)).unwrap(), report);
    }
}

#[test]
fn the_page_tells_how_long_compiling_the_cpp_took() {
    let mut report = sample();
    assert!(!html::render(&report).contains("compiled in"));
    let verification = report.verification.as_mut().expect("the sample was verified");
    verification.engines.push(Comparison {
        reference: Engine::Tensors,
        candidate: Engine::Cpp,
        events: 1000,
        mismatches: 0,
        first_difference: None,
        compile_seconds: Some(0.584),
    });
    let page = html::render(&report);
    assert!(page.contains("compiled in"));
    assert!(page.contains("0.58 s"));
    assert_eq!(json::parse(&json::render(&report)).unwrap(), report);
}

#[test]
fn markdown_of_a_check() {
    insta::assert_snapshot!(markdown::render(&[good(), bad(), failed()]));
}

#[test]
fn junit_of_a_check() {
    insta::assert_snapshot!(junit::render(&[good(), bad(), failed()]));
}

#[test]
fn terminal_tables() {
    insta::assert_snapshot!("terminal_good", in_terminal(&good()));
    insta::assert_snapshot!("terminal_bad", in_terminal(&bad()));
    insta::assert_snapshot!(
        "terminal_overview",
        terminal::overview(&[good(), bad(), failed()], Screen::FILE)
    );
}

#[test]
fn terminal_tables_fit_and_color_changes_no_word() {
    for report in [good(), bad(), failed(), large(), Report::default()] {
        let plain = in_terminal(&report);
        for line in plain.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        let painted = terminal::formats(&report, Screen { paint: Paint::Color, ..Screen::FILE });
        let bare = anstream::adapter::strip_str(&painted).to_string();
        let bare: Vec<&str> = bare.lines().map(str::trim_end).collect();
        assert_eq!(bare, terminal::formats(&report, Screen::FILE).lines().collect::<Vec<_>>());
    }
}

#[test]
fn only_the_good_one_passes() {
    assert!(good().passed());
    assert!(!bad().passed());
    assert!(!failed().passed());
    let mut differing = sample();
    differing.verification.as_mut().unwrap().engines[0].mismatches = 1;
    assert!(!differing.passed());
}

#[test]
fn what_was_not_measured_is_not_kept() {
    let gate = Gate {
        max_accuracy_loss: Some(1.0),
        min_auc: Some(0.0),
        max_lut: Some(u64::MAX),
        max_ff: Some(u64::MAX),
        max_dsp: Some(u64::MAX),
        max_bram_kbit: Some(f64::MAX),
        max_latency_ns: Some(f64::MAX),
        max_latency_cycles: Some(u32::MAX),
        max_latency_bx: Some(f64::MAX),
        allow_violated: false,
        rtl_equal: true,
    };
    let outcomes = gate::evaluate(&Report::default(), &gate);
    assert_eq!(outcomes.len(), 11);
    for outcome in outcomes {
        assert!(!outcome.passed && outcome.value.is_none(), "{outcome:?}");
        assert!(outcome.detail.is_some() || outcome.help.is_some(), "{outcome:?}");
    }
}

#[test]
fn a_bound_is_kept_up_to_equality() {
    let passes = |gate: Gate| {
        let report = sample();
        gate::evaluate(&report, &gate).iter().all(|outcome| outcome.passed)
    };
    let lut = sample().resources.unwrap().synthesis.unwrap().usage.lut;
    assert!(passes(Gate { max_lut: Some(lut), ..Gate::default() }));
    assert!(!passes(Gate { max_lut: Some(lut - 1), ..Gate::default() }));
    assert!(passes(Gate { max_latency_ns: Some(45.0), ..Gate::default() }));
    assert!(!passes(Gate { max_latency_ns: Some(44.9), ..Gate::default() }));
    assert!(!passes(Gate { min_auc: Some(0.95), ..Gate::default() }));
    assert!(!passes(Gate { max_accuracy_loss: Some(f64::NAN), ..Gate::default() }));
}

#[test]
fn verilog_that_was_not_simulated_is_not_equal() {
    let mut report = sample();
    let gate = Gate { rtl_equal: true, ..Gate::default() };
    assert!(gate::evaluate(&report, &gate).iter().all(|outcome| outcome.passed));
    let engines = &mut report.verification.as_mut().unwrap().engines;
    engines.retain(|comparison| !comparison.candidate.runs_verilog());
    assert!(!gate::evaluate(&report, &gate).iter().all(|outcome| outcome.passed));
}

#[test]
fn an_allowed_violation_fails_nowhere() {
    let mut report = bad();
    report.diagnostics.clear();
    report.verification = None;
    let unsimulated = Gate { allow_violated: true, rtl_equal: false, ..Gate::default() };
    report.gates = gate::evaluate(&report, &unsimulated);
    assert_eq!(report.gates[0].gate, GateKind::AllowViolated);
    assert_eq!(report.gates[0].value, Some(1.0));
    assert!(report.passed());
    assert!(junit::render(&[report]).contains(r#"failures="0" errors="0""#));
}

#[test]
fn html_is_well_formed_and_self_contained() {
    for report in [good(), bad(), failed(), large(), Report::default()] {
        let page = html::render(&report);
        let mut reader = Reader::from_str(&page);
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(element) | Event::Empty(element) => {
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        assert_ne!(attribute.key.as_ref(), b"src");
                        let elsewhere =
                            attribute.key.as_ref() == b"href" && !attribute.value.starts_with(b"#");
                        assert!(!elsewhere, "{attribute:?}");
                    }
                }
                _ => {}
            }
        }
        assert!(!page.contains("\"NaN") && !page.contains("\"inf"), "{}", report.design.name);
    }
}

#[test]
fn html_has_the_sections_that_the_report_fills() {
    let sections = |report: &Report| -> Vec<String> {
        let page = html::render(report);
        let ids = page.split("<section id=\"").skip(1);
        ids.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let all = [
        "summary",
        "diagnostics",
        "gates",
        "physics",
        "verification",
        "pipeline",
        "resources",
        "formats",
        "ranges",
        "loss",
        "interface",
    ];
    assert_eq!(sections(&good()), all);
    assert_eq!(sections(&failed()), ["diagnostics"]);
    assert!(sections(&Report::default()).is_empty());
}

#[test]
fn names_of_the_model_are_no_markup() {
    let name = "<u>&\"'`|";
    let mut report = bad();
    report.design.name = name.to_owned();
    report.formats[0].node = name.to_owned();
    report.weights[0].name = name.to_owned();
    report.activations[0].name = name.to_owned();
    report.resources.as_mut().unwrap().layers[1].name = name.to_owned();
    report.diagnostics[0].message = name.to_owned();
    let page = html::render(&report);
    assert!(!page.contains("<u>"));
    let mut reader = Reader::from_str(&page);
    while reader.read_event().unwrap() != Event::Eof {}
    assert!(!junit::render(std::slice::from_ref(&report)).contains("<u>"));
    let text = markdown::render(&[report]);
    let n_columns = |line: &str| line.replace("\\|", "").matches('|').count();
    for rows in text.lines().collect::<Vec<_>>().windows(2) {
        if rows.iter().all(|row| row.starts_with('|')) {
            assert_eq!(n_columns(rows[0]), n_columns(rows[1]), "{rows:?}");
        }
    }
}
