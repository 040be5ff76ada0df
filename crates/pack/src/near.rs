//! "Did you mean": the nearest known word to one that is not known.

/// The known word nearest to `word`, when it is near enough that a slip of the finger explains it.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let letters = folded.chars().count();
    if letters == 0 || letters > 64 {
        return None;
    }
    let allowed = letters.div_ceil(3).clamp(1, 3);
    known
        .into_iter()
        .filter(|k| k.chars().count().abs_diff(letters) <= allowed)
        .map(|k| (distance(&folded, &fold(k)), k))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, k)| (*d, k.len()))
        .map(|(_, k)| k)
}

/// The help text for [`nearest`].
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|k| format!("did you mean `{k}`?"))
}

/// The help text: the nearest word, or the whole list when it is short.
pub(crate) fn did_you_mean_or_list(word: &str, known: &[&str]) -> Option<String> {
    did_you_mean(word, known.iter().copied()).or_else(|| {
        (!known.is_empty() && known.len() <= 12).then(|| format!("known: `{}`", known.join("`, `")))
    })
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Optimal string alignment: insert, delete, replace, swap neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["unit", "title", "required", "classification", "街道"];
        assert_eq!(nearest("untis", known), Some("unit"));
        assert_eq!(nearest("clasification", known), Some("classification"));
        assert_eq!(nearest("requierd", known), Some("required"));
        assert_eq!(nearest("街", known), Some("街道"));
        assert_eq!(nearest("wavelength", known), None);
        assert_eq!(nearest("", known), None);
    }
}
