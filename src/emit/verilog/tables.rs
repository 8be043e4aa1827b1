//! Tables as modules: a `case` that every tool maps to LUTs or to block memory.

use std::collections::BTreeMap;

use askama::Template;

use super::super::render;
use super::Context;
use super::text::comment;
use super::wires::literal;
use crate::naming::Namer;
use crate::netlist::{NetId, TableId};
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;

/// The table modules that layers asked for.
#[derive(Debug)]
pub(super) struct Tables {
    namer: Namer,
    made: BTreeMap<Key, (String, String)>,
}

/// A table as it is read in one place: the reached indices, and the wires on both sides.
type Key = (TableId, i64, i64, FixedFormat);

#[derive(Template)]
#[template(path = "verilog/table.v.j2")]
struct TableView {
    module: String,
    heading: Vec<String>,
    is_large: bool,
    index_top: u8,
    value_top: u8,
    entries: Vec<String>,
    default: String,
}

/// The width of an index up to which a table is a look-up table for each bit, and best merged.
const SMALL: u8 = 6;

impl Tables {
    /// No tables yet; their names come from `namer`.
    pub(super) fn new(namer: Namer) -> Self {
        Self { namer, made: BTreeMap::new() }
    }

    /// The name of the module that reads `table` at the values of `index` and drives `value`.
    pub(super) fn module(
        &mut self,
        cx: &Context<'_>,
        table: TableId,
        index: NetId,
        value: NetId,
    ) -> String {
        let nets = &cx.design.module.nets;
        let (reached, value) = (nets[index].range, &nets[value]);
        let key = (table, reached.lo(), reached.hi(), value.format());
        if let Some((name, _)) = self.made.get(&key) {
            return name.clone();
        }
        let layer = &cx.module_name[&value.layer];
        let name = self.namer.name(&format!("{layer}_table"));
        let text = text(cx, &name, table, reached, value.format());
        self.made.insert(key, (name.clone(), text));
        name
    }

    /// The module names and texts.
    pub(super) fn finish(self) -> impl Iterator<Item = (String, String)> {
        self.made.into_values()
    }
}

fn text(
    cx: &Context<'_>,
    name: &str,
    table: TableId,
    reached: Interval,
    value: FixedFormat,
) -> String {
    let table = &cx.design.module.tables[table];
    let index = FixedFormat::covering(reached).expect("the builder refused wider nets");
    let up = u32::try_from(i32::from(value.frac()) - i32::from(table.frac));
    let up = up.expect("entries lie on the grid of the table");
    let pattern = |raw: i64| {
        let bits = raw.cast_unsigned() & (u64::MAX >> (64 - u32::from(index.width())));
        let digits = usize::from(index.width().div_ceil(4));
        format!("{}'h{bits:0digits$x}", index.width())
    };
    let entries = (reached.lo()..=reached.hi()).map(|raw| {
        let position = usize::try_from(raw - table.first).expect("the table begins in time");
        let entry = literal(i128::from(table.values[position]) << up, u32::from(value.width()));
        format!("{}: value = {entry};", pattern(raw))
    });
    let view = TableView {
        module: name.to_owned(),
        heading: vec![comment(&format!(
            "{} entries: index {index} from {}, value {value}.",
            reached.hi() - reached.lo() + 1,
            pattern(reached.lo()),
        ))],
        is_large: index.width() > SMALL,
        index_top: index.width() - 1,
        value_top: value.width() - 1,
        entries: entries.collect(),
        default: literal(0, u32::from(value.width())),
    };
    render(&view)
}
