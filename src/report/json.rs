//! The report as JSON: the form for other programs. `docs/report.schema.json` describes it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use super::data::{Report, SCHEMA};

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or has other fields.
    #[error("not a trigforge report")]
    Json(#[from] serde_json::Error),
    /// It was written by another version of the compiler.
    #[error("a report of schema {0}, but this version reads schema {SCHEMA}")]
    Schema(u32),
}

/// The report as indented JSON with the fields in the order of the structs: equal reports give
/// equal bytes, and a list of numbers stands on one line.
pub fn render(report: &Report) -> String {
    let text = pretty(report);
    debug_assert!(parse(&text).is_ok(), "a number of the report is not finite");
    text
}

/// Plain data in the layout of a report.
pub fn pretty(data: &impl Serialize) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Layout::default());
    data.serialize(&mut serializer).expect("plain data into memory");
    text.push(b'\n');
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// The report that [`render`] wrote.
///
/// # Errors
/// When `text` is no report, or one of another schema.
pub fn parse(text: &str) -> Result<Report, ReadError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema: u32,
    }
    let Version { schema } = serde_json::from_str(text)?;
    if schema != SCHEMA {
        return Err(ReadError::Schema(schema));
    }
    Ok(serde_json::from_str(text)?)
}

/// Objects are indented, one field a line; arrays add no lines of their own.
#[derive(Default)]
struct Layout {
    depth: usize,
    has_fields: bool,
}

impl Layout {
    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        write!(writer, "\n{:indent$}", "", indent = 2 * self.depth)
    }
}

impl Formatter for Layout {
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { w.write_all(b", ") }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.has_fields = false;
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        if !first {
            w.write_all(b",")?;
        }
        self.new_line(w)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_fields = true;
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.has_fields {
            self.new_line(writer)?;
        }
        writer.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::{env, fs};

    use super::*;

    #[test]
    fn a_report_survives_its_text() {
        let report = Report::default();
        assert_eq!(parse(&render(&report)).unwrap(), report);
        let other = render(&report).replacen("\"schema\": 1", "\"schema\": 9", 1);
        assert!(matches!(parse(&other), Err(ReadError::Schema(9))));
        assert!(matches!(parse("{}"), Err(ReadError::Json(_))));
    }

    /// The schema is made from the structs and their comments, so that it cannot go stale.
    /// `INSTA_UPDATE=always cargo test report` writes it anew.
    #[test]
    fn the_schema_is_up_to_date() {
        let schema = schemars::schema_for!(Report);
        let expected = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
        if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &expected).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == expected, "{} is out of date", path.display());
    }
}
