//! Networks whose layers name what they take: what is refused, and what is trained.

use super::*;

const FORMATS: &str = "weights = { format = \"fixed<6,2,RND,SAT>\", learn = \"channel\" }\n\
                       bias = { format = \"fixed<8,3,RND,SAT>\" }\n";
const VALUES: &str = "output = { format = \"fixed<7,3,RND,SAT>\", learn = \"channel\" }\n";

/// Two towers over parts of the inputs, and two outputs.
pub(super) fn branches() -> String {
    let dense = |name: &str, from: &str, outputs: usize| {
        format!(
            "[[layer]]\nkind = \"dense\"\nname = \"{name}\"\nfrom = [\"{from}\"]\noutputs = {outputs}\n{FORMATS}"
        )
    };
    let own = |kind: &str, lines: &str| format!("[[layer]]\nkind = \"{kind}\"\n{lines}\n");
    let layers = [
        own("slice", "name = \"some\"\nfirst = 1\ncount = 2"),
        dense("left", "some", 4),
        own("identity", &format!("name = \"left_act\"\n{VALUES}")),
        dense("right", "x", 4),
        own("identity", &format!("name = \"right_act\"\n{VALUES}")),
        own("add", "name = \"sum\"\nfrom = [\"left\", \"right\"]"),
        own("identity", &format!("name = \"sum_act\"\n{VALUES}")),
        own("concat", "name = \"all\"\nfrom = [\"left_act\", \"right_act\", \"sum_act\"]"),
        dense("class", "all", 3),
        dense("back", "sum_act", 3),
    ];
    let outputs = "[[output]]\nlayer = \"class\"\nloss = \"cross_entropy\"\n\
                   [[output]]\nlayer = \"back\"\nname = \"inputs\"\ntargets = \"inputs\"\n\
                   loss = \"mean_squared_error\"\nweight = 0.25\n";
    let (start, _) = RECIPE.split_once("[[layer]]").unwrap();
    let (_, end) = RECIPE.split_once("[train]").unwrap();
    let end = end.replace("loss = \"cross_entropy\"\n", "");
    format!("{start}{}{outputs}[train]{end}", layers.concat())
}

/// Events with both targets of [`branches`].
pub(super) fn both(count: usize) -> Dataset {
    let mut all = events(count);
    all.targets.push(Target::Inputs);
    all
}

#[test]
fn branches_that_do_not_fit_are_refused() {
    let text = branches();
    assert!(Recipe::parse(&text, "recipe.toml").is_ok());
    let from = |old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    };
    for (text, expected) in [
        (
            from("[\"left\", \"right\"]", "[\"left\", \"wrong\"]"),
            "`sum` takes `wrong`, which is no layer",
        ),
        (
            from("[\"left\", \"right\"]", "[\"left\", \"all\"]"),
            "`sum` takes `all`, which stands below it",
        ),
        (from("[\"left\", \"right\"]", "[\"left\"]"), "`sum` takes two or more, not 1"),
        (from("[\"sum_act\"]", "[\"sum_act\", \"x\"]"), "`back` takes one, not 2"),
        (from("[\"all\"]", "[\"sum\"]"), "`class` takes the sums of `sum`, which have no format"),
        (from("\"right_act\", ", ""), "`right_act` leads to no output"),
        (from("name = \"right\"", "name = \"x\""), "two layers are called `x`"),
        (from("count = 2", "count = 0"), "`some` has no value"),
        (from("layer = \"back\"", "layer = \"forth\""), "an output is `forth`, which is no layer"),
        (from("name = \"inputs\"", "name = \"class\""), "two outputs are called `class`"),
        (from("layer = \"class\"", "layer = \"all\""), "the values of `all` are no scores"),
        (from("weight = 0.25", "weight = 0.0"), "the weight 0 of `inputs` is not possible"),
        (
            from("epochs = 4", "epochs = 4\nloss = \"cross_entropy\""),
            "`[train]` has a `loss`, and so has each output",
        ),
        (
            from("targets = \"inputs\"", "labels = \"m.npy\"\ntargets = \"inputs\""),
            "`inputs` learns the inputs, and also `m.npy`",
        ),
    ] {
        let fault = Recipe::parse(&text, "recipe.toml").unwrap_err();
        assert_eq!((fault.code, fault.message.as_str()), (Code::C0401, expected));
    }
    let alone = RECIPE.replace("loss = \"cross_entropy\"\n", "");
    let fault = Recipe::parse(&alone, "recipe.toml").unwrap_err();
    assert_eq!(fault.message, "`[train]` has no `loss`");
    let recipe = Recipe::parse(&text, "recipe.toml").unwrap();
    assert_eq!(recipe.columns(3).unwrap(), [2, 4, 4, 4, 4, 4, 4, 12, 3, 3]);
    let fault = recipe.columns(2).unwrap_err();
    assert_eq!(
        (fault.code, fault.message.as_str()),
        (Code::D0501, "`some` does not fit what it takes: 2 values")
    );
}

