//! `plotrt devices`.

use super::args::DevicesArgs;
use super::{Outcome, report};
use crate::Error;
use crate::device::cpu::CpuDevice;
use crate::device::{self, Device, DeviceInfo};
use serde_json::{Value, json};

/// A device that works: as JSON, and for people.
struct Found {
    json: Value,
    id: String,
    text: String,
}

pub fn run(args: &DevicesArgs) -> Outcome {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    list_cards(&mut found, &mut missing);
    match CpuDevice::new(0) {
        Ok(device) => found.push(processor(device.info())),
        Err(error) => missing.push(("cpu".to_string(), error)),
    }
    let text = if args.json {
        let devices: Vec<&Value> = found.iter().map(|device| &device.json).collect();
        let missing: Vec<_> = missing
            .iter()
            .map(|(id, error)| json!({ "id": id, "reason": error.message, "hint": error.hint }))
            .collect();
        format!("{}\n", json!({ "devices": devices, "missing": missing }))
    } else {
        let mut text = String::new();
        for Found { id, text: what, .. } in &found {
            text += &format!("{id:<8} {what}\n");
        }
        for (id, error) in &missing {
            text += &format!("{id:<8} not available: {}\n", error.message);
            if let Some(hint) = &error.hint {
                text += &format!("{:<8} {hint}\n", "");
            }
        }
        text
    };
    report::result(&text)?;
    if found.is_empty() {
        return Err(Error::device("no device can trace").hint("the lines above say why").into());
    }
    Ok(())
}

fn processor(info: &DeviceInfo) -> Found {
    let mut json = json!(info);
    json["denoiser"] = json!(true);
    Found {
        json,
        id: info.id.clone(),
        text: format!("{}, {} threads, denoiser: plotrt's own", info.name, info.threads),
    }
}

#[cfg(feature = "optix")]
fn list_cards(found: &mut Vec<Found>, missing: &mut Vec<(String, Error)>) {
    use device::optix::{Card, cards};

    let text = |card: &Card| {
        let cores = match card.rt_core_version {
            0 => "no RT cores".to_string(),
            version => format!("RT cores {}.{}", version / 10, version % 10),
        };
        let denoiser = match &card.no_denoiser_because {
            None => "OptiX's".to_string(),
            Some(reason) => format!("plotrt's own, since OptiX's does not work ({reason})"),
        };
        let gibibytes = card.memory_bytes as f64 / f64::from(1 << 30);
        format!(
            "{}, {gibibytes:.1} GiB, driver {}, OptiX ABI {}, {cores}, denoiser: {denoiser}",
            card.name, card.driver, card.optix_abi
        )
    };
    match cards() {
        Err(error) => missing.push(("optix".into(), error)),
        Ok(cards) => {
            for (id, card) in cards {
                match card {
                    Ok(card) => found.push(Found { json: json!(card), text: text(&card), id }),
                    Err(error) => missing.push((id, error)),
                }
            }
        }
    }
}

#[cfg(not(feature = "optix"))]
fn list_cards(_found: &mut Vec<Found>, missing: &mut Vec<(String, Error)>) {
    if let Err(error) = device::open(&device::DeviceChoice::Optix(None), 0) {
        missing.push(("optix".into(), error));
    }
}
