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

/// Keywords of Verilog-2001, `SystemVerilog` and C++, macros and types of the C library, the names
/// that HLS tools bring along, and the members of the class that Verilator makes of a design.
/// Sorted, in lower case.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ac_channel", "ac_fixed", "ac_int", "ac_rnd", "ac_rnd_conv", "ac_rnd_inf", "ac_rnd_min_inf", "ac_rnd_zero",
    "ac_sat", "ac_sat_sym", "ac_sat_zero", "ac_trn", "ac_trn_zero", "ac_wrap", "accept_on", "alias", "alignas",
    "alignof", "always", "always_comb", "always_ff", "always_latch", "and", "and_eq", "ap_fixed", "ap_int", "ap_rnd",
    "ap_rnd_conv", "ap_rnd_inf", "ap_rnd_min_inf", "ap_rnd_zero", "ap_sat", "ap_sat_sym", "ap_sat_zero", "ap_trn",
    "ap_trn_zero", "ap_ufixed", "ap_uint", "ap_wrap", "asm", "assert", "assign", "assume", "atclone", "auto",
    "automatic", "before", "begin", "bind", "bins", "binsof", "bit", "bitand", "bitor", "blkcnt64_t", "blkcnt_t",
    "blksize_t", "bool", "break", "buf", "bufif0", "bufif1", "byte", "caddr_t", "case", "casex", "casez", "catch",
    "cell", "chandle", "char", "char16_t", "char32_t", "char8_t", "checker", "class", "clock_t", "clockid_t",
    "clocking", "cmos", "co_await", "co_return", "co_yield", "comparison_fn_t", "compl", "concept", "config", "const",
    "const_cast", "consteval", "constexpr", "constinit", "constraint", "context", "contextp", "continue",
    "cookie_close_function_t", "cookie_io_functions_t", "cookie_read_function_t", "cookie_seek_function_t",
    "cookie_write_function_t", "cover", "covergroup", "coverpoint", "cpu_set_t", "cross", "daddr_t", "deassign",
    "decltype", "default", "defparam", "delete", "design", "dev_t", "disable", "dist", "div_t", "do", "double",
    "double_t", "dynamic_cast", "edge", "else", "end", "endcase", "endchecker", "endclass", "endclocking",
    "endconfig", "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule", "endpackage", "endprimitive",
    "endprogram", "endproperty", "endsequence", "endspecify", "endtable", "endtask", "enum", "eof", "errno",
    "error_t", "eval", "eval_end_step", "eval_step", "event", "eventspending", "eventually", "expect", "explicit",
    "export", "extends", "extern", "false", "femode_t", "fenv_t", "fexcept_t", "final", "first_match", "float",
    "float_t", "for", "force", "foreach", "forever", "fork", "forkjoin", "fpos64_t", "fpos_t", "fpregset_t", "friend",
    "fsblkcnt64_t", "fsblkcnt_t", "fsfilcnt64_t", "fsfilcnt_t", "fsid_t", "function", "generate", "genvar", "gid_t",
    "global", "goto", "greg_t", "gregset_t", "hiername", "highz0", "highz1", "hls", "id_t", "if", "iff", "ifnone",
    "ignore_bins", "illegal_bins", "imaxdiv_t", "implements", "implies", "import", "incdir", "include", "initial",
    "inline", "ino64_t", "ino_t", "inout", "input", "inside", "instance", "int", "int16_t", "int32_t", "int64_t",
    "int8_t", "int_fast16_t", "int_fast32_t", "int_fast64_t", "int_fast8_t", "int_least16_t", "int_least32_t",
    "int_least64_t", "int_least8_t", "integer", "interconnect", "interface", "intersect", "intmax_t", "intptr_t",
    "join", "join_any", "join_none", "key_t", "large", "ldiv_t", "let", "liblist", "library", "linux", "lldiv_t",
    "local", "locale_t", "localparam", "loff_t", "logic", "long", "longint", "macromodule", "main", "matches",
    "max_align_t", "mbstate_t", "mcontext_t", "medium", "mode_t", "modelname", "modport", "module", "mutable", "name",
    "namespace", "nand", "negedge", "nettype", "new", "nexttime", "nexttimeslot", "nlink_t", "nmos", "noexcept",
    "nor", "noshowcancelled", "not", "not_eq", "notif0", "notif1", "null", "nullptr", "nullptr_t", "off64_t", "off_t",
    "operator", "or", "or_eq", "output", "override", "package", "packed", "parameter", "pid_t", "pmos", "posedge",
    "prepareclone", "primitive", "priority", "private", "program", "property", "protected", "pthread_attr_t",
    "pthread_barrier_t", "pthread_barrierattr_t", "pthread_cond_t", "pthread_condattr_t", "pthread_key_t",
    "pthread_mutex_t", "pthread_mutexattr_t", "pthread_once_t", "pthread_rwlock_t", "pthread_rwlockattr_t",
    "pthread_spinlock_t", "pthread_t", "ptrdiff_t", "public", "pull0", "pull1", "pulldown", "pullup",
    "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "quad_t", "rand", "randc", "randcase", "randsequence",
    "rcmos", "real", "realtime", "ref", "reg", "register", "register_t", "reinterpret_cast", "reject_on", "release",
    "repeat", "requires", "restrict", "return", "rnmos", "rootp", "rpmos", "rtran", "rtranif0", "rtranif1",
    "s_always", "s_eventually", "s_nexttime", "s_until", "s_until_with", "scalared", "sequence", "short", "shortint",
    "shortreal", "showcancelled", "sig_atomic_t", "sig_t", "sigevent_t", "sighandler_t", "siginfo_t", "signed",
    "sigset_t", "sigval_t", "size_t", "sizeof", "small", "socklen_t", "soft", "solve", "specify", "specparam",
    "ssize_t", "stack_t", "static", "static_assert", "static_cast", "std", "stderr", "stdin", "stdout", "string",
    "strong", "strong0", "strong1", "struct", "super", "supply0", "supply1", "suseconds_t", "switch", "sycl",
    "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "template", "this", "thread_local", "threads",
    "throughout", "throw", "time", "time_t", "timeprecision", "timer_t", "timeunit", "trace", "tran", "tranif0",
    "tranif1", "tri", "tri0", "tri1", "triand", "trigforge", "trior", "trireg", "true", "try", "type", "typedef",
    "typeid", "typename", "u_int16_t", "u_int32_t", "u_int64_t", "u_int8_t", "u_quad_t", "ucontext_t", "uid_t",
    "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uint_fast16_t", "uint_fast32_t", "uint_fast64_t", "uint_fast8_t",
    "uint_least16_t", "uint_least32_t", "uint_least64_t", "uint_least8_t", "uintmax_t", "uintptr_t", "union",
    "unique", "unique0", "unix", "unsigned", "until", "until_with", "untyped", "use", "useconds_t", "using", "uwire",
    "va_list", "var", "vectored", "virtual", "vlsymsp", "void", "volatile", "wait", "wait_order", "wand", "wchar_t",
    "wctrans_t", "wctype_t", "weak", "weak0", "weak1", "while", "wildcard", "wint_t", "wire", "with", "within", "wor",
    "xnor", "xor", "xor_eq",
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
        // What the C library calls its own: a layer `error` has another type.
        check(&["error_t", "stack_t", "errors_t"], &["error_t_2", "stack_t_2", "errors_t"]);
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
