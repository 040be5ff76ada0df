//! Why a whole entity is refused: only when it cannot be said what, or of when, it is.

use thiserror::Error;

/// Why an entity was not taken at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// Not a JSON object.
    #[error("the entity is not a JSON object")]
    NotAnEntity,
    /// More attributes than [`super::ATTRIBUTES_MAX`].
    #[error("the entity has {found} attributes; at most {} are read", super::ATTRIBUTES_MAX)]
    TooLarge {
        /// How many it has.
        found: usize,
    },
    /// Without an id that can be used.
    #[error("the entity has no `id` that is a text of 1 to {} bytes", super::TEXT_BYTES_MAX)]
    NoId,
    /// Of a type that does not speak of water.
    #[error("the type `{found}` is not one of water quality")]
    OtherType {
        /// The type.
        found: String,
    },
    /// A date stands there that cannot be read, or that may be one of two days.
    #[error("the date `{found}` in `{field}` cannot be read for certain")]
    Date {
        /// The attribute.
        field: String,
        /// What stands there.
        found: String,
    },
    /// A date before 1990, or more than a day after receipt.
    #[error("the date `{found}` in `{field}` is before 1990 or more than a day after receipt")]
    DateOutside {
        /// The attribute.
        field: String,
        /// What stands there.
        found: String,
    },
}

impl Refused {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::NotAnEntity => "notAnEntity",
            Refused::TooLarge { .. } => "tooLarge",
            Refused::NoId => "noId",
            Refused::OtherType { .. } => "otherType",
            Refused::Date { .. } => "date",
            Refused::DateOutside { .. } => "dateOutside",
        }
    }

    /// The reason in Chinese; the English one is its `Display`.
    pub fn zh(&self) -> String {
        match self {
            Refused::NotAnEntity => "该条不是 JSON 对象".to_owned(),
            Refused::TooLarge { found } => format!("属性有 {found} 个，最多 {} 个", super::ATTRIBUTES_MAX),
            Refused::NoId => format!("没有可用的 `id`（1 至 {} 字节的文本）", super::TEXT_BYTES_MAX),
            Refused::OtherType { found } => format!("类型 `{found}` 不是水质类型"),
            Refused::Date { field, found } => format!("`{field}` 的时间 `{found}` 无法确切辨认"),
            Refused::DateOutside { field, found } => {
                format!("`{field}` 的时间 `{found}` 早于 1990 年，或晚于接收时间一天以上")
            }
        }
    }
}
