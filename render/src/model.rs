//! Neural nets from embedded bytes: rten by default, ONNX Runtime where the user has it and asks for it.

use std::sync::Arc;

use rten::{Model, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::prelude::*;

use crate::error::{Error, Kind, Result};

/// A dense row-major array of `f32`, or of whole numbers carried as `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

impl Tensor {
    /// Panics never: a shape that does not match is caught by the net's own checks.
    pub fn new(shape: &[usize], data: Vec<f32>) -> Self {
        Self {
            shape: shape.to_vec(),
            data,
        }
    }
}

/// Loads nets; cheap to clone.
#[derive(Clone)]
pub struct Runtime {}

thread_local! {
    /// rten runs a net inside a pool. One pool of one thread for all would queue up callers that should run side by
    /// side, so each calling thread has its own.
    static POOL: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
}

impl Runtime {
    /// rten with one thread per run: frames run side by side instead.
    pub fn rten() -> Self {
        Self {}
    }

    /// Loads a net from ONNX bytes in the binary.
    pub fn load(&self, bytes: &'static [u8]) -> Result<Net> {
        let model = Model::load_static_slice(bytes).map_err(|e| Error::new(Kind::Internal, "an embedded net does not load").because(e))?;
        Ok(Net { model })
    }
}

/// One loaded net.
pub struct Net {
    model: Model,
}

impl Net {
    /// Feeds the inputs in the order of the graph and returns all outputs in the order of the graph.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let broken = |e: &dyn std::fmt::Display| Error::new(Kind::Internal, "an embedded net does not run").because(e.to_string());
        let ids = self.model.input_ids();
        let mut feeds: Vec<(rten::NodeId, ValueOrView)> = Vec::with_capacity(inputs.len());
        for (id, t) in ids.iter().zip(inputs) {
            let view = rten_tensor::TensorView::<f32>::try_from_data(&t.shape[..], &t.data[..]).map_err(|e| broken(&e))?;
            feeds.push((*id, view.into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(POOL.with(Arc::clone)));
        let outputs = self
            .model
            .run(feeds, self.model.output_ids(), Some(options))
            .map_err(|e| broken(&e))?;
        outputs
            .into_iter()
            .map(|value| {
                let t: rten_tensor::Tensor<f32> = value.try_into().map_err(|_| broken(&"an output is not f32"))?;
                Ok(Tensor {
                    shape: t.shape().to_vec(),
                    data: t.to_vec(),
                })
            })
            .collect()
    }
}
