//! What the last page says for those who verify the report.

use crate::model::Document;

/// Names and values, those that are there.
pub(crate) fn lines(document: &Document) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("核验码", document.verification_code.clone()),
        ("内容摘要", document.digest.clone()),
        ("版本", document.version_line.clone()),
    ];
    match &document.freeze {
        Some(freeze) => lines.extend([
            ("冻结记录", format!("第 {} 号", freeze.seq)),
            ("冻结时间", freeze.at.clone()),
            ("账本根", freeze.root.clone()),
        ]),
        None => lines.push(("冻结记录", "未冻结".to_owned())),
    }
    lines.retain(|(_, value)| !value.trim().is_empty());
    lines
}
