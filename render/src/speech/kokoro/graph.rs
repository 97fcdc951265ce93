//! A net's graph while it is edited: nodes are replaced in place, what nobody needs any more falls away at the end.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::onnx::{Graph, Model, Node, Opset, Tensor, ValueInfo};
use crate::error::{Error, Kind, Result};

/// The set of standard operators that the edited graph uses.
const OPSET: i64 = 20;

/// A graph and what is to become of it. What an edit looks at is always the graph as it was.
pub struct Edit {
    model: Model,
    graph: Graph,
    makers: HashMap<String, usize>,
    users: HashMap<String, Vec<usize>>,
    constants: HashMap<String, usize>,
    /// In front of all nodes.
    first: Vec<Node>,
    replaced: BTreeMap<usize, Vec<Node>>,
    /// Behind all nodes.
    last: Vec<Node>,
    added: Vec<Tensor>,
    /// What was added, constants and values of first nodes.
    names: HashSet<String>,
}

impl Edit {
    pub fn of(mut model: Model) -> Result<Self> {
        let graph = model.graph.take().ok_or_else(|| unexpected("it has no graph"))?;
        let mut makers = HashMap::new();
        let mut users: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, node) in graph.node.iter().enumerate() {
            makers.extend(node.output.iter().map(|name| (name.clone(), i)));
            for name in &node.input {
                users.entry(name.clone()).or_default().push(i);
            }
        }
        let constants: HashMap<String, usize> = graph
            .initializer
            .iter()
            .enumerate()
            .map(|(i, t)| (name_of(t).to_owned(), i))
            .collect();
        Ok(Self {
            model,
            makers,
            users,
            constants,
            graph,
            first: Vec::new(),
            replaced: BTreeMap::new(),
            last: Vec::new(),
            added: Vec::new(),
            names: HashSet::new(),
        })
    }

    /// Places of the nodes of a kind.
    pub fn all(&self, op_type: &str) -> Vec<usize> {
        let nodes = self.graph.node.iter().enumerate();
        nodes.filter(|(_, n)| n.op_type == op_type).map(|(i, _)| i).collect()
    }

    /// The one node of a kind.
    pub fn only(&self, op_type: &str) -> Result<usize> {
        match self.all(op_type)[..] {
            [one] => Ok(one),
            ref other => Err(unexpected(&format!("{} nodes {op_type}", other.len()))),
        }
    }

    pub fn node(&self, at: usize) -> &Node {
        &self.graph.node[at]
    }

    /// The name of a node's input; empty where it has none there.
    pub fn input(&self, at: usize, which: usize) -> &str {
        self.node(at).input.get(which).map_or("", String::as_str)
    }

    /// The name of a node's first output.
    pub fn output(&self, at: usize) -> &str {
        self.node(at).output.first().map_or("", String::as_str)
    }

    /// The node that makes a value, which must be of this kind.
    pub fn maker(&self, value: &str, op_type: &str) -> Result<usize> {
        let at = self.makers.get(value).copied();
        at.filter(|i| self.node(*i).op_type == op_type)
            .ok_or_else(|| unexpected(&format!("{value} does not come from {op_type}")))
    }

    /// The nodes that use a value.
    pub fn users(&self, value: &str) -> &[usize] {
        self.users.get(value).map_or(&[], Vec::as_slice)
    }

    /// The one node that uses a value.
    pub fn user(&self, value: &str) -> Result<usize> {
        match self.users(value) {
            [one] => Ok(*one),
            other => Err(unexpected(&format!("{} nodes use {value}", other.len()))),
        }
    }

    /// The input of a node that is not `known`.
    pub fn other_input(&self, at: usize, known: &str) -> Result<&str> {
        let other = self.node(at).input.iter().find(|name| *name != known);
        other.map(String::as_str).ok_or_else(|| unexpected("a node lacks an input"))
    }

    /// A constant of the graph.
    pub fn constant(&self, name: &str) -> Result<&Tensor> {
        let at = self.constants.get(name);
        at.map(|i| &self.graph.initializer[*i])
            .ok_or_else(|| unexpected(&format!("{name} is no constant")))
    }

    /// Whether a value is a constant.
    pub fn is_constant(&self, name: &str) -> bool {
        self.constants.contains_key(name)
    }

    /// Puts nodes where one was.
    pub fn replace(&mut self, at: usize, with: impl IntoIterator<Item = Node>) {
        self.replaced.insert(at, with.into_iter().collect());
    }

    /// Puts a node in front of all others, unless one that makes this value was put there before.
    pub fn add_first(&mut self, value: &str, node: Node) {
        if self.names.insert(value.to_owned()) {
            self.first.push(node);
        }
    }

    /// Puts a node behind all others.
    pub fn append(&mut self, node: Node) {
        self.last.push(node);
    }

    /// Adds a constant unless one of its name was added before.
    pub fn add(&mut self, constant: Tensor) {
        if self.names.insert(name_of(&constant).to_owned()) {
            self.added.push(constant);
        }
    }

    pub fn add_input(&mut self, value: ValueInfo) {
        self.graph.input.push(value);
    }

    pub fn add_output(&mut self, value: ValueInfo) {
        self.graph.output.push(value);
    }

    /// The edited net, without nodes and constants that no output needs.
    pub fn finish(mut self) -> Model {
        let mut nodes = std::mem::take(&mut self.first);
        for (i, node) in std::mem::take(&mut self.graph.node).into_iter().enumerate() {
            nodes.extend(self.replaced.remove(&i).unwrap_or_else(|| vec![node]));
        }
        nodes.extend(self.last);
        let mut needed: HashSet<String> = self.graph.output.iter().map(|o| o.name.clone()).collect();
        let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
        for node in nodes.into_iter().rev() {
            if node.output.iter().any(|name| needed.contains(name)) {
                needed.extend(node.input.iter().cloned());
                kept.push(node);
            }
        }
        kept.reverse();
        self.graph.node = kept;
        self.graph.initializer.extend(self.added);
        self.graph.initializer.retain(|t| needed.contains(name_of(t)));
        self.model.graph = Some(self.graph);
        self.model.opset_import = vec![Opset {
            domain: Some(String::new()),
            version: Some(OPSET),
        }];
        self.model
    }
}

fn name_of(tensor: &Tensor) -> &str {
    tensor.name.as_deref().unwrap_or_default()
}

/// The graph is not what the edits were written for.
pub fn unexpected(what: &str) -> Error {
    Error::new(Kind::Internal, "Kokoro's net is not built as its edits expect").because(what.to_owned())
}
