//! `plotrt devices`.

use super::args::DevicesArgs;
use super::{Outcome, report};
use crate::Error;
use crate::device::cpu::CpuDevice;
use crate::device::denoise::Denoisers;
use crate::device::{self, Device, DeviceInfo};
use serde_json::{Value, json};

/// A device that works, as JSON and as text.
struct Found {
    json: Value,
    id: String,
    text: String,
}

pub fn run(args: &DevicesArgs) -> Outcome {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    let mut denoisers = Denoisers::new(0);
    list_cards(&mut found, &mut missing, &mut denoisers);
    match CpuDevice::new(0) {
        Ok(device) => found.push(processor(device.info(), &mut denoisers)),
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
        return Err(Error::device("no device can trace").hint("the lines above give the reasons").into());
    }
    Ok(())
}

fn processor(info: &DeviceInfo, denoisers: &mut Denoisers) -> Found {
    let text = format!("{}, {} threads", info.name, info.threads);
    with_denoiser(json!(info), &info.id, text, denoisers, None)
}

/// Adds which denoiser `Denoiser` is on a device, and why no better one. `optix`: whether OptiX's denoiser
/// works, on an OptiX device.
fn with_denoiser(
    mut json: Value,
    id: &str,
    text: String,
    denoisers: &mut Denoisers,
    optix: Option<crate::Result<()>>,
) -> Found {
    let (denoiser, passed_over) = denoisers.best(|| optix);
    let reasons: Vec<&String> = passed_over.iter().map(|error| &error.message).collect();
    json["denoiser"] = json!({ "id": denoiser.id(), "name": denoiser.name(), "passed_over": reasons });
    let reasons: String = reasons.iter().map(|reason| format!("; {reason}")).collect();
    Found { json, id: id.into(), text: format!("{text}, denoiser: {}{reasons}", denoiser.name()) }
}

#[cfg(feature = "optix")]
fn list_cards(found: &mut Vec<Found>, missing: &mut Vec<(String, Error)>, denoisers: &mut Denoisers) {
    use device::optix::{CardInfo, cards};

    let text = |card: &CardInfo| {
        let cores = match card.rt_core_version {
            0 => "no RT cores".to_string(),
            version => format!("RT cores {}.{}", version / 10, version % 10),
        };
        let gibibytes = card.memory_bytes as f64 / f64::from(1 << 30);
        format!("{}, {gibibytes:.1} GiB, driver {}, OptiX ABI {}, {cores}", card.name, card.driver, card.optix_abi)
    };
    match cards() {
        Err(error) => missing.push(("optix".into(), error)),
        Ok(cards) => {
            for (id, card) in cards {
                match card {
                    Ok(card) => {
                        let optix = card.no_denoiser.clone().map_or(Ok(()), Err);
                        found.push(with_denoiser(json!(card), &id, text(&card), denoisers, Some(optix)));
                    }
                    Err(error) => missing.push((id, error)),
                }
            }
        }
    }
}

#[cfg(not(feature = "optix"))]
fn list_cards(_found: &mut Vec<Found>, missing: &mut Vec<(String, Error)>, _denoisers: &mut Denoisers) {
    if let Err(error) = device::open(&device::DeviceChoice::Optix(None), 0) {
        missing.push(("optix".into(), error));
    }
}
