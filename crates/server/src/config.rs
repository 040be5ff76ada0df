//! Configuration: a file, then the environment, then flags; what comes later wins.
//!
//! One struct is all three: [`Layer`] is what one source says, [`Config`] what follows from all of them. The reference
//! (`nacre config reference`) is printed from the same struct.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// What a file, the environment or the command line says. In a file the names have underscores.
#[derive(Debug, Clone, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Data directory; it is made if it does not exist. Default: ./data
    #[arg(long, env = "NACRE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to listen on. Default: 127.0.0.1:8080
    #[arg(long, env = "NACRE_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// District that fills an empty data directory. Default: districts/haizhu
    #[arg(long, env = "NACRE_DISTRICT", value_name = "DIR")]
    pub district: Option<PathBuf>,
    /// Folder of the packs. Default: packs
    #[arg(long, env = "NACRE_PACKS", value_name = "DIR")]
    pub packs: Option<PathBuf>,
    /// Leave an empty data directory empty.
    #[arg(long, env = "NACRE_NO_DISTRICT", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub no_district: Option<bool>,
    /// Everybody on loopback is the owner. Until access exists this is the only mode; it is refused on any other
    /// address.
    #[arg(long, env = "NACRE_OPEN", num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub open: Option<bool>,
    /// Largest request body, MiB. Default: 8
    #[arg(long, env = "NACRE_BODY_MIB", value_name = "MIB")]
    pub body_mib: Option<usize>,
    /// Memory for decoded entities, MiB. Default: 128
    #[arg(long, env = "NACRE_CACHE_MIB", value_name = "MIB")]
    pub cache_mib: Option<u64>,
    /// Block cache of the views, MiB. Default: 192
    #[arg(long, env = "NACRE_VIEW_CACHE_MIB", value_name = "MIB")]
    pub view_cache_mib: Option<u64>,
    /// Size of a journal segment, MiB. Default: 64
    #[arg(long, env = "NACRE_SEGMENT_MIB", value_name = "MIB")]
    pub segment_mib: Option<u64>,
    /// Commands that may wait before new ones are answered with 429. Default: 8192
    #[arg(long, env = "NACRE_QUEUE_LENGTH", value_name = "COUNT")]
    pub queue_length: Option<usize>,
    /// Records the views may be behind before commands wait. Default: 50000
    #[arg(long, env = "NACRE_LAG_MAX", value_name = "COUNT")]
    pub lag_max: Option<u64>,
    /// Inside hosts that contexts and notifications may be fetched from and sent to, separated by commas.
    #[arg(long, env = "NACRE_OUTBOUND_HOSTS", value_name = "HOSTS", value_delimiter = ',')]
    pub outbound_hosts: Option<Vec<String>>,
    /// Address at which the embedded MQTT broker takes devices; `off` for none. Default: 127.0.0.1:1883
    #[arg(long, env = "NACRE_MQTT_LISTEN", value_name = "ADDR")]
    pub mqtt_listen: Option<String>,
    /// Outside MQTT brokers that are followed, such as mqtt://user:password@host:1883, separated by commas.
    #[arg(long, env = "NACRE_MQTT_OUTSIDE", value_name = "URLS", value_delimiter = ',')]
    pub mqtt_outside: Option<Vec<String>>,
    /// SMTP server for notices by e-mail, such as smtps://user:password@host or smtp://host:25.
    #[arg(long, env = "NACRE_SMTP", value_name = "URL", hide_env_values = true)]
    pub smtp: Option<String>,
    /// Sender of e-mail, such as `数智海珠 <nacre@example.org>`.
    #[arg(long, env = "NACRE_MAIL_FROM", value_name = "MAILBOX")]
    pub mail_from: Option<String>,
    /// Application of WeCom for notices, as https://CORPID:SECRET@qyapi.weixin.qq.com/AGENTID.
    #[arg(long, env = "NACRE_WECOM", value_name = "URL", hide_env_values = true)]
    pub wecom: Option<String>,
    /// Secret with which webhooks are signed (HMAC-SHA256, Standard Webhooks).
    #[arg(long, env = "NACRE_WEBHOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// Where people reach this server, for links in notices. Default: http:// and the address listened on
    #[arg(long, env = "NACRE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Name under which others know the transparency log. Default: what the district's `log.origin` says
    #[arg(long, env = "NACRE_LOG_ORIGIN", value_name = "NAME")]
    pub log_origin: Option<String>,
    /// Threads that serve HTTP. Default: one a core
    #[arg(long, env = "NACRE_THREADS", value_name = "COUNT")]
    pub threads: Option<usize>,
    /// What is logged: error, warn, info, debug, or a filter such as `info,nacre_kernel=debug`. Default: info
    #[arg(long, env = "NACRE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Form of the log: text or json. Default: text
    #[arg(long, env = "NACRE_LOG_FORMAT", value_name = "FORMAT", value_parser = ["text", "json"])]
    pub log_format: Option<String>,
}

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("configuration file {path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A value makes no sense.
    #[error("`{name}` is `{value}`: {why}")]
    Value {
        /// Which setting.
        name: &'static str,
        /// As given.
        value: String,
        /// What is needed.
        why: String,
    },
    /// Open on an address that others can reach.
    #[error(
        "refusing to listen on {0}: until access control exists everybody who can connect is the owner, so only a \
         loopback address such as 127.0.0.1:8080 is allowed"
    )]
    OpenToOthers(SocketAddr),
}

