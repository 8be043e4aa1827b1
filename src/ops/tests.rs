use super::*;
use crate::numeric::tensor::Shape;

fn fixed(format: &str, len: usize) -> TensorType {
    TensorType::fixed(Shape::vector(len), Formats::Uniform(format.parse().unwrap())).unwrap()
}

fn dense() -> OpKind {
    OpKind::from(Dense {
        inputs: 2,
        outputs: 2,
        weights: constants::Constants::exact(vec![1.0, -2.0, 0.5, 4.0]).unwrap(),
        bias: constants::Constants::exact(vec![0.0, 0.25]).unwrap(),
    })
}

#[test]
fn dense_covers_its_exact_range() {
    let x = fixed("fixed<4,2>", 2);
    let y = infer(&dense(), &[&x]).unwrap();
    assert_eq!(y.formats().unwrap().at(0).to_string(), "fixed<7,4>");
    let block = Block::from_rows(&[-8, 7, 3, -8], 2, 2);
    let result = dense().eval(&[&block], y.frac());
    let steps: Vec<f64> = result
        .to_rows()
        .iter()
        .map(|raw| crate::numeric::interval::scale(*raw, result.frac))
        .collect();
    assert_eq!(steps, [-2.0 - 3.5, -1.0 + 7.0 + 0.25, 0.75 + 4.0, 0.375 - 8.0 + 0.25]);
}

#[test]
fn operators_survive_their_text_form() {
    let text = serde_json::to_string(&dense()).unwrap();
    assert_eq!(serde_json::from_str::<OpKind>(&text).unwrap(), dense());
}

#[test]
fn quantizers_of_floats_stay_floats_until_their_inputs_are_fixed() {
    let quantizer = types::PerElement::Uniform("fixed<8,3,RND_CONV,SAT>".parse().unwrap());
    let source = quantize::FormatSource::Model;
    let op = OpKind::from(Quantize { quantizer, source });
    let float = TensorType::float(Shape::vector(2));
    assert_eq!(infer(&op, &[&float]).unwrap(), float);
    let y = infer(&op, &[&fixed("fixed<16,6>", 2)]).unwrap();
    assert_eq!(y, fixed("fixed<8,3>", 2));
    assert_eq!(infer(&OpKind::from(Add {}), &[&float, &y]), Err(TypeError::Mixed));
}
