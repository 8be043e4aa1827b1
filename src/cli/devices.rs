//! `trigforge devices`.

use serde_json::json;

use super::{Exit, Failure, Format, OutputOptions, render};
use crate::plan::{self, Device};
use crate::report::terminal;

#[expect(clippy::unnecessary_wraps, reason = "every command has this signature")]
pub(super) fn run(output: OutputOptions) -> Result<Exit, Failure> {
    let devices = plan::devices();
    match output.format {
        Format::Json => render::result(&format!("{:#}", to_json(devices))),
        Format::Text => {
            let header = ["name", "vendor", "family", "LUT", "inputs", "FF", "DSP", "BRAM kbit"];
            let rows: Vec<Vec<String>> = devices.iter().map(row).collect();
            render::result(terminal::table(&header, &rows, 3, render::screen()).trim_end());
        }
    }
    Ok(Exit::Done)
}

fn row(device: &Device) -> Vec<String> {
    let resources = &device.resources;
    vec![
        device.name.clone(),
        device.vendor.clone(),
        device.family.clone(),
        resources.lut.to_string(),
        device.lut_inputs.to_string(),
        resources.ff.to_string(),
        resources.dsp.to_string(),
        resources.bram_kbit.to_string(),
    ]
}

fn to_json(devices: &[Device]) -> serde_json::Value {
    let device = |device: &Device| {
        json!({
            "name": device.name,
            "part": device.part,
            "vendor": device.vendor,
            "family": device.family,
            "lut_inputs": device.lut_inputs,
            "lut": device.resources.lut,
            "ff": device.resources.ff,
            "dsp": device.resources.dsp,
            "bram_kbit": device.resources.bram_kbit,
        })
    };
    devices.iter().map(device).collect()
}
