//! ONNX Runtime, from a library that the user has; nothing of it is linked or shipped.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ort::environment::Environment;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Outlet, TensorElementType, TensorRef, ValueType};

use super::Tensor;
use crate::error::{Error, Kind, Result};

/// The library is loaded once per process: it cannot be unloaded or exchanged.
static LOADING: Mutex<()> = Mutex::new(());
static LOADED: OnceLock<(PathBuf, Environment)> = OnceLock::new();

/// Proof that the library is loaded.
#[derive(Clone)]
pub(super) struct Library(&'static Environment);

impl Library {
    /// `None` looks for the platform's usual name where the system looks for libraries.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let usual = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let path = path.map_or_else(|| PathBuf::from(&usual), Path::to_path_buf);
        let missing = |why: &str| {
            Error::new(
                Kind::ToolMissing,
                format!(
                    "ONNX Runtime cannot be loaded from {}; name its library file ({usual}, 1.24 or newer; the PyPI package onnxruntime carries one), or choose rten, which is built in",
                    path.display()
                ),
            )
            .because(why.to_owned())
        };
        // One at a time: `ort` takes any path for loaded once a library is, so that of two at once the wrong one could win.
        let _turn = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        match LOADED.get() {
            Some((loaded, environment)) if *loaded == path => return Ok(Self(environment)),
            Some((loaded, _)) => return Err(missing(&format!("{} is loaded already", loaded.display()))),
            None => {}
        }
        // A bad try is not kept: the caller may name a better file.
        let environment = ort::init_from(&path)
            .map_err(|e| missing(&e.to_string()))?
            .with_name("mouthpiece")
            .with_telemetry(false)
            .build()
            .map_err(|e| missing(&e.to_string()))?;
        let (_, environment) = LOADED.get_or_init(|| (path.clone(), environment));
        Ok(Self(environment))
    }

    pub fn net(&self, bytes: Cow<'static, [u8]>) -> Result<OnnxNet> {
        let net = OnnxNet {
            environment: self.0,
            bytes,
            idle: Mutex::new(Vec::new()),
        };
        let first = net.session()?;
        net.give_back(first);
        Ok(net)
    }
}

/// One net; a session runs one input at a time, so that there are as many as there were callers at once.
pub(super) struct OnnxNet {
    environment: &'static Environment,
    bytes: Cow<'static, [u8]>,
    idle: Mutex<Vec<Session>>,
}

impl OnnxNet {
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let broken = |e: ort::Error| Error::new(Kind::Internal, "a net does not run on ONNX Runtime").because(e.to_string());
        let mut session = self.session()?;
        let feeds = inputs
            .iter()
            .zip(session.inputs())
            .map(|(t, input)| feed(t, input))
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(broken)?;
        let outputs = {
            let values = session.run(&feeds[..]).map_err(broken)?;
            values
                .values()
                .map(|value| dense(&value))
                .collect::<std::result::Result<Vec<_>, ort::Error>>()
                .map_err(broken)?
        };
        self.give_back(session);
        Ok(outputs)
    }

    fn session(&self) -> Result<Session> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(session) = idle {
            return Ok(session);
        }
        let broken = |e: String| Error::new(Kind::Internal, "a net does not load in ONNX Runtime").because(e);
        Session::builder(self.environment)
            .map_err(|e| broken(e.to_string()))?
            .with_intra_threads(1)
            .map_err(|e| broken(e.to_string()))?
            .with_inter_threads(1)
            .map_err(|e| broken(e.to_string()))?
            .commit_from_memory(&self.bytes)
            .map_err(|e| broken(e.to_string()))
    }

    fn give_back(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

/// A tensor as the net takes it: whole numbers are carried as `f32`.
fn feed<'a>(t: &'a Tensor, input: &Outlet) -> ort::Result<SessionInputValue<'a>> {
    let shape = t.shape.clone();
    Ok(match input.dtype() {
        ValueType::Tensor {
            ty: TensorElementType::Int64,
            ..
        } => {
            let data: Vec<i64> = t.data.iter().map(|v| *v as i64).collect();
            ort::value::Tensor::from_array((shape, data))?.into()
        }
        ValueType::Tensor {
            ty: TensorElementType::Bool,
            ..
        } => {
            let data: Vec<bool> = t.data.iter().map(|v| *v != 0.0).collect();
            ort::value::Tensor::from_array((shape, data))?.into()
        }
        _ => TensorRef::from_array_view((shape, &t.data[..]))?.into(),
    })
}

fn dense(value: &DynValue) -> ort::Result<Tensor> {
    let whole = |shape: &ort::value::Shape| shape.iter().map(|&n| n as usize).collect();
    if let Ok((shape, data)) = value.try_extract_tensor::<i64>() {
        return Ok(Tensor {
            shape: whole(shape),
            data: data.iter().map(|v| *v as f32).collect(),
        });
    }
    if let Ok((shape, data)) = value.try_extract_tensor::<bool>() {
        return Ok(Tensor {
            shape: whole(shape),
            data: data.iter().map(|v| f32::from(u8::from(*v))).collect(),
        });
    }
    let (shape, data) = value.try_extract_tensor::<f32>()?;
    Ok(Tensor {
        shape: whole(shape),
        data: data.to_vec(),
    })
}
