//! Weights and tables as `constexpr` arrays of integers.

use std::fmt::Write;

/// The widest line of an array.
const COLUMNS: usize = 100;

/// The narrowest C++ integer that holds all values.
pub(super) fn word(values: &[i64]) -> &'static str {
    let fits = |lo: i64, hi: i64| values.iter().all(|value| (lo..=hi).contains(value));
    if fits(i8::MIN.into(), i8::MAX.into()) {
        "std::int8_t"
    } else if fits(i16::MIN.into(), i16::MAX.into()) {
        "std::int16_t"
    } else if fits(i32::MIN.into(), i32::MAX.into()) {
        "std::int32_t"
    } else {
        "std::int64_t"
    }
}

/// `constexpr std::int8_t name[2][3] = {...};` of one or two dimensions.
pub(super) fn array(name: &str, dimensions: &[usize], values: &[i64]) -> String {
    let sizes: Vec<String> = dimensions.iter().map(|size| format!("[{size}]")).collect();
    let sizes = sizes.concat();
    let mut text = format!("constexpr {} {name}{sizes} = {{\n", word(values));
    let row = if dimensions.len() > 1 { dimensions[dimensions.len() - 1] } else { 0 };
    if row == 0 {
        wrapped(&mut text, values, "    ", "");
    } else {
        for row in values.chunks_exact(row) {
            text.push_str("    {\n");
            wrapped(&mut text, row, "        ", "");
            text.push_str("    },\n");
        }
    }
    text.push_str("};");
    text
}

fn wrapped(text: &mut String, values: &[i64], indent: &str, end: &str) {
    let mut line = indent.to_owned();
    for (index, value) in values.iter().enumerate() {
        let comma = if index + 1 < values.len() { "," } else { end };
        let item = format!("{value}{comma}");
        if line.len() + item.len() + 1 > COLUMNS {
            writeln!(text, "{line}").expect("a string takes everything");
            line.truncate(indent.len());
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(&item);
    }
    writeln!(text, "{line}").expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_have_the_narrowest_words() {
        let text = array("w", &[2, 2], &[1, -128, 0, 127]);
        let expected = "constexpr std::int8_t w[2][2] = {\n    {\n        1, -128\n    },\n    {\n        \
                        0, 127\n    },\n};";
        assert_eq!(text, expected);
        assert_eq!(word(&[128]), "std::int16_t");
        assert_eq!(word(&[1 << 40]), "std::int64_t");
        assert!(array("w", &[200], &[-5; 200]).lines().all(|line| line.len() <= COLUMNS));
    }
}
