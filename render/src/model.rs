//! Neural nets from embedded bytes or a voice pack's: rten by default, ONNX Runtime where the user has it and asks for it.

#[cfg(feature = "onnxruntime")]
mod onnx_runtime;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rten::{DataType, Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueType};
use rten_tensor::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::progress;

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

/// What runs the nets; in configuration `"rten"` or `{"onnx_runtime": {"library": "/path/to/the/library"}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RuntimeChoice {
    /// Pure Rust, built in.
    #[default]
    Rten,
    /// Faster (1.1 to 2.5 times), from a library that the user has.
    OnnxRuntime {
        /// Without it the platform's usual name is looked for where the system looks for libraries.
        #[serde(default)]
        library: Option<PathBuf>,
    },
}

/// Loads nets; cheap to clone.
#[derive(Clone)]
pub struct Runtime(Engine);

#[derive(Clone)]
enum Engine {
    Rten,
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime(onnx_runtime::Library),
}

thread_local! {
    /// rten runs a net inside a pool. One pool of one thread for all would queue up callers that should run side by
    /// side, so each calling thread has its own.
    static POOL: Arc<ThreadPool> = Arc::new(ThreadPool::with_num_threads(1));
}

impl Runtime {
    pub fn from_choice(choice: &RuntimeChoice) -> Result<Self> {
        match choice {
            RuntimeChoice::Rten => Ok(Self::rten()),
            RuntimeChoice::OnnxRuntime { library } => Self::onnx_runtime(library.clone()),
        }
    }

    /// rten with one thread per run: frames run side by side instead.
    pub fn rten() -> Self {
        Self(Engine::Rten)
    }

    /// ONNX Runtime from a library file, one thread per run; the first library of a process stays its only one.
    #[cfg(feature = "onnxruntime")]
    pub fn onnx_runtime(library: Option<PathBuf>) -> Result<Self> {
        Ok(Self(Engine::OnnxRuntime(onnx_runtime::Library::load(library.as_deref())?)))
    }

    /// This build cannot: says what to do.
    #[cfg(not(feature = "onnxruntime"))]
    pub fn onnx_runtime(_library: Option<PathBuf>) -> Result<Self> {
        Err(Error::new(
            Kind::ToolMissing,
            "this build does not know ONNX Runtime; build it with `--features onnxruntime`, or choose rten, which is built in",
        ))
    }

    /// Loads a net from ONNX bytes, in the binary or of a pack.
    pub fn load(&self, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Net> {
        let bytes = bytes.into();
        match &self.0 {
            Engine::Rten => match bytes {
                Cow::Borrowed(bytes) => Model::load_static_slice(bytes),
                Cow::Owned(bytes) => Model::load(bytes),
            }
            .map(|model| Net(Loaded::Rten(Box::new(model))))
            .map_err(|e| Error::new(Kind::Internal, "a net does not load").because(e)),
            #[cfg(feature = "onnxruntime")]
            Engine::OnnxRuntime(library) => library.net(bytes).map(|net| Net(Loaded::OnnxRuntime(net))),
        }
    }
}

/// Nets that are loaded when somebody needs them, shared by all who do at one time, and gone with the last of them: that takes a few hundredths
/// of a second, and while frames are drawn their memory is worth more.
pub(crate) struct Lent<T> {
    load: Box<dyn Fn() -> Result<T> + Send + Sync>,
    out: Mutex<Weak<T>>,
}

impl<T> Lent<T> {
    pub fn new(load: impl Fn() -> Result<T> + Send + Sync + 'static) -> Self {
        Self {
            load: Box::new(load),
            out: Mutex::default(),
        }
    }

    pub fn get(&self) -> Result<Arc<T>> {
        // A panic while loading leaves it as it was.
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nets) = out.upgrade() {
            return Ok(nets);
        }
        let nets = Arc::new((self.load)()?);
        *out = Arc::downgrade(&nets);
        Ok(nets)
    }
}

/// One loaded net; several threads may run it at once, each run on the caller's share of the machine: one thread.
pub struct Net(Loaded);

enum Loaded {
    Rten(Box<Model>),
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime(onnx_runtime::OnnxNet),
}

impl Net {
    /// Feeds the inputs in the order of the graph and returns all outputs in the order of the graph.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        progress::go_on()?;
        match &self.0 {
            Loaded::Rten(model) => run_rten(model, inputs),
            #[cfg(feature = "onnxruntime")]
            Loaded::OnnxRuntime(net) => net.run(inputs),
        }
    }
}

fn run_rten(model: &Model, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let broken = |e: &dyn std::fmt::Display| Error::new(Kind::Internal, "a net does not run").because(e.to_string());
    let mut feeds: Vec<(NodeId, ValueOrView)> = Vec::with_capacity(inputs.len());
    for (id, t) in model.input_ids().iter().zip(inputs) {
        let is_whole = model.node_info(*id).and_then(|node| node.dtype()) == Some(ValueType::Tensor(DataType::Int32));
        let feed = if is_whole {
            let data: Vec<i32> = t.data.iter().map(|v| *v as i32).collect();
            rten_tensor::Tensor::from_data(&t.shape[..], data).into()
        } else {
            rten_tensor::TensorView::<f32>::try_from_data(&t.shape[..], &t.data[..])
                .map_err(|e| broken(&e))?
                .into()
        };
        feeds.push((*id, feed));
    }
    let options = RunOptions::default().with_thread_pool(Some(POOL.with(Arc::clone)));
    let outputs = model.run(feeds, model.output_ids(), Some(options)).map_err(|e| broken(&e))?;
    outputs
        .into_iter()
        .map(|value| match value {
            Value::FloatTensor(t) => Ok(dense(&t, |v: &f32| *v)),
            Value::Int32Tensor(t) => Ok(dense(&t, |v: &i32| *v as f32)),
            _ => Err(broken(&"an output is neither f32 nor i32")),
        })
        .collect()
}

fn dense<T: Clone>(t: &rten_tensor::Tensor<T>, number: impl FnMut(&T) -> f32) -> Tensor {
    Tensor {
        shape: t.shape().to_vec(),
        data: t.iter().map(number).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn nets_are_shared_while_somebody_has_them_and_gone_afterwards() {
        let loads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&loads);
        let lent = Lent::new(move || Ok(counted.fetch_add(1, Ordering::Relaxed)));
        let (first, second) = (lent.get().unwrap(), lent.get().unwrap());
        assert_eq!((*first, *second), (0, 0));
        drop((first, second));
        assert_eq!(*lent.get().unwrap(), 1);
        let broken: Lent<()> = Lent::new(|| Err(Error::new(Kind::Internal, "a net does not load")));
        assert_eq!(broken.get().unwrap_err().kind, Kind::Internal);
        assert_eq!(loads.load(Ordering::Relaxed), 2);
    }
}