/// Everything settled.
#[derive(Debug, Clone)]
pub struct Config {
    /// See [`Layer::data`].
    pub data: PathBuf,
    /// See [`Layer::listen`].
    pub listen: SocketAddr,
    /// None: leave an empty data directory empty.
    pub district: Option<PathBuf>,
    /// See [`Layer::packs`].
    pub packs: PathBuf,
    /// See [`Layer::body_mib`].
    pub body_bytes_max: usize,
    /// See [`Layer::cache_mib`].
    pub cache_bytes: u64,
    /// See [`Layer::view_cache_mib`].
    pub view_cache_bytes: u64,
    /// See [`Layer::segment_mib`].
    pub segment_bytes: u64,
    /// See [`Layer::queue_length`].
    pub queue_length: usize,
    /// See [`Layer::lag_max`].
    pub lag_max: u64,
    /// See [`Layer::outbound_hosts`].
    pub outbound_hosts: Vec<String>,
    /// See [`Layer::mqtt_listen`].
    pub mqtt_listen: Option<SocketAddr>,
    /// See [`Layer::mqtt_outside`].
    pub mqtt_outside: Vec<String>,
    /// See [`Layer::smtp`], [`Layer::mail_from`], [`Layer::wecom`], [`Layer::webhook_secret`].
    pub channels: nacre_channels::Setup,
    /// See [`Layer::public_url`].
    pub public_url: String,
    /// See [`Layer::log_origin`].
    pub log_origin: Option<String>,
    /// See [`Layer::threads`].
    pub threads: Option<usize>,
    /// See [`Layer::log`].
    pub log: String,
    /// Log as JSON.
    pub log_json: bool,
}

impl Layer {
    /// Reads a file.
    pub fn from_file(path: &Path) -> Result<Layer, ConfigError> {
        let file = |why: String| ConfigError::File { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|e| file(e.to_string()))?;
        toml::from_str(&text).map_err(|e| file(e.to_string()))
    }

    /// What this layer says, and where it says nothing, what the layer below says.
    #[must_use]
    pub fn over(self, below: Layer) -> Layer {
        Layer {
            data: self.data.or(below.data),
            listen: self.listen.or(below.listen),
            district: self.district.or(below.district),
            packs: self.packs.or(below.packs),
            no_district: self.no_district.or(below.no_district),
            open: self.open.or(below.open),
            body_mib: self.body_mib.or(below.body_mib),
            cache_mib: self.cache_mib.or(below.cache_mib),
            view_cache_mib: self.view_cache_mib.or(below.view_cache_mib),
            segment_mib: self.segment_mib.or(below.segment_mib),
            queue_length: self.queue_length.or(below.queue_length),
            lag_max: self.lag_max.or(below.lag_max),
            outbound_hosts: self.outbound_hosts.or(below.outbound_hosts),
            mqtt_listen: self.mqtt_listen.or(below.mqtt_listen),
            mqtt_outside: self.mqtt_outside.or(below.mqtt_outside),
            smtp: self.smtp.or(below.smtp),
            mail_from: self.mail_from.or(below.mail_from),
            wecom: self.wecom.or(below.wecom),
            webhook_secret: self.webhook_secret.or(below.webhook_secret),
            public_url: self.public_url.or(below.public_url),
            log_origin: self.log_origin.or(below.log_origin),
            threads: self.threads.or(below.threads),
            log: self.log.or(below.log),
            log_format: self.log_format.or(below.log_format),
        }
    }