#[test]
fn losses_of_several_outputs_add_up() {
    let recipe = Recipe::parse(&branches(), "recipe.toml").unwrap();
    let Split { training, validation, .. } = both(600).split(0.2, 0.0).unwrap();
    let all = both(300);
    let trainer = Trainer::new(&recipe, training, validation);
    let state = trainer.start();
    let evaluation = trainer.evaluate(&state.parameters, &all);
    let part = |head: usize, loss: Loss| {
        let targets = trainer.objective().targets(&all, head);
        loss_of(loss, &evaluation.outputs[head], &targets, &all.weights)
    };
    let [class, back] = [part(0, Loss::CrossEntropy), part(1, Loss::MeanSquaredError)];
    assert!((evaluation.metric + class + 0.25 * back).abs() < 1e-12);
    let parts = trainer.objective().parts(&all, &evaluation.outputs);
    assert_eq!([parts[0].0.as_str(), parts[1].0.as_str()], ["class", "inputs"]);
    assert_eq!(parts[1].1, -back);
    assert!((0.0..=1.0).contains(&parts[0].1));
}

#[test]
fn gradients_of_branches_are_finite_differences() {
    // Biases of a layer that quantizes nothing away move the sums by what they are moved themselves:
    // formats of steps far below the difference do.
    let text = branches()
        .replace("fixed<8,3,RND,SAT>", "fixed<16,3,RND,SAT>")
        .replace("fixed<7,3,RND,SAT>", "fixed<16,4,RND,SAT>");
    let recipe = Recipe::parse(&text, "recipe.toml").unwrap();
    let Split { training, validation, .. } = both(600).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let all = both(60);
    let network = trainer.network();
    let mut parameters = trainer.start().parameters;
    let loss = |parameters: &Parameters, device: &Device| {
        let leaves = parameters.leaves(device);
        let inputs = tensor(all.inputs.clone(), [60, 3], device);
        let output = network.forward(&leaves, &inputs, &mut super::super::model::Run::default());
        (trainer.objective().loss(0, &all, output.heads), leaves)
    };
    let place = parameters.0.iter().position(|own| own.name == "right.bias").unwrap();
    let (own, leaves) = loss(&parameters, &Device::flex().autodiff());
    let tape = own.backward();
    let gradient = values(leaves.tensors[place].grad(&tape).unwrap());
    assert!(gradient.iter().any(|own| own.abs() > 0.02), "{gradient:?}");
    let h = 0.0625;
    for (index, gradient) in gradient.iter().enumerate() {
        let mut moved = |by: f32| {
            let before = parameters.0[place].values[index];
            parameters.0[place].values[index] += by;
            let value = f64::from(values(loss(&parameters, &Device::flex()).0)[0]);
            parameters.0[place].values[index] = before;
            value
        };
        let difference = (moved(h) - moved(-h)) / (2.0 * f64::from(h));
        let apart = (f64::from(*gradient) - difference).abs();
        assert!(apart < 0.02 * (0.05 + difference.abs()), "{gradient} {difference}");
    }
}

#[test]
fn a_stopped_network_of_branches_goes_on_bit_for_bit() {
    let recipe = Recipe::parse(&branches(), "recipe.toml").unwrap();
    resumes_on(&recipe, &both(600));
}
