//! The files of a project: sources, kernels, test bench, vectors, build scripts.

use std::path::PathBuf;

use askama::Template;

use super::super::{Artifacts, Source, library, render};
use super::flavor::{Flavor, Numbers, Scripts};
use super::network::{Array, Declaration, LayerFile, NamedType, Network, Step, line};
use super::run;
use super::unrolled::Function;

/// The folder of what is synthesized.
const SOURCES: &str = "src";
/// The folder of test bench and vectors.
const TESTBENCH: &str = "testbench";

#[derive(Template)]
#[template(path = "hls/types.h.j2")]
struct TypesView<'a> {
    guard: String,
    types: Vec<&'a NamedType>,
}

#[derive(Template)]
#[template(path = "hls/layer.h.j2")]
struct LayerView<'a> {
    guard: String,
    comment: &'a str,
    declarations: &'a [Declaration],
    function: Option<&'a Function>,
}

#[derive(Template)]
#[template(path = "hls/design.h.j2")]
struct HeaderView<'a> {
    model: String,
    guard: String,
    top: &'a str,
    parameters: String,
}

#[derive(Template)]
#[template(path = "hls/design.cpp.j2")]
struct DesignView<'a> {
    top: &'a str,
    parameters: String,
    ports: Vec<&'a str>,
    layers: Vec<&'a str>,
    steps: &'a [Step],
    copies: &'a [String],
}

#[derive(Template)]
#[template(path = "hls/testbench.cpp.j2")]
struct TestbenchView<'a> {
    top: &'a str,
    inputs: &'a [Array],
    outputs: &'a [Array],
    n_inputs: usize,
    n_outputs: usize,
    arguments: String,
}

#[derive(Template)]
#[template(path = "hls/Makefile.j2")]
struct MakefileView<'a> {
    tool: &'a str,
    header: &'a str,
    build: &'a str,
}

#[derive(Template)]
#[template(path = "hls/README.md.j2")]
struct ReadmeView<'a> {
    top: &'a str,
    model: String,
    tool: &'a str,
    header: &'a str,
    build: &'a str,
    part: &'a str,
    period: String,
    ports: Vec<PortRow<'a>>,
}

struct PortRow<'a> {
    direction: &'static str,
    name: &'a str,
    len: usize,
    ty: &'a str,
    spelled: &'a str,
}

/// Every file of a project.
pub(super) fn files(flavor: &Flavor, source: &Source<'_>, network: &Network) -> Artifacts {
    let mut files = Artifacts::new();
    let mut add = |folder: &str, name: &str, text: String| {
        files.insert(PathBuf::from(folder).join(name), text);
    };
    let top = network.top.as_str();
    let parameters = parameters(network);
    let ports = network.inputs.iter().chain(&network.outputs);
    let guard = top.to_ascii_uppercase();
    let types =
        TypesView { guard: format!("{guard}_TYPES_H"), types: network.types.iter().collect() };
    add(SOURCES, "types.h", render(&types));
    for layer in &network.layers {
        add("src/layers", &format!("{}.h", layer.name), render(&layer_view(&guard, layer)));
    }
    add(
        SOURCES,
        &format!("{top}.h"),
        render(&HeaderView {
            model: line(source.design.name),
            guard: format!("{guard}_H"),
            top,
            parameters: parameters.clone(),
        }),
    );
    add(
        SOURCES,
        &format!("{top}.cpp"),
        render(&DesignView {
            top,
            parameters,
            ports: ports.clone().map(|array| array.name.as_str()).collect(),
            layers: network.layers.iter().map(|layer| layer.name.as_str()).collect(),
            steps: &network.steps,
            copies: &network.copies,
        }),
    );
    for (name, text) in library::hls::KERNELS {
        let foreign = match flavor.numbers {
            Numbers::Ap => "ac_types.h",
            Numbers::Ac => "ap_types.h",
        };
        if *name != foreign {
            add("src/trigforge", name, (*text).to_owned());
        }
    }
    add("src/trigforge", "target.h", flavor.target.to_owned());
    let total = |arrays: &[Array]| arrays.iter().map(|array| array.len).sum();
    let testbench = TestbenchView {
        top,
        inputs: &network.inputs,
        outputs: &network.outputs,
        n_inputs: total(&network.inputs),
        n_outputs: total(&network.outputs),
        arguments: ports.map(|array| array.name.as_str()).collect::<Vec<_>>().join(", "),
    };
    add(TESTBENCH, "main.cpp", render(&testbench));
    add("testbench/vectors", "stimulus.txt", run::write(source.inputs));
    add("testbench/vectors", "expected.txt", run::write(source.outputs));
    let scripts = scripts(flavor, source, network);
    for (name, text) in scripts {
        add("", name, text);
    }
    files
}

