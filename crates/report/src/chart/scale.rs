//! The axis of values: round steps, zero always on it.

/// An axis from `low` to `high` in equal steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Scale {
    /// The axis that holds all values and zero.
    pub fn of(values: impl Iterator<Item = f64>) -> Scale {
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        let span = high - low;
        if span <= f64::MIN_POSITIVE {
            return Scale { low: 0.0, high: 1.0, step: 1.0 };
        }
        let rough = span / 4.0;
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough * 0.999);
        let step = step.unwrap_or(rough);
        // A subnormal span has no round step; one step then does.
        if !step.is_normal() {
            return Scale { low, high, step: span };
        }
        Scale { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where a value stands between 0 (low) and 1 (high).
    pub fn at(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The values of the marks on the axis.
    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 12.0) as u32;
        (0..=count).map(|i| self.low + f64::from(i) * self.step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_on_the_axis() {
        let scale = Scale::of([96.0, 99.0].into_iter());
        assert_eq!((scale.low, scale.high, scale.step), (0.0, 100.0, 25.0));
        assert_eq!(scale.ticks(), [0.0, 25.0, 50.0, 75.0, 100.0]);
        let below = Scale::of([-3.0, 8.0].into_iter());
        assert_eq!((below.low, below.high), (-5.0, 10.0));
    }

    #[test]
    fn nothing_and_extremes_give_an_axis() {
        for values in [vec![], vec![0.0], vec![1e15, -1e15], vec![5e-324], vec![1e-308]] {
            let scale = Scale::of(values.clone().into_iter());
            assert!(scale.high > scale.low, "{values:?}");
            assert!(scale.ticks().len() <= 13);
            assert!(values.iter().all(|v| scale.at(*v).is_finite()));
        }
    }
}
