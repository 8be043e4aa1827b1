//! [`Namer`]: legal, unique identifiers for generated code.
//!
//! One rule serves every language that is written: a word that is reserved in
//! any of them is used in none, so a net has the same name in Verilog, in the
//! C++ that Verilator makes of it, and in a waveform.

use rustc_hash::FxHashSet;

/// The longest stem that is kept of a name: file systems refuse names of 256 bytes.
const MAX_STEM: usize = 96;

/// Hands out identifiers and never the same one twice.
///
/// Identifiers match `[A-Za-z][A-Za-z0-9_]*`, have no two underscores in a row
/// and none at the end, are no reserved word, and differ in more than the case
/// of their letters (they become file names, too).
#[derive(Clone, Debug, Default)]
pub struct Namer {
    taken: FxHashSet<String>,
}

impl Namer {
    /// A namer that has given out nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new identifier, as close to `wanted` as the rules allow.
    ///
    /// `/fc1/Gemm` becomes `fc1_Gemm`; asked for once more it is `fc1_Gemm_2`.
    pub fn name(&mut self, wanted: &str) -> String {
        let stem = sanitize(wanted);
        if self.take(&stem) {
            return stem;
        }
        (2..=u32::MAX)
            .map(|number| format!("{stem}_{number}"))
            .find(|candidate| self.take(candidate))
            .expect("there are more numbers than names")
    }

    fn take(&mut self, candidate: &str) -> bool {
        let folded = candidate.to_ascii_lowercase();
        !is_reserved(&folded) && self.taken.insert(folded)
    }
}

/// The nearest text that is spelled like an identifier.
fn sanitize(wanted: &str) -> String {
    let mut stem = String::with_capacity(wanted.len());
    for c in wanted.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if c != '_' || !(stem.is_empty() || stem.ends_with('_')) {
            stem.push(c);
        }
    }
    stem.truncate(MAX_STEM);
    let stem = stem.trim_end_matches('_');
    match stem.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("id_{stem}"),
        Some(_) => stem.to_owned(),
    }
}

/// True when a language that is written gives the word, in lower case, a meaning of its own.
fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// Keywords of Verilog-2001, `SystemVerilog` and C++, macros of the C library, and the members of
/// the class that Verilator makes of a design. Sorted, in lower case.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "accept_on", "alias", "alignas", "alignof", "always", "always_comb", "always_ff", "always_latch", "and", "and_eq",
    "asm", "assert", "assign", "assume", "atclone", "auto", "automatic", "before", "begin", "bind", "bins", "binsof",
    "bit", "bitand", "bitor", "bool", "break", "buf", "bufif0", "bufif1", "byte", "case", "casex", "casez", "catch",
    "cell", "chandle", "char", "char16_t", "char32_t", "char8_t", "checker", "class", "clocking", "cmos", "co_await",
    "co_return", "co_yield", "compl", "concept", "config", "const", "const_cast", "consteval", "constexpr",
    "constinit", "constraint", "context", "contextp", "continue", "cover", "covergroup", "coverpoint", "cross",
    "deassign", "decltype", "default", "defparam", "delete", "design", "disable", "dist", "do", "double",
    "dynamic_cast", "edge", "else", "end", "endcase", "endchecker", "endclass", "endclocking", "endconfig",
    "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule", "endpackage", "endprimitive", "endprogram",
    "endproperty", "endsequence", "endspecify", "endtable", "endtask", "enum", "eof", "errno", "eval",
    "eval_end_step", "eval_step", "event", "eventspending", "eventually", "expect", "explicit", "export", "extends",
    "extern", "false", "final", "first_match", "float", "for", "force", "foreach", "forever", "fork", "forkjoin",
    "friend", "function", "generate", "genvar", "global", "goto", "hiername", "highz0", "highz1", "if", "iff",
    "ifnone", "ignore_bins", "illegal_bins", "implements", "implies", "import", "incdir", "include", "initial",
    "inline", "inout", "input", "inside", "instance", "int", "integer", "interconnect", "interface", "intersect",
    "join", "join_any", "join_none", "large", "let", "liblist", "library", "linux", "local", "localparam", "logic",
    "long", "longint", "macromodule", "main", "matches", "medium", "modelname", "modport", "module", "mutable",
    "name", "namespace", "nand", "negedge", "nettype", "new", "nexttime", "nexttimeslot", "nmos", "noexcept", "nor",
    "noshowcancelled", "not", "not_eq", "notif0", "notif1", "null", "nullptr", "operator", "or", "or_eq", "output",
    "override", "package", "packed", "parameter", "pmos", "posedge", "prepareclone", "primitive", "priority",
    "private", "program", "property", "protected", "public", "pull0", "pull1", "pulldown", "pullup",
    "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "rand", "randc", "randcase", "randsequence", "rcmos", "real",
    "realtime", "ref", "reg", "register", "reinterpret_cast", "reject_on", "release", "repeat", "requires",
    "restrict", "return", "rnmos", "rootp", "rpmos", "rtran", "rtranif0", "rtranif1", "s_always", "s_eventually",
    "s_nexttime", "s_until", "s_until_with", "scalared", "sequence", "short", "shortint", "shortreal",
    "showcancelled", "signed", "sizeof", "small", "soft", "solve", "specify", "specparam", "static", "static_assert",
    "static_cast", "stderr", "stdin", "stdout", "string", "strong", "strong0", "strong1", "struct", "super",
    "supply0", "supply1", "switch", "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "template", "this",
    "thread_local", "threads", "throughout", "throw", "time", "timeprecision", "timeunit", "trace", "tran", "tranif0",
    "tranif1", "tri", "tri0", "tri1", "triand", "trior", "trireg", "true", "try", "type", "typedef", "typeid",
    "typename", "union", "unique", "unique0", "unix", "unsigned", "until", "until_with", "untyped", "use", "using",
    "uwire", "var", "vectored", "virtual", "vlsymsp", "void", "volatile", "wait", "wait_order", "wand", "wchar_t",
    "weak", "weak0", "weak1", "while", "wildcard", "wire", "with", "within", "wor", "xnor", "xor", "xor_eq",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_close_to_the_model() {
        let check = |wanted: &[&str], expected: &[&str]| {
            let mut namer = Namer::new();
            let found: Vec<String> = wanted.iter().map(|text| namer.name(text)).collect();
            assert_eq!(found, expected);
        };
        check(&["/fc1/Gemm", "fc1.Gemm", "FC1_gemm"], &["fc1_Gemm", "fc1_Gemm_2", "FC1_gemm_3"]);
        check(&["wire", "Class", "template"], &["wire_2", "Class_2", "template_2"]);
        check(&["", "µ", "3x", "__a__b__"], &["unnamed", "unnamed_2", "id_3x", "a_b"]);
        check(&["a", "a_2", "a"], &["a", "a_2", "a_3"]);
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    proptest! {
        #[test]
        fn names_are_legal_and_unique(
            wanted in prop::collection::vec(
                prop_oneof![
                    any::<String>(),
                    "[aA_]{0,3}[0-9]{0,2}",
                    prop::sample::select(RESERVED).prop_map(str::to_owned),
                ],
                1..60,
            )
        ) {
            let mut namer = Namer::new();
            let mut seen = BTreeSet::new();
            for text in &wanted {
                let name = namer.name(text);
                prop_assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{name}");
                prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
                prop_assert!(!name.contains("__") && !name.ends_with('_'), "{name}");
                prop_assert!(!is_reserved(&name.to_ascii_lowercase()), "{name}");
                prop_assert!(seen.insert(name.to_ascii_lowercase()), "{name}");
            }
        }
    }
}