fn layer_view<'a>(top: &str, layer: &'a LayerFile) -> LayerView<'a> {
    LayerView {
        guard: format!("{top}_LAYERS_{}_H", layer.name.to_ascii_uppercase()),
        comment: &layer.comment,
        declarations: &layer.declarations,
        function: layer.function.as_ref(),
    }
}

/// The parameters of the top function.
fn parameters(network: &Network) -> String {
    let input = |array: &Array| format!("const {} {}[{}]", array.ty, array.name, array.len);
    let output = |array: &Array| format!("{} {}[{}]", array.ty, array.name, array.len);
    let inputs = network.inputs.iter().map(input);
    inputs.chain(network.outputs.iter().map(output)).collect::<Vec<_>>().join(", ")
}

#[derive(Template)]
#[template(path = "hls/build_vitis.tcl.j2")]
struct VitisView<'a> {
    tool: &'a str,
    command: &'a str,
    flow_target: &'a str,
    top: &'a str,
    part: &'a str,
    period: String,
}

#[derive(Template)]
#[template(path = "hls/build_catapult.tcl.j2")]
struct CatapultView<'a> {
    top: &'a str,
    period: String,
    inputs: &'a [Array],
    outputs: &'a [Array],
}

#[derive(Template)]
#[template(path = "hls/CMakeLists.txt.j2")]
struct CmakeView<'a> {
    top: &'a str,
    part: &'a str,
    period: String,
}

#[derive(Template)]
#[template(path = "hls/kernel.cpp.j2")]
struct KernelView<'a> {
    top: &'a str,
    inputs: &'a [Array],
    outputs: &'a [Array],
    arguments: String,
}

/// What stands at the root of the project.
fn scripts(flavor: &Flavor, source: &Source<'_>, network: &Network) -> Vec<(&'static str, String)> {
    let target = &source.design.target;
    let (top, period) = (network.top.as_str(), format!("{:.3}", target.clock_ns));
    let header = match flavor.numbers {
        Numbers::Ap => "ap_fixed.h",
        Numbers::Ac => "ac_fixed.h",
    };
    let vitis = |command, flow_target| {
        let period = period.clone();
        let tool = flavor.tool;
        render(&VitisView { tool, command, flow_target, top, part: &target.part, period })
    };
    let (inputs, outputs) = (network.inputs.as_slice(), network.outputs.as_slice());
    let (build, mut files) = match flavor.scripts {
        Scripts::Vitis => (
            "vitis_hls -f build_prj.tcl",
            vec![("build_prj.tcl", vitis("vitis_hls", " -flow_target vivado"))],
        ),
        Scripts::VivadoHls => {
            ("vivado_hls -f build_prj.tcl", vec![("build_prj.tcl", vitis("vivado_hls", ""))])
        }
        Scripts::Catapult => {
            let text = render(&CatapultView { top, period: period.clone(), inputs, outputs });
            ("catapult -shell -file build_prj.tcl", vec![("build_prj.tcl", text)])
        }
        Scripts::Oneapi => {
            let arguments = |group: &str, arrays: &[Array]| {
                let one = |array: &Array| format!("{group}.{}", array.name);
                arrays.iter().map(one).collect::<Vec<_>>().join(", ")
            };
            let kernel = KernelView {
                top,
                inputs,
                outputs,
                arguments: format!(
                    "{}, {}",
                    arguments("event", inputs),
                    arguments("result", outputs)
                ),
            };
            let cmake = CmakeView { top, part: &target.part, period: period.clone() };
            (
                "cmake -B build && cmake --build build --target report",
                vec![("CMakeLists.txt", render(&cmake)), ("src/kernel.cpp", render(&kernel))],
            )
        }
    };
    files.push(("Makefile", render(&MakefileView { tool: flavor.tool, header, build })));
    let spelled = |array: &Array| {
        let own = network.types.iter().find(|own| own.name == array.ty);
        own.map_or("", |own| own.spelled.as_str())
    };
    let mut ports = Vec::new();
    for (direction, arrays) in [("input", inputs), ("output", outputs)] {
        for array in arrays {
            ports.push(PortRow {
                direction,
                name: &array.name,
                len: array.len,
                ty: &array.ty,
                spelled: spelled(array),
            });
        }
    }
    let readme = ReadmeView {
        top,
        model: line(source.design.name),
        tool: flavor.tool,
        header,
        build,
        part: &target.part,
        period,
        ports,
    };
    files.push(("README.md", render(&readme)));
    files
}
