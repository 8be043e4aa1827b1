//! Waveforms as a value change dump, for `GTKWave` and its like.

use std::fmt::Write;

use crate::entity::{EntityId, SideTable};
use crate::netlist::{Cell, Module, NetId};

use super::cycles::Waves;

/// Writes waves as a value change dump: one scope for each layer, ports at the top.
///
/// `clock_ps` is the clock period in picoseconds. Nets change at the rising
/// edge of `clock`.
pub fn vcd(module: &Module, waves: &Waves, clock_ps: u32) -> String {
    let mut text = String::from("$timescale 1 ps $end\n$scope module top $end\n");
    let mut shown = SideTable::filled(module.nets.len(), false);
    declare(&mut text, 1, &code(0), "clock");
    for port in module.inputs.iter().chain(&module.outputs) {
        for (index, net) in port.nets.iter().enumerate() {
            let name = format!("{}[{index}]", word(&port.name));
            declare(&mut text, module.nets[*net].width(), &net_code(*net), &name);
            shown[*net] = true;
        }
    }
    for (layer, item) in module.layers.iter() {
        let own = module.nets.iter().filter(|(_, net)| {
            net.layer == layer && !matches!(net.cell, Cell::Input { .. } | Cell::Constant)
        });
        let own: Vec<_> = own.collect();
        if own.is_empty() {
            continue;
        }
        line(&mut text, format_args!("$scope module {} $end", word(&item.name)));
        for (id, net) in own {
            let name = format!("{}_{id}", net.cell.name());
            declare(&mut text, net.width(), &net_code(id), &name);
            shown[id] = true;
        }
        text.push_str("$upscope $end\n");
    }
    text.push_str("$upscope $end\n$enddefinitions $end\n");
    changes(&mut text, module, (waves, &shown), clock_ps);
    text
}

/// The values at each clock, as far as they differ from the clock before.
fn changes(
    text: &mut String,
    module: &Module,
    (waves, shown): (&Waves, &SideTable<NetId, bool>),
    clock_ps: u32,
) {
    let period = u64::from(clock_ps.max(2));
    let mut time = 0;
    for cycle in 0..waves.cycles() {
        line(text, format_args!("#{time}\n1{}", code(0)));
        for (id, net) in module.nets.iter() {
            let raw = waves.value(cycle, id);
            let before = cycle.checked_sub(1).map(|cycle| waves.value(cycle, id));
            if shown[id] && before != Some(raw) {
                change(text, raw, net.width(), &net_code(id));
            }
        }
        line(text, format_args!("#{}\n0{}", time + period / 2, code(0)));
        time += period;
    }
    line(text, format_args!("#{time}"));
}

fn declare(text: &mut String, width: u8, code: &str, name: &str) {
    line(text, format_args!("$var wire {width} {code} {name} $end"));
}

/// A value as bits, the highest first.
fn change(text: &mut String, raw: i64, width: u8, code: &str) {
    if width == 1 {
        line(text, format_args!("{}{code}", raw & 1));
        return;
    }
    let bits: String =
        (0..width).rev().map(|bit| if raw >> bit & 1 == 1 { '1' } else { '0' }).collect();
    line(text, format_args!("b{bits} {code}"));
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string succeeds");
}

/// A name without blanks; the format knows no other restriction.
fn word(name: &str) -> String {
    let word: String = name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    if word.is_empty() { "_".to_owned() } else { word }
}

fn net_code(net: NetId) -> String {
    code(net.index() + 1)
}

/// The short name of signal `index`: printable characters as digits.
fn code(mut index: usize) -> String {
    let mut code = String::new();
    loop {
        let digit = u8::try_from(index % 94).expect("below 94");
        code.push(char::from(b'!' + digit));
        index /= 94;
        if index == 0 {
            return code;
        }
        index -= 1;
    }
}
