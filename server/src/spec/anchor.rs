use super::*;
pub fn reading(_: &VideoSpec, _: &dyn Fn(&str) -> Option<(f64, f64)>) -> Option<Anchor> {
    None
}
