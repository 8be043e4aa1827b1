//! Plain text made safe to stand in markup.

/// `text` without what means something in markup.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `text` escaped, with what stands between backticks in the type of code.
pub(super) fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An even number of parts is an odd number of backticks: the last one opens nothing.
    let closed = if parts.len().is_multiple_of(2) { parts.len() - 1 } else { parts.len() };
    let marked = |(index, part): (usize, &&str)| {
        let part = escaped(part);
        if index >= closed {
            format!("`{part}")
        } else if index.is_multiple_of(2) {
            part
        } else {
            format!("<code>{part}</code>")
        }
    };
    parts.iter().enumerate().map(marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_of_backticks_are_code() {
        assert_eq!(with_code("a `b<1>` c"), "a <code>b&lt;1&gt;</code> c");
        assert_eq!(with_code("a ` b"), "a ` b");
        assert_eq!(with_code("`a` and `b"), "<code>a</code> and `b");
        assert_eq!(with_code("`<b>"), "`&lt;b&gt;");
        assert_eq!(with_code(""), "");
    }
}
