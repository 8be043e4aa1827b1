//! The configuration file: defaults, precedence, and what is refused.

use std::num::NonZeroU32;

use trigforge::config::settings::Role;
use trigforge::config::{Config, Granularity};
use trigforge::diag::Code;
use trigforge::plan::Effort;

fn parse(text: &str) -> Config {
    Config::parse(text, "trigforge.toml").unwrap()
}

fn refused(text: &str) -> String {
    let fault = Config::parse(text, "trigforge.toml").unwrap_err();
    assert_eq!(fault.code, Code::C0401);
    format!("{}: {}\n{}", fault.place.unwrap(), fault.message, fault.notes.join("\n"))
}

#[test]
fn the_commented_file_is_the_defaults() {
    assert_eq!(parse(Config::COMMENTED), Config::default());
    assert_eq!(parse(""), Config::default());
}

#[test]
fn every_commented_key_is_a_key() {
    // Uncommenting what looks like TOML must still parse: no key in a comment may be misspelled.
    let text: String = Config::COMMENTED
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[')
                    || rest.split_once(" = ").is_some_and(|(key, _)| {
                        key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                    }) =>
            {
                format!("{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let config = parse(&text);
    assert_eq!(config.model.len(), 1);
    assert_eq!(config.gate.max_latency_bx, Some(4.0));
    assert_eq!(config.layer.len(), 1);
}

#[test]
fn an_effort_is_a_word_or_seconds() {
    let effort = |text: &str| parse(&format!("solver.effort = {text}")).solver.effort;
    assert_eq!(effort("\"best\""), Effort::Best);
    assert_eq!(effort("20"), Effort::Seconds(NonZeroU32::new(20).unwrap()));
    assert_eq!(effort("\"20\""), effort("20"));
    assert_eq!(parse("solver.seed = 9").solver.seed, 9);
    for text in
        ["solver.effort = \"hard\"", "solver.effort = 0", "solver.effort = -1", "solver.seed = -1"]
    {
        refused(text);
    }
}

#[test]
fn layer_beats_operator_beats_default() {
    let config = parse(
        r#"
        [quantize]
        weights = "fixed<9,3>"
        word_length = 12
        rounding = "TRN"
        [operator.Gemm]
        weights = "fixed<8,2>"
        output = "fixed<10,4>"
        [layer."/fc*"]
        weights = "fixed<7,2>"
        [layer."/fc1/*"]
        weights = "fixed<6,2,RND_CONV,WRAP>"
        [layer."/fc1/Gemm"]
        granularity = "channel"
        "#,
    );
    let weights = |name: &str, operator: &str| {
        let resolved = config.resolve(&[(name, operator)], Role::Activation);
        resolved.weights.unwrap().to_string()
    };
    assert_eq!(weights("/conv/MatMul", "MatMul"), "fixed<9,3,TRN,SAT>");
    assert_eq!(weights("/x/Gemm", "Gemm"), "fixed<8,2,TRN,SAT>");
    assert_eq!(weights("/fc2/Gemm", "Gemm"), "fixed<7,2,TRN,SAT>");
    assert_eq!(weights("/fc1/Gemm", "Gemm"), "fixed<6,2,RND_CONV,WRAP>");
    let fc1 = config.resolve(&[("/fc1/Gemm", "Gemm"), ("/relu", "Relu")], Role::Activation);
    assert_eq!(fc1.granularity, Granularity::Channel);
    assert_eq!(fc1.output.unwrap().to_string(), "fixed<10,4,TRN,SAT>");
    assert_eq!(fc1.word_length, 12);
}

#[test]
fn faults_name_their_line_and_the_keys() {
    let unknown = refused("[quantize]\nword_lenght = 8\n");
    assert!(unknown.starts_with("trigforge.toml:2: unknown field `word_lenght`"), "{unknown}");
    assert!(unknown.contains("word_length"), "{unknown}");
    for (text, says) in [
        ("[quantize]\nword_length = 40", "1 to 32 bits"),
        ("[quantize]\nweights = \"fixed<8>\"", "is not a format: write `fixed<W,I>`"),
        ("[quantize]\nrounding = \"ROUND\"", "RND_CONV"),
        ("[table]\ntanh = 1000", "power of two"),
        ("head = \"relu\"", "unknown variant"),
        ("[device]\nclock_ns = 0.0", "clock period"),
        ("[layer.\"a[\"]\nweights = \"auto\"", "layer pattern"),
        ("[gate", "unclosed"),
    ] {
        let fault = refused(text);
        assert!(fault.contains(says), "{text}: {fault}");
    }
}

#[test]
fn stages_belong_to_a_clocked_design() {
    let config = parse("[pipeline]\nstages = 3");
    assert_eq!(config.pipeline.stages.map(u32::from), Some(3));
    assert!(refused("[pipeline]\nstages = 0").contains("nonzero"));
    let both = refused("[pipeline]\nmode = \"combinational\"\nstages = 3");
    assert!(both.contains("a combinational design has no `stages`"), "{both}");
}
