//! [`Gate`]: the bounds that a design must keep, and whether a report keeps them.

use serde::{Deserialize, Serialize};

use super::data::{FloatFixed, GateKind, GateOutcome, Report, Timing, Usage};
use super::words;

/// The bounds of `[gate]`; what is not set is not asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    /// The accuracy that fixed point may lose, as a fraction: 0.005 is half a point.
    pub max_accuracy_loss: Option<f64>,
    /// The least area under the ROC curve of every class, in fixed point.
    pub min_auc: Option<f64>,
    /// The most lookup tables.
    pub max_lut: Option<u64>,
    /// The most flip-flops.
    pub max_ff: Option<u64>,
    /// The most multiply-accumulate slices.
    pub max_dsp: Option<u64>,
    /// The most block memory, in kilobits.
    pub max_bram_kbit: Option<f64>,
    /// The longest latency, in nanoseconds.
    pub max_latency_ns: Option<f64>,
    /// The longest latency, in clock cycles.
    pub max_latency_cycles: Option<u32>,
    /// The longest latency, in bunch crossings of 25 ns.
    pub max_latency_bx: Option<f64>,
    /// Whether tensors whose verdict is "violated" pass.
    pub allow_violated: bool,
    /// Whether the Verilog must have been simulated, and every engine agree with the definition.
    pub rtl_equal: bool,
}

impl Default for Gate {
    /// No bound, but what is never negotiable: no overflow, and Verilog that was simulated.
    fn default() -> Self {
        Self {
            max_accuracy_loss: None,
            min_auc: None,
            max_lut: None,
            max_ff: None,
            max_dsp: None,
            max_bram_kbit: None,
            max_latency_ns: None,
            max_latency_cycles: None,
            max_latency_bx: None,
            allow_violated: false,
            rtl_equal: true,
        }
    }
}

/// The outcome of each bound that `gate` sets, in the order of its fields.
///
/// A bound on something that was not measured is not kept. Resources are those of synthesis
/// where it was run, and the estimate otherwise.
pub fn evaluate(report: &Report, gate: &Gate) -> Vec<GateOutcome> {
    let count = |bound: Option<u64>| bound.map(words::approximate);
    let resource = |kind, amount: fn(&Usage) -> f64| resource(report, kind, amount);
    let latency = |kind, amount: fn(&Timing) -> f64| latency(report, kind, amount);
    let bounded = [
        (gate.max_accuracy_loss, accuracy_loss(report)),
        (gate.min_auc, auc(report)),
        (count(gate.max_lut), resource(GateKind::MaxLut, |usage| words::approximate(usage.lut))),
        (count(gate.max_ff), resource(GateKind::MaxFf, |usage| words::approximate(usage.ff))),
        (count(gate.max_dsp), resource(GateKind::MaxDsp, |usage| words::approximate(usage.dsp))),
        (gate.max_bram_kbit, resource(GateKind::MaxBramKbit, |usage| usage.bram_kbit)),
        (gate.max_latency_ns, latency(GateKind::MaxLatencyNs, |timing| timing.latency_ns)),
        (
            gate.max_latency_cycles.map(f64::from),
            latency(GateKind::MaxLatencyCycles, |timing| f64::from(timing.latency_cycles)),
        ),
        (gate.max_latency_bx, latency(GateKind::MaxLatencyBx, |timing| timing.latency_bx)),
    ];
    let mut outcomes: Vec<GateOutcome> = bounded
        .into_iter()
        .filter_map(|(bound, measured)| Some(measured.against(bound?)))
        .collect();
    outcomes.push(violated(report, gate.allow_violated));
    outcomes.extend(gate.rtl_equal.then(|| mismatches(report).against(0.0)));
    outcomes
}

