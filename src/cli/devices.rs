//! `plotrt devices`.

use super::args::DevicesArgs;
use super::{Outcome, report};
use crate::Error;
use crate::device::{self, DeviceChoice};
use serde_json::json;

pub fn run(args: &DevicesArgs) -> Outcome {
    let mut available = Vec::new();
    let mut missing = Vec::new();
    for (id, choice) in [("optix", DeviceChoice::Optix(None)), ("cpu", DeviceChoice::Cpu)] {
        match device::open(&choice, 0) {
            Ok(device) => available.push(device.info().clone()),
            Err(error) => missing.push((id, error)),
        }
    }
    let text = if args.json {
        let missing: Vec<_> = missing.iter().map(|(id, error)| json!({ "id": id, "reason": error.message })).collect();
        format!("{}\n", json!({ "devices": available, "missing": missing }))
    } else {
        let mut text = String::new();
        for info in &available {
            text += &format!("{:<6} {}, {} threads\n", info.id, info.name, info.threads);
        }
        for (id, error) in &missing {
            text += &format!("{id:<6} not available: {}\n", error.message);
        }
        text
    };
    report::result(&text)?;
    if available.is_empty() {
        return Err(Error::device("no device can trace").hint("the lines above say why").into());
    }
    Ok(())
}
