//! The module of one layer.

use askama::Template;

use super::super::render;
use super::Context;
use super::cells::{expression, own_grid};
use super::sums;
use super::tables::Tables;
use super::text::{
    Line, PortLine, assignment, columns, comment, declaration, formats_in_words, port_list, quoted,
    wrapped,
};
use super::wires::{Grid, Scope, vector};
use crate::netlist::{Cell, LayerId, NetId};

/// What stands in the file of a layer.
#[derive(Template)]
#[template(path = "verilog/layer.v.j2")]
struct LayerView {
    module: String,
    node: String,
    heading: Vec<String>,
    ports: Vec<String>,
    stages: Vec<Stage>,
    clock: String,
    registers: Vec<String>,
    unread: String,
}

/// What happens between two clock edges.
struct Stage {
    title: String,
    lines: Vec<String>,
}

/// The text of the module of `layer`.
pub(super) fn emit(cx: &Context<'_>, layer: LayerId, tables: &mut Tables) -> String {
    let scope = Scope::new(cx.design.module, &cx.layout);
    let nets = &cx.design.module.nets;
    let members = &cx.layout.members[&layer];
    let mut body = Body::default();
    let widest = members.iter().map(|net| vector(nets[*net].format()).len()).max().unwrap_or(0);
    for run in members.chunk_by(|a, b| cx.layout.cycle[*a] == cx.layout.cycle[*b]) {
        body.stages.push((cx.layout.cycle[run[0]], Vec::new()));
        for net in run {
            write_net(cx, &scope, *net, widest, tables, &mut body);
        }
    }
    let several = body.stages.len() > 1;
    let imports = &cx.layout.imports[&layer];
    // What leaves the module is read outside, all of it.
    let inner = members.iter().filter(|net| !cx.layout.leaves[**net]);
    let unread = scope.unread(imports.iter().chain(inner).copied());
    let view = LayerView {
        module: cx.module_name[&layer].clone(),
        node: quoted(cx.node(layer).0),
        heading: heading(cx, layer),
        ports: ports(cx, layer),
        stages: body
            .stages
            .into_iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(cycle, lines)| Stage {
                title: if several { format!("Clock cycle {cycle}.") } else { String::new() },
                lines: columns(&lines),
            })
            .collect(),
        clock: cx.interface.clock.clone().unwrap_or_default(),
        registers: body.registers,
        unread: wrapped(&unread, ", ", 6),
    };
    render(&view)
}

/// The lines of a module, as they are gathered.
#[derive(Default)]
struct Body {
    stages: Vec<(u32, Vec<Line>)>,
    registers: Vec<String>,
}

fn write_net(
    cx: &Context<'_>,
    scope: &Scope<'_>,
    id: NetId,
    column: usize,
    tables: &mut Tables,
    body: &mut Body,
) {
    let net = &cx.design.module.nets[id];
    let name = &cx.layout.name[id];
    let format = net.format();
    let exported = cx.layout.leaves[id];
    let (_, lines) = body.stages.last_mut().expect("a stage was begun");
    let mut line = |code: String, comment: String| lines.push(Line { code, comment });
    let declared = |kind: &str| declaration(kind, format, column, name);
    if let Cell::Lookup { table, index } = net.cell {
        let module = tables.module(cx, table, index, id);
        let index = scope.fit(scope.operand(index), own_grid(&cx.design.module.nets[index]));
        if !exported {
            line(declared("wire") + ";", format.to_string());
        }
        line(format!("{module} lookup_{name} (.index({index}), .value({name}));"), String::new());
        return;
    }
    let own = own_grid(net);
    if let Some(sum) = sums::instance(cx, scope, id) {
        if !exported {
            line(declared("wire") + ";", format.to_string());
        }
        let (whole, is_fine) = (sum.whole, sum.whole != own);
        let fine = format!("{name}_fine");
        if is_fine {
            line(format!("wire [{}:0] {fine};", whole.width - 1), String::new());
        }
        for text in sum.lines(&cx.sum_module, name, if is_fine { &fine } else { name }) {
            line(text, String::new());
        }
        if is_fine {
            line(coarsened(&format!("assign {name}"), &fine, whole, own), String::new());
            line(unused(&fine, whole, own), String::new());
        }
        return;
    }
    let Some(driver) = expression(scope, net) else { return };
    if matches!(net.cell, Cell::Register { .. }) {
        if !exported {
            line(declared("reg ") + ";", format.to_string());
        }
        body.registers.push(format!("{name} <= {};", driver.text));
        return;
    }
    let (head, note) = if exported {
        (format!("assign {name}"), String::new())
    } else {
        (declared("wire"), format.to_string())
    };
    if driver.grid == own {
        line(assignment(&head, &driver.text), note);
        return;
    }
    let fine = format!("{name}_fine");
    let wires = format!("wire [{}:0] {fine}", driver.grid.width - 1);
    line(assignment(&wires, &driver.text), String::new());
    line(coarsened(&head, &fine, driver.grid, own), note);
    line(unused(&fine, driver.grid, own), String::new());
}

/// `head = fine`, without the bits below the net's own binary point, which its range promises to
/// be zero.
fn coarsened(head: &str, fine: &str, grid: Grid, own: Grid) -> String {
    assignment(head, &format!("{fine}[{}:{}]", grid.width - 1, grid.width - own.width))
}

/// The bits that [`coarsened`] leaves out.
fn unused(fine: &str, grid: Grid, own: Grid) -> String {
    format!("wire unused_{fine} = &{{1'b0, {fine}[{}:0]}};", grid.width - own.width - 1)
}

fn heading(cx: &Context<'_>, layer: LayerId) -> Vec<String> {
    let module = cx.design.module;
    let format = |net: &NetId| module.nets[*net].format();
    let (node, operator) = cx.node(layer);
    let (imports, exports) = (&cx.layout.imports[&layer], &cx.layout.exports[&layer]);
    let mut lines = vec![
        format!("Node:   {} ({})", comment(node), comment(operator)),
        format!("Reads:  {}", formats_in_words(imports.iter().map(format))),
        format!("Drives: {}", formats_in_words(exports.iter().map(format))),
    ];
    if let Some(cost) = cx.design.layer_costs.get(&layer) {
        lines.push(format!("Cost:   {} (estimate)", comment(cost)));
    }
    lines
}

fn ports(cx: &Context<'_>, layer: LayerId) -> Vec<String> {
    let module = cx.design.module;
    let mut ports = Vec::new();
    if let (Some(clock), true) = (&cx.interface.clock, cx.is_clocked(layer)) {
        ports.push(PortLine {
            kind: "input  wire",
            vector: String::new(),
            name: clock.clone(),
            comment: String::new(),
        });
    }
    let line = |kind: &'static str, net: &NetId| {
        let format = module.nets[*net].format();
        PortLine {
            kind,
            vector: vector(format),
            name: cx.layout.name[*net].clone(),
            comment: format!("{format} ({net})"),
        }
    };
    ports.extend(cx.layout.imports[&layer].iter().map(|net| line("input  wire", net)));
    ports.extend(cx.layout.exports[&layer].iter().map(|net| {
        let registered = matches!(module.nets[*net].cell, Cell::Register { .. });
        line(if registered { "output reg" } else { "output wire" }, net)
    }));
    port_list(&ports)
}
