//! The top module: the layers wired together between packed ports.

use askama::Template;

use super::super::render;
use super::Context;
use super::text::{
    Line, PortLine, columns, declaration, formats_in_words, port_list, quoted, wrapped,
};
use super::wires::{Grid, Scope, vector};
use crate::emit::interface::{Element, Pins};
use crate::netlist::{LayerId, NetId};

/// What stands in the file of the top module.
#[derive(Template)]
#[template(path = "verilog/top.v.j2")]
struct TopView {
    module: String,
    heading: Vec<String>,
    ports: Vec<String>,
    elements: Vec<String>,
    values: Vec<String>,
    instances: Vec<Instance>,
    outputs: Vec<Output>,
    unread: String,
}

/// One layer.
struct Instance {
    node: String,
    module: String,
    name: String,
    connections: Vec<String>,
}

/// One output port and its elements, the last one first.
struct Output {
    port: String,
    elements: Vec<String>,
}

/// The text of the top module.
pub(super) fn emit(cx: &Context<'_>) -> String {
    let module = cx.design.module;
    let scope = Scope::new(module, &cx.layout);
    let outputs = outputs(cx, &scope);
    let (elements, mut unread) = elements(cx);
    for net in cx.layout.imports.values().flatten() {
        scope.read_all(*net);
    }
    let exported = cx.layout.exports.values().flatten().copied();
    unread.extend(scope.unread(exported));
    unread.extend(scope.unread(used_inputs(cx)));
    let view = TopView {
        module: cx.interface.top.clone(),
        heading: heading(cx),
        ports: ports(cx),
        elements,
        values: values(cx),
        instances: cx.layout.members.keys().map(|layer| instance(cx, *layer)).collect(),
        outputs,
        unread: wrapped(&unread, ", ", 6),
    };
    render(&view)
}

fn heading(cx: &Context<'_>) -> Vec<String> {
    let interface = &cx.interface;
    let mut lines = Vec::new();
    for (pins, direction) in interface
        .inputs
        .iter()
        .map(|pins| (pins, "Input "))
        .chain(interface.outputs.iter().map(|pins| (pins, "Output")))
    {
        let formats = formats_in_words(pins.elements.iter().map(|element| element.format));
        lines.push(format!("{direction} {}: {formats}", pins.port));
    }
    for pins in &interface.overflow {
        lines.push(format!(
            "Flag   {}: some value of `{}` overflowed",
            pins.port,
            quoted(&pins.tensor)
        ));
    }
    lines.push(match interface.latency {
        0 => "Combinational: no clock.".to_owned(),
        1 => "Latency 1 clock cycle; a new event may enter each cycle.".to_owned(),
        latency => format!("Latency {latency} clock cycles; a new event may enter each cycle."),
    });
    lines.push("Element 0 of a port stands in its lowest bits.".to_owned());
    lines
}

fn ports(cx: &Context<'_>) -> Vec<String> {
    let line = |kind: &'static str, pins: &Pins| PortLine {
        kind,
        vector: format!("[{}:0]", pins.width - 1),
        name: pins.port.clone(),
        comment: match pins.elements.len() {
            1 => "1 element".to_owned(),
            count => format!("{count} elements"),
        },
    };
    let clock = cx.interface.clock.iter().map(|clock| PortLine {
        kind: "input  wire",
        vector: String::new(),
        name: clock.clone(),
        comment: String::new(),
    });
    let inputs = cx.interface.inputs.iter().map(|pins| line("input  wire", pins));
    let outputs = cx.interface.results().map(|pins| line("output wire", pins));
    port_list(&clock.chain(inputs).chain(outputs).collect::<Vec<_>>())
}

/// The inputs that something reads.
fn used_inputs<'a>(cx: &'a Context<'_>) -> impl Iterator<Item = NetId> + 'a {
    let nets = cx.design.module.inputs.iter().flat_map(|port| &port.nets);
    nets.copied().filter(|net| cx.layout.live[*net])
}

/// The elements of the inputs as words of their own, and the bits of the ports that none of them has.
fn elements(cx: &Context<'_>) -> (Vec<String>, Vec<String>) {
    let nets = &cx.design.module.nets;
    let column = used_inputs(cx).map(|net| vector(nets[net].format()).len()).max().unwrap_or(0);
    let (mut lines, mut unread) = (Vec::new(), Vec::new());
    for (port, pins) in cx.design.module.inputs.iter().zip(&cx.interface.inputs) {
        for (net, element) in port.nets.iter().zip(&pins.elements) {
            let bits = bits(&pins.port, element);
            if cx.layout.live[*net] {
                let format = nets[*net].format();
                let head = declaration("wire", format, column, &cx.layout.name[*net]);
                lines.push(Line { code: format!("{head} = {bits};"), comment: format.to_string() });
            } else {
                unread.push(bits);
            }
        }
    }
    (columns(&lines), unread)
}

fn bits(port: &str, element: &Element) -> String {
    match element.width {
        1 => format!("{port}[{}]", element.low),
        _ => format!("{port}[{}:{}]", element.high(), element.low),
    }
}

/// The declarations of what runs between the layers.
fn values(cx: &Context<'_>) -> Vec<String> {
    let nets = &cx.design.module.nets;
    let exports = || cx.layout.exports.values().flatten();
    let column = exports().map(|net| vector(nets[*net].format()).len()).max().unwrap_or(0);
    let line = |net: &NetId| {
        let format = nets[*net].format();
        let code = declaration("wire", format, column, &cx.layout.name[*net]) + ";";
        Line { code, comment: format.to_string() }
    };
    columns(&exports().map(line).collect::<Vec<_>>())
}

fn instance(cx: &Context<'_>, layer: LayerId) -> Instance {
    let clock = cx.interface.clock.clone().filter(|_| cx.is_clocked(layer));
    let nets = cx.layout.imports[&layer].iter().chain(&cx.layout.exports[&layer]);
    let names = clock.into_iter().chain(nets.map(|net| cx.layout.name[*net].clone()));
    let names: Vec<String> = names.collect();
    let last = names.len().saturating_sub(1);
    let connection = |(index, name): (usize, String)| {
        let comma = if index < last { "," } else { "" };
        format!(".{name}({name}){comma}")
    };
    Instance {
        node: quoted(cx.node(layer).0),
        module: cx.module_name[&layer].clone(),
        name: cx.instance_name[&layer].clone(),
        connections: names.into_iter().enumerate().map(connection).collect(),
    }
}

fn outputs(cx: &Context<'_>, scope: &Scope<'_>) -> Vec<Output> {
    let module = cx.design.module;
    let output = |(port, pins): (&crate::netlist::Port, &Pins)| {
        let element = |(index, net): (usize, &NetId)| {
            let element = &pins.elements[index];
            let grid = Grid { width: element.width.into(), frac: element.frac.into() };
            let comma = if index > 0 { "," } else { "" };
            let value = scope.fit(scope.operand(*net), grid);
            let comment = format!("{} {}", bits(&pins.port, element), element.format);
            Line { code: format!("{value}{comma}"), comment }
        };
        let elements: Vec<Line> = port.nets.iter().enumerate().rev().map(element).collect();
        Output { port: pins.port.clone(), elements: columns(&elements) }
    };
    module.outputs.iter().zip(cx.interface.results()).map(output).collect()
}
