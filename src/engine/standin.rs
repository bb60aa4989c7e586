use crate::Result;
use crate::cancel::CancelToken;
use crate::script::{CallContext, Callback};
use std::time::Duration;
pub struct Script;
impl Script {
    pub fn has(&self, _c: Callback) -> bool {
        true
    }
    pub fn image_callback_effects(&self) -> Vec<String> {
        Vec::new()
    }
}
pub struct Host;
impl Host {
    pub fn new(_s: &std::sync::Arc<Script>) -> Result<Host> {
        Ok(Host)
    }
    pub fn run_top_level(&mut self, _c: &CancelToken, _t: Duration) -> Result<()> {
        Ok(())
    }
    pub fn fork(&self) -> Result<Host> {
        Ok(Host)
    }
    pub fn call(&mut self, cx: CallContext, _d: u32, _t: Duration) -> (CallContext, Result<()>) {
        (cx, Ok(()))
    }
}
pub fn merge(_a: &mut Host, _b: &mut Host) -> Result<()> {
    Ok(())
}
