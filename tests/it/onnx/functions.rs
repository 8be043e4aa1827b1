//! Functions of our own in files: their definitions are those that the exporter writes, or the file is refused.

use onnx_protobuf::{AttributeProto, FunctionProto, Message, ModelProto, NodeProto};

use super::export::quantizer;
use super::*;
use trigforge::diag::Code;
use trigforge::graph::text;
use trigforge::numeric::round::{Overflow, Rounding};
use trigforge::onnx::export::{Dialect, export};

/// A file for each function that the exporter writes.
fn files() -> Vec<ModelProto> {
    let overflows = [Overflow::Wrap, Overflow::SaturateZero];
    let file = |rounding: Rounding, overflow: Overflow| {
        let graph = quantizer(&[format!("fixed<4,2,{rounding},{overflow}>")]);
        let bytes = export(&graph, Dialect::Qonnx, &BTreeMap::new()).unwrap();
        ModelProto::parse_from_bytes(&bytes).unwrap()
    };
    let of = |rounding: &Rounding| overflows.map(|overflow| file(*rounding, overflow));
    Rounding::ALL.iter().flat_map(of).collect()
}

fn imported(file: &ModelProto) -> Result<String, Vec<Diagnostic>> {
    Ok(text::print(&import_bytes(&file.write_to_bytes().unwrap())?))
}

/// Checks that a file is refused once its function is changed, and that the message says how.
fn check_refused(file: &ModelProto, says: &str, change: impl FnOnce(&mut FunctionProto)) {
    let mut changed = file.clone();
    change(&mut changed.functions[0]);
    assert_ne!(&changed, file);
    let faults = imported(&changed).expect_err(says);
    let fault = &faults[0];
    assert_eq!((faults.len(), fault.code), (1, Code::O0015), "{faults:#?}");
    assert!(fault.message.contains(&file.functions[0].name), "{}", fault.message);
    assert!(fault.message.contains(says), "{says}: {}", fault.message);
}

/// Another operator of as many operands, where there is one.
fn other(node: &NodeProto) -> &'static str {
    match node.op_type.as_str() {
        "Add" => "Sub",
        "Sub" => "Add",
        "Mul" => "Div",
        "Div" => "Mul",
        "Floor" => "Ceil",
        "Ceil" | "Round" | "Abs" | "Sign" => "Floor",
        "Less" => "LessOrEqual",
        "Greater" => "GreaterOrEqual",
        "Or" => "And",
        "Where" => "Clip",
        unknown => panic!("{unknown}"),
    }
}

#[test]
fn every_change_of_a_definition_is_refused() {
    for file in files() {
        let nodes = &file.functions[0].node;
        for (index, node) in nodes.iter().enumerate() {
            let at = format!("node {index} of it");
            check_refused(&file, &at, |own| own.node[index].op_type = other(node).to_owned());
            check_refused(&file, &at, |own| own.node[index].domain = "trigforge".to_owned());
            check_refused(&file, &at, |own| {
                own.node[index].attribute.push(AttributeProto::new());
            });
            check_refused(&file, &at, |own| own.node[index].overload = "other".to_owned());
            for operand in 0..node.input.len() {
                let another = if node.input[operand] == "low" { "high" } else { "low" };
                check_refused(&file, &at, |own| {
                    own.node[index].input[operand] = another.to_owned();
                });
            }
            check_refused(&file, "", |own| drop(own.node.remove(index)));
        }
        let last = nodes.len() - 1;
        check_refused(&file, "it gives `x`, not", |own| own.output[0] = "x".to_owned());
        check_refused(&file, "it has 3 operands", |own| drop(own.input.pop()));
        check_refused(&file, "node", |own| own.input.swap(2, 3));
        check_refused(&file, "before it is defined", |own| drop(own.node.pop()));
        check_refused(&file, "nodes, not", |own| {
            own.node.push(NodeProto { output: vec!["more".to_owned()], ..own.node[last].clone() });
        });
        check_refused(&file, "before it is defined", |own| own.node.swap(0, last));
        check_refused(&file, "defines one twice", |own| own.node[0].output[0] = "x".to_owned());
        check_refused(&file, "it has attributes", |own| own.attribute.push("step".to_owned()));
        check_refused(&file, "it needs opset 7, not", |own| own.opset_import[0].version = 7);
        check_refused(&file, "it needs no opset", |own| own.opset_import.clear());
        check_refused(&file, "does not define the function", |own| own.name.push('2'));
        check_refused(&file, "does not define the function", |own| {
            own.domain = "elsewhere".to_owned();
        });
        check_refused(&file, "does not define the function", |own| {
            own.overload = "other".to_owned();
        });
    }
}

#[test]
fn names_and_comments_of_a_definition_are_free() {
    for file in files() {
        let expected = imported(&file).unwrap();
        let mut changed = file.clone();
        let function = &mut changed.functions[0];
        function.doc_string = "a quantizer".to_owned();
        function.opset_import[0].domain = "ai.onnx".to_owned();
        function.opset_import[0].version = 17;
        let names = function.input.iter_mut().chain(&mut function.output);
        for node in &mut function.node {
            node.name = format!("node of {}", node.output[0]);
            node.doc_string = "one step".to_owned();
            node.domain = "ai.onnx".to_owned();
        }
        let inside = function.node.iter_mut();
        let inside = inside.flat_map(|node| node.input.iter_mut().chain(&mut node.output));
        names.chain(inside).for_each(|name| name.insert_str(0, "/own/"));
        assert_eq!(imported(&changed).unwrap(), expected);
    }
}

#[test]
fn definitions_that_are_missing_twice_or_of_known_operators_are_refused() {
    let file = &files()[0];
    let code = |file: &ModelProto| imported(file).map_err(|faults| faults[0].code);
    let mut missing = file.clone();
    missing.functions.clear();
    assert_eq!(code(&missing), Err(Code::O0015));
    let mut twice = file.clone();
    twice.functions.push(file.functions[0].clone());
    assert_eq!(code(&twice), Err(Code::O0015));

    let graph = quantizer(&["fixed<4,2,RND_CONV,SAT>".to_owned()]);
    let bytes = export(&graph, Dialect::Qonnx, &BTreeMap::new()).unwrap();
    let mut known = ModelProto::parse_from_bytes(&bytes).unwrap();
    assert!(imported(&known).is_ok());
    let domain = known.graph.node[0].domain.clone();
    known.functions =
        vec![FunctionProto { name: "Quant".to_owned(), domain, ..file.functions[0].clone() }];
    assert_eq!(code(&known), Err(Code::O0015));
}