/// An outcome in one line: "`max_lut` is 42,399, above 40,000".
pub fn message(outcome: &GateOutcome) -> String {
    let kind = outcome.gate;
    let key = kind.key();
    let Some(amount) = outcome.value else {
        return format!("`{key}` was not measured");
    };
    let (value, bound) = (quantity(kind, amount), quantity(kind, outcome.bound));
    match (kind, outcome.passed) {
        (GateKind::AllowViolated, _) if amount == 0.0 => "no tensor overflows".to_owned(),
        (GateKind::AllowViolated, true) => format!("overflow in {value} is allowed"),
        (GateKind::AllowViolated, false) => format!("overflow in {value}"),
        (GateKind::RtlEqual, true) => "all engines agree".to_owned(),
        (GateKind::RtlEqual, false) => format!("the engines differ in {value}"),
        (_, true) => format!("`{key}` is {value}, within {bound}"),
        (GateKind::MinAuc, false) => format!("`{key}` is {value}, below {bound}"),
        (_, false) => format!("`{key}` is {value}, above {bound}"),
    }
}

/// What decided an outcome and, of a failure, what to do about it; may be empty.
pub fn reason(outcome: &GateOutcome) -> String {
    let parts: Vec<&str> =
        [&outcome.detail, &outcome.help].into_iter().flatten().map(String::as_str).collect();
    parts.join("; ")
}

/// An amount of what `kind` bounds, with its unit.
pub fn quantity(kind: GateKind, amount: f64) -> String {
    let number = words::number(amount);
    match kind {
        GateKind::MaxAccuracyLoss => format!("{:.2} points", 100.0 * amount),
        GateKind::MinAuc => format!("{amount:.4}"),
        GateKind::MaxLut | GateKind::MaxFf | GateKind::MaxDsp => number,
        GateKind::MaxBramKbit => format!("{number} kbit"),
        GateKind::MaxLatencyNs => format!("{number} ns"),
        GateKind::MaxLatencyCycles => words::plural(&number, "cycle"),
        GateKind::MaxLatencyBx => format!("{number} bx"),
        GateKind::AllowViolated => words::plural(&number, "tensor"),
        GateKind::RtlEqual => words::plural(&number, "integer"),
    }
}

/// What a bound is held against.
struct Measured {
    kind: GateKind,
    value: Option<f64>,
    detail: Option<String>,
    help: String,
}

impl Measured {
    fn against(self, bound: f64) -> GateOutcome {
        let kept = |value: f64| match self.kind {
            GateKind::MinAuc => value >= bound,
            GateKind::MaxAccuracyLoss
            | GateKind::MaxLut
            | GateKind::MaxFf
            | GateKind::MaxDsp
            | GateKind::MaxBramKbit
            | GateKind::MaxLatencyNs
            | GateKind::MaxLatencyCycles
            | GateKind::MaxLatencyBx
            | GateKind::AllowViolated
            | GateKind::RtlEqual => value <= bound,
        };
        let passed = self.value.is_some_and(kept);
        GateOutcome {
            gate: self.kind,
            bound,
            value: self.value,
            passed,
            detail: self.detail,
            help: (!passed).then_some(self.help),
        }
    }
}

