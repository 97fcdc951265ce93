use super::*;
use mouthpiece_render::scene::Scene;
pub fn scene<'a>(
    _: &VideoSpec,
    _: Anchor,
    _: impl Fn(&str) -> Option<&'a std::path::Path>,
    _: &std::path::Path,
    _: u64,
) -> crate::problem::Result<Scene> {
    Err(crate::problem::Problem::internal("x"))
}
