//! Reading the attributes of a node.

use super::context::Context;
use super::fault::{Fault, Import};
use super::index;
use super::model::Attribute;
use crate::diag::Code;

impl<'a> Context<'a> {
    /// An attribute of any type.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a Attribute> {
        self.node.attributes.get(name)
    }

    /// An integer attribute.
    pub(super) fn int(&self, name: &str, default: i64) -> Import<i64> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(_) => Err(self.wrong_type(name, "an integer")),
        }
    }

    /// An integer attribute that is 0 or 1.
    pub(super) fn flag(&self, name: &str, default: bool) -> Import<bool> {
        match self.int(name, i64::from(default))? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.unsupported(format!("attribute `{name}` is {other}, not 0 or 1"))),
        }
    }

    /// Checks that a flag, if it is there, has the only value that is supported.
    pub(super) fn require_flag(&self, name: &str, supported: bool) -> Import<()> {
        if self.flag(name, supported)? == supported {
            return Ok(());
        }
        let message = format!("attribute `{name}` is supported only as {}", i64::from(supported));
        Err(self.unsupported(message))
    }

    /// A number attribute.
    pub(super) fn float(&self, name: &str, default: f64) -> Import<f64> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Float(value)) => Ok(*value),
            Some(_) => Err(self.wrong_type(name, "a number")),
        }
    }

    /// An attribute that is a list of integers.
    pub(super) fn ints(&self, name: &str) -> Import<Option<&'a [i64]>> {
        match self.attribute(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(self.wrong_type(name, "a list of integers")),
        }
    }

    /// A text attribute.
    pub(super) fn text(&self, name: &str, default: &'static str) -> Import<&'a str> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Text(value)) => Ok(value),
            Some(_) => Err(self.wrong_type(name, "a text")),
        }
    }

    /// The fault of an attribute of the wrong type.
    pub(super) fn wrong_type(&self, name: &str, expected: &str) -> Fault {
        let found = match self.attribute(name) {
            None => "missing",
            Some(Attribute::Float(_)) => "a number",
            Some(Attribute::Int(_)) => "an integer",
            Some(Attribute::Text(_)) => "a text",
            Some(Attribute::Tensor(_)) => "a tensor",
            Some(Attribute::Floats(_)) => "a list of numbers",
            Some(Attribute::Ints(_)) => "a list of integers",
            Some(Attribute::Other(found)) => found,
        };
        self.unsupported(format!("attribute `{name}` is {found}, not {expected}"))
    }

    /// The attribute `name`, a dimension counted from the front.
    pub(super) fn axis(&self, name: &str, default: i64, rank: usize) -> Import<usize> {
        let axis = self.int(name, default)?;
        self.axis_of(axis, rank)
    }

    /// A dimension counted from the front.
    pub(super) fn axis_of(&self, axis: i64, rank: usize) -> Import<usize> {
        index::axis(axis, rank)
            .ok_or_else(|| self.shapes(format!("axis {axis} is not among {rank} dimensions")))
    }

    /// A list of integers that older operator sets give as attribute `name`, newer ones as
    /// operand `position`.
    pub(super) fn list(&self, name: &str, position: usize) -> Import<Option<Vec<i64>>> {
        if let Some(values) = self.ints(name)? {
            return Ok(Some(values.to_vec()));
        }
        if self.optional(position)?.is_none() {
            return Ok(None);
        }
        let tensor = self.constant(position)?;
        tensor.ints().map(Some).ok_or_else(|| {
            let help = "give it as integers";
            self.fault(Code::O0011, format!("operand {position} is no list of integers"), help)
        })
    }
}