/// The way to more precision: the layer that costs most, where that is known.
fn precision_help(report: &Report) -> String {
    let layers = report.verification.iter().flat_map(|verification| &verification.layers);
    let worst = layers
        .filter_map(|layer| Some((layer.output_error?, &layer.name)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match worst {
        Some((_, name)) => format!("`{name}` costs most: give it more bits below the point"),
        None => "give the formats more bits below the point".to_owned(),
    }
}

fn accuracy_loss(report: &Report) -> Measured {
    let accuracy = report.metrics().and_then(|metrics| metrics.accuracy);
    Measured {
        kind: GateKind::MaxAccuracyLoss,
        value: accuracy.map(FloatFixed::loss),
        detail: accuracy.map(|accuracy| {
            format!(
                "{} in float, {} in fixed point",
                words::percent(accuracy.float),
                words::percent(accuracy.fixed)
            )
        }),
        help: if accuracy.is_some() {
            precision_help(report)
        } else {
            "give events with `--data` and their classes with `--labels`".to_owned()
        },
    }
}

fn auc(report: &Report) -> Measured {
    let classes = report.metrics().map_or(&[][..], |metrics| &metrics.classes);
    let worst = classes.iter().min_by(|a, b| a.auc.fixed.total_cmp(&b.auc.fixed));
    Measured {
        kind: GateKind::MinAuc,
        value: worst.map(|class| class.auc.fixed),
        detail: worst
            .map(|class| format!("class `{}`, {:.4} in float", class.name, class.auc.float)),
        help: if worst.is_some() {
            precision_help(report)
        } else {
            "give events with `--data` and their classes with `--labels`".to_owned()
        },
    }
}

fn resource(report: &Report, kind: GateKind, amount: fn(&Usage) -> f64) -> Measured {
    let Some(resources) = &report.resources else {
        return Measured {
            kind,
            value: None,
            detail: Some("the design was not built".to_owned()),
            help: "mend the errors of the compilation first".to_owned(),
        };
    };
    let (usage, detail) = match &resources.synthesis {
        Some(synthesis) => (&synthesis.usage, format!("synthesized by {}", synthesis.tool)),
        None => (&resources.total, "estimated".to_owned()),
    };
    let largest =
        resources.layers.iter().max_by(|a, b| amount(&a.estimate).total_cmp(&amount(&b.estimate)));
    let help = match largest {
        Some(layer) => format!(
            "`{}` takes most, {}: give it narrower weights or a narrower input",
            layer.name,
            quantity(kind, amount(&layer.estimate))
        ),
        None => "give the weights narrower formats".to_owned(),
    };
    Measured { kind, value: Some(amount(usage)), detail: Some(detail), help }
}

fn latency(report: &Report, kind: GateKind, amount: fn(&Timing) -> f64) -> Measured {
    let Some(timing) = &report.timing else {
        return Measured {
            kind,
            value: None,
            detail: Some("the design has no pipeline".to_owned()),
            help: "give a clock period, `clock_ns`, and mend the errors of the compilation"
                .to_owned(),
        };
    };
    let detail = format!(
        "{} of {} ns",
        words::several(timing.latency_cycles.into(), "cycle"),
        words::number(report.design.clock_ns.unwrap_or_default())
    );
    Measured {
        kind,
        value: Some(amount(timing)),
        detail: Some(detail),
        help: "narrower formats make shorter stages; a longer clock period makes fewer of them"
            .to_owned(),
    }
}

fn violated(report: &Report, allowed: bool) -> GateOutcome {
    let names: Vec<String> = report.violations().map(|row| format!("`{}`", row.node)).collect();
    let number = words::size(names.len());
    let judged = !report.formats.is_empty();
    let measured = Measured {
        kind: GateKind::AllowViolated,
        value: judged.then_some(number),
        detail: if judged {
            (!names.is_empty()).then(|| names.join(", "))
        } else {
            Some("the design was not quantized".to_owned())
        },
        help: "widen these formats, make them saturate, or set `allow_violated = true`".to_owned(),
    };
    let outcome = measured.against(0.0);
    if allowed { GateOutcome { passed: true, help: None, ..outcome } } else { outcome }
}

fn mismatches(report: &Report) -> Measured {
    let run: Vec<_> =
        report.comparisons().iter().filter(|comparison| comparison.events > 0).collect();
    let simulated = run.iter().any(|comparison| {
        comparison.candidate.runs_verilog() || comparison.reference.runs_verilog()
    });
    let differing = run.iter().find(|comparison| comparison.mismatches > 0);
    let total: u64 = run.iter().map(|comparison| comparison.mismatches).sum();
    Measured {
        kind: GateKind::RtlEqual,
        value: simulated.then_some(words::approximate(total)),
        detail: if simulated {
            differing.and_then(|comparison| comparison.first_difference.clone())
        } else {
            Some("the Verilog was not simulated".to_owned())
        },
        help: if simulated {
            "this must never happen: please report it with the model".to_owned()
        } else {
            "install Verilator or Icarus Verilog, and give events with `--data`".to_owned()
        },
    }
}
