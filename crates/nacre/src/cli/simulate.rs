//! `nacre simulate`: devices that do not exist, speaking real MQTT to a server that does.
//!
//! Every device is registered as simulated, so that its readings, and what rules make of them, are marked so to the last
//! screen. Readings have a daily rhythm and noise from a seed; some devices have faults, and a pollution incident can run
//! down one section.

use std::f64::consts::TAU;
use std::io::IsTerminal;
use std::time::{Duration, Instant as Clock, SystemTime, UNIX_EPOCH};

use clap::Args as ClapArgs;
use nacre_model::Instant;
use rumqttc::{Client as Mqtt, MqttOptions, QoS};
use serde_json::{Value as Json, json};

use super::exit::Failure;
use super::http::{Client, Request};
use super::output;

/// Most devices: each has a connection and a thread.
const DEVICES_MAX: usize = 500;

/// Simulate water stations: daily rhythm, faults, a pollution incident
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The server.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    server: String,
    /// Post that registers the devices.
    #[arg(long, default_value = "device-keeper@haizhu-government", value_name = "ROLE@ORGANISATION")]
    post: String,
    /// How many devices, spread over the sections.
    #[arg(long, default_value_t = 11, value_name = "COUNT")]
    devices: usize,
    /// Seconds between two readings of a device.
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS")]
    every: f64,
    /// How long, in seconds; until it is interrupted, where nothing is given.
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<f64>,
    /// After so many seconds the first section is polluted for a while.
    #[arg(long, value_name = "SECONDS")]
    incident: Option<f64>,
    /// Every tenth device has a fault: it is silent, its clock is ahead, or its payload is broken.
    #[arg(long)]
    faults: bool,
    /// The same seed gives the same noise.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
}

/// What is wrong with a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Silent,
    ClockAhead,
    Broken,
}

struct Station {
    id: String,
    topic: String,
    mqtt: Mqtt,
    fault: Fault,
    phase: f64,
    noise: u64,
    polluted: bool,
}

/// Runs it.
pub fn run(args: Args) -> Result<(), Failure> {
    if !(1..=DEVICES_MAX).contains(&args.devices) {
        return Err(Failure::usage(format!("--devices is {}; needed: 1 to {DEVICES_MAX}", args.devices)));
    }
    if !(0.01..=86_400.0).contains(&args.every) {
        return Err(Failure::usage("--every needs 0.01 to 86400 seconds"));
    }
    let mut client = Client::new(&args.server)?;
    let sections = sections(&mut client, &args.post)?;
    let status = ask(&mut client, "GET", "/api/ingest", &args.post, None)?.1;
    let address = status["broker"]["address"].as_str().map(str::to_owned);
    let address = address.ok_or_else(|| {
        Failure::failed(format!(
            "the server has no MQTT broker: {}",
            status["failure"].as_str().unwrap_or("it is switched off")
        ))
    })?;
    let (host, port) =
        address.rsplit_once(':').ok_or_else(|| Failure::failed("the broker has no address"))?;
    let port: u16 = port.parse().map_err(|_| Failure::failed("the broker has no port"))?;
    let mut stations = Vec::with_capacity(args.devices);
    for i in 0..args.devices {
        let section = &sections[i % sections.len()];
        stations.push(station(&mut client, &args, i, section, (host, port))?);
    }
    output::say(format_args!(
        "{} simulated devices speak to {address}; every reading is marked as simulated",
        stations.len()
    ));
    drive(&args, &mut stations)
}

fn ask(
    client: &mut Client,
    method: &str,
    target: &str,
    post: &str,
    body: Option<&Json>,
) -> Result<(u16, Json), Failure> {
    let text = body.map(Json::to_string);
    let headers = [("Nacre-Post", post), ("Content-Type", "application/json")];
    let answer = client.send(&Request { method, target, headers: &headers, body: text.as_deref() })?;
    Ok((answer.status, serde_json::from_str(&answer.body).unwrap_or(Json::Null)))
}

/// Ids of the sections that devices can watch.
fn sections(client: &mut Client, post: &str) -> Result<Vec<String>, Failure> {
    let (_, water) = ask(client, "GET", "/api/water", post, None)?;
    let found: Vec<String> = water["sections"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s["id"].as_str().map(str::to_owned))
        .collect();
    if found.is_empty() {
        return Err(Failure::failed(
            "the server has no water sections; does its district load the pack `waterways`?",
        ));
    }
    Ok(found)
}

