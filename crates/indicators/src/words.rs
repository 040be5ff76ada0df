//! Words for people, and organisations by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The same words in Chinese and English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Text)]
pub struct Words {
    /// 中文.
    pub zh: String,
    /// English.
    #[serde(default)]
    pub en: String,
}

impl Words {
    /// From both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Words {
        Words { zh: zh.into(), en: en.into() }
    }
}

/// An organisation, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// Local id: `bureau-kgsx`.
    pub id: String,
    /// Name.
    pub name: String,
}