    /// Fills in defaults and checks.
    pub fn settle(self) -> Result<Config, ConfigError> {
        let listen = self.listen.unwrap_or_else(|| "127.0.0.1:8080".into());
        let address = listen.replace("localhost", "127.0.0.1").parse::<SocketAddr>().map_err(|e| {
            ConfigError::Value {
                name: "listen",
                value: listen.clone(),
                why: format!("{e}; such as 127.0.0.1:8080"),
            }
        })?;
        if !address.ip().is_loopback() {
            return Err(ConfigError::OpenToOthers(address));
        }
        if self.open == Some(false) {
            let why = "access control does not exist yet, `open` is the only mode".into();
            return Err(ConfigError::Value { name: "open", value: "false".into(), why });
        }
        let mqtt = self.mqtt_listen.unwrap_or_else(|| "127.0.0.1:1883".into());
        let mqtt_listen = match mqtt.as_str() {
            "off" => None,
            text => Some(text.replace("localhost", "127.0.0.1").parse::<SocketAddr>().map_err(|e| {
                let why = format!("{e}; such as 127.0.0.1:1883, or off");
                ConfigError::Value { name: "mqtt_listen", value: mqtt.clone(), why }
            })?),
        };
        if let Some(address) = mqtt_listen.filter(|a| !a.ip().is_loopback()) {
            return Err(ConfigError::OpenToOthers(address));
        }
        let within = |name: &'static str, value: u64, range: std::ops::RangeInclusive<u64>| {
            if range.contains(&value) {
                return Ok(value);
            }
            let why = format!("needed: {} to {}", range.start(), range.end());
            Err(ConfigError::Value { name, value: value.to_string(), why })
        };
        let district = self.district.unwrap_or_else(|| "districts/haizhu".into());
        Ok(Config {
            data: self.data.unwrap_or_else(|| "data".into()),
            listen: address,
            district: (self.no_district != Some(true)).then_some(district),
            packs: self.packs.unwrap_or_else(|| "packs".into()),
            body_bytes_max: (within("body_mib", self.body_mib.unwrap_or(8) as u64, 1..=64)? as usize) << 20,
            cache_bytes: within("cache_mib", self.cache_mib.unwrap_or(128), 1..=1 << 20)? << 20,
            view_cache_bytes: within("view_cache_mib", self.view_cache_mib.unwrap_or(192), 8..=1 << 20)?
                << 20,
            segment_bytes: within("segment_mib", self.segment_mib.unwrap_or(64), 1..=1024)? << 20,
            queue_length: within("queue_length", self.queue_length.unwrap_or(8192) as u64, 1..=1 << 20)?
                as usize,
            lag_max: within("lag_max", self.lag_max.unwrap_or(50_000), 1..=10_000_000)?,
            outbound_hosts: self.outbound_hosts.unwrap_or_default(),
            mqtt_listen,
            mqtt_outside: self.mqtt_outside.unwrap_or_default(),
            channels: nacre_channels::Setup {
                smtp: self.smtp,
                mail_from: self.mail_from,
                webhook_secret: self.webhook_secret,
                wecom: self.wecom,
            },
            public_url: match self.public_url {
                Some(url) => url.trim_end_matches('/').to_owned(),
                None => format!("http://{listen}"),
            },
            log_origin: self.log_origin,
            threads: self.threads,
            log: self.log.unwrap_or_else(|| "info".into()),
            log_json: self.log_format.as_deref() == Some("json"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_defaults_fill_the_rest() {
        let file = Layer { listen: Some("127.0.0.1:9000".into()), cache_mib: Some(64), ..Layer::default() };
        let flags = Layer { cache_mib: Some(32), ..Layer::default() };
        let config = flags.over(file).settle().expect("settles");
        assert_eq!((config.listen.port(), config.cache_bytes), (9000, 32 << 20));
        assert_eq!(config.data, PathBuf::from("data"));
    }

    #[test]
    fn an_address_that_others_can_reach_is_refused() {
        for listen in ["0.0.0.0:8080", "[::]:8080", "192.168.1.2:8080"] {
            let layer = Layer { listen: Some(listen.into()), open: Some(true), ..Layer::default() };
            assert!(matches!(layer.settle(), Err(ConfigError::OpenToOthers(_))), "{listen}");
        }
    }

    #[test]
    fn unknown_settings_of_a_file_are_reported() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("nacre.toml");
        std::fs::write(&path, "lisen = \"127.0.0.1:1\"\n").expect("written");
        let error = Layer::from_file(&path).expect_err("refused").to_string();
        assert!(error.contains("lisen"), "{error}");
    }
}