/// Registers a device, or gives the one that is there a new password, and connects it.
fn station(
    client: &mut Client,
    args: &Args,
    index: usize,
    section: &str,
    (host, port): (&str, u16),
) -> Result<Station, Failure> {
    let id = format!("sim-water-{:03}", index + 1);
    let body = json!({
        "id": id,
        "name": format!("模拟水质站 {:03}", index + 1),
        "feed": "waterways.sensor",
        "asset": section,
        "coverageRadius": 200,
        "simulated": true,
    });
    let (status, made) = ask(client, "POST", "/api/devices", &args.post, Some(&body))?;
    let password = match status {
        201 => made["credential"]["password"].as_str().map(str::to_owned),
        409 => {
            let target = format!("/api/devices/{id}/credential");
            ask(client, "POST", &target, &args.post, Some(&json!({})))?.1["password"]
                .as_str()
                .map(str::to_owned)
        }
        _ => {
            return Err(Failure::failed(format!(
                "{id} was not registered: {}",
                made["detail"].as_str().unwrap_or("no reason")
            )));
        }
    };
    let password = password.ok_or_else(|| Failure::failed(format!("{id} was given no password")))?;
    let mut options = MqttOptions::new(&id, host, port);
    options.set_credentials(&id, password);
    options.set_keep_alive(Duration::from_secs(30));
    let (mqtt, mut connection) = Mqtt::new(options, 100);
    std::thread::Builder::new()
        .name(id.clone())
        .stack_size(256 << 10)
        .spawn(move || {
            for event in connection.iter() {
                if event.is_err() {
                    // The client connects again by itself.
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        })
        .map_err(|e| Failure::failed(format!("no thread for {id}: {e}")))?;
    let fault = match (args.faults, index % 30) {
        (true, 9) => Fault::Silent,
        (true, 19) => Fault::ClockAhead,
        (true, 29) => Fault::Broken,
        _ => Fault::None,
    };
    Ok(Station {
        topic: format!("devices/{id}/water"),
        id,
        mqtt,
        fault,
        phase: index as f64 * 0.7,
        noise: args.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(index as u64 * 7 + 1),
        polluted: index == 0,
    })
}

impl Station {
    /// Between -1 and 1, from the seed.
    fn chance(&mut self) -> f64 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 7;
        self.noise ^= self.noise << 17;
        (self.noise % 20_001) as f64 / 10_000.0 - 1.0
    }

    /// What it reads at an hour of the day; `pollution` is 0 to 1.
    fn reading(&mut self, at: Instant, pollution: f64) -> String {
        let hour = (at.0 + 8 * 3_600_000).rem_euclid(86_400_000) as f64 / 3_600_000.0;
        // Oxygen is highest in the afternoon; ammonia follows the tide.
        let day = ((hour - 9.0) / 24.0 * TAU + self.phase * 0.1).sin();
        let tide = (hour / 12.4 * TAU + self.phase).sin();
        let round = |v: f64, unit: f64| (v / unit).round() * unit;
        let oxygen = (5.4 + 0.9 * day + 0.15 * self.chance() - 4.2 * pollution).max(0.2);
        let ammonia = (0.75 + 0.18 * tide + 0.04 * self.chance() + 3.2 * pollution).max(0.02);
        let phosphorus = 0.16 + 0.03 * tide + 0.01 * self.chance() + 0.35 * pollution;
        let index = 4.4 + 0.4 * tide + 0.2 * self.chance() + 6.0 * pollution;
        let (ph, temperature) =
            (7.2 + 0.15 * day + 0.03 * self.chance(), 21.0 + 2.0 * day + 0.2 * self.chance());
        let stated = if self.fault == Fault::ClockAhead { at.plus_ms(3_600_000) } else { at };
        if self.fault == Fault::Broken && self.chance() > 0.0 {
            return "{\"ts\": ".to_owned();
        }
        json!({
            "ts": stated.to_string(),
            "ph": round(ph, 0.01),
            "do": round(oxygen, 0.01),
            "nh3n": round(ammonia, 0.001),
            "tp": round(phosphorus, 0.001),
            "codmn": round(index, 0.1),
            "temp": round(temperature, 0.1),
            "battery": 87,
            "fw": "sim-1",
        })
        .to_string()
    }
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// How polluted the first section is: it comes within a tenth of a minute, and goes slowly.
fn pollution(since: f64) -> f64 {
    match since {
        s if s < 0.0 => 0.0,
        s if s < 6.0 => s / 6.0,
        s => (1.0 - (s - 60.0).max(0.0) / 120.0).max(0.0),
    }
}

fn drive(args: &Args, stations: &mut [Station]) -> Result<(), Failure> {
    let began = Clock::now();
    let (mut sent, mut round) = (0u64, 0u32);
    loop {
        let elapsed = began.elapsed().as_secs_f64();
        if args.seconds.is_some_and(|s| elapsed >= s) {
            break;
        }
        for station in stations.iter_mut().filter(|s| s.fault != Fault::Silent) {
            let dirt = args.incident.filter(|_| station.polluted).map_or(0.0, |at| pollution(elapsed - at));
            let payload = station.reading(now(), dirt);
            if let Err(error) = station.mqtt.publish(&station.topic, QoS::AtLeastOnce, false, payload) {
                output::say(format_args!("{}: {error}", station.id));
            }
            sent += 1;
        }
        round += 1;
        if std::io::stderr().is_terminal() {
            output::say(format_args!("{sent} readings sent"));
        }
        let next = Duration::from_secs_f64(args.every * f64::from(round));
        std::thread::sleep(next.saturating_sub(began.elapsed()));
    }
    // What is under way is acknowledged before the connections close.
    std::thread::sleep(Duration::from_millis(500));
    for station in stations.iter() {
        // A connection that is gone needs no farewell.
        let _ = station.mqtt.disconnect();
    }
    output::say(format_args!("{sent} readings sent in {:.0} s", began.elapsed().as_secs_f64()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_comes_fast_and_goes_slowly() {
        assert_eq!((pollution(-1.0), pollution(6.0), pollution(30.0)), (0.0, 1.0, 1.0));
        assert!(pollution(120.0) < 1.0 && pollution(120.0) > 0.0);
        assert_eq!(pollution(500.0), 0.0);
    }
}
