//! Numbers as people read them: a unit and a power of it that suit the size of what is shown.

/// The unit that a chart's axis, tooltip, table and summary all use.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// What a raw value is divided by.
    divisor: f64,
    /// What stands behind a number; may be empty.
    suffix: String,
}

/// The steps of decimal prefixes.
const PREFIXES: [(f64, &str); 5] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")];

impl Scale {
    /// The scale for values of a CloudWatch unit (`Percent`, `Bytes`, `Kilobytes/Second`, `Milliseconds`, …) of which the
    /// largest has this magnitude. A unit that is not known stays as it is.
    #[must_use]
    pub fn choose(unit: &str, largest: f64) -> Self {
        let largest = if largest.is_finite() { largest.abs() } else { 0.0 };
        let (amount, per) = unit.split_once('/').map_or((unit, ""), |(amount, _)| (amount, "/s"));
        if let Some((factor, symbol)) = data_unit(amount) {
            let (step, prefix) = prefix(largest * factor);
            return Self { divisor: step / factor, suffix: format!("{prefix}{symbol}{per}") };
        }
        match amount {
            "Percent" => Self { divisor: 1.0, suffix: "%".to_owned() },
            "Count" | "None" | "" => {
                let (step, prefix) = prefix(largest);
                Self { divisor: step, suffix: format!("{prefix}{per}") }
            }
            "Seconds" | "Milliseconds" | "Microseconds" => {
                let in_seconds = match amount {
                    "Seconds" => 1.0,
                    "Milliseconds" => 1e-3,
                    _ => 1e-6,
                };
                let seconds = largest * in_seconds;
                let (step, suffix) = match () {
                    () if seconds >= 7_200.0 => (3_600.0, "h"),
                    () if seconds >= 120.0 => (60.0, "min"),
                    () if seconds >= 1.0 || seconds == 0.0 => (1.0, "s"),
                    () if seconds >= 1e-3 => (1e-3, "ms"),
                    () => (1e-6, "µs"),
                };
                Self { divisor: step / in_seconds, suffix: suffix.to_owned() }
            }
            other => Self { divisor: 1.0, suffix: format!("{other}{per}") },
        }
    }

    /// A raw value on this scale.
    #[must_use]
    pub fn apply(&self, value: f64) -> f64 {
        value / self.divisor
    }

    /// What stands behind a number.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// A raw value with its unit: `12.5 %`, `3.2 MB/s`.
    #[must_use]
    pub fn format(&self, value: f64) -> String {
        let number = short_number(self.apply(value));
        if self.suffix.is_empty() { number } else { format!("{number} {}", self.suffix) }
    }
}

/// What one of a unit of data is in bytes or bits, and the symbol of those.
fn data_unit(unit: &str) -> Option<(f64, &'static str)> {
    let (stem, symbol) =
        unit.strip_suffix("bytes").or_else(|| unit.strip_suffix("Bytes")).map(|stem| (stem, "B")).or_else(
            || unit.strip_suffix("bits").or_else(|| unit.strip_suffix("Bits")).map(|stem| (stem, "bit")),
        )?;
    let factor = match stem {
        "" => 1.0,
        "Kilo" => 1e3,
        "Mega" => 1e6,
        "Giga" => 1e9,
        "Tera" => 1e12,
        _ => return None,
    };
    Some((factor, symbol))
}

fn prefix(largest: f64) -> (f64, &'static str) {
    PREFIXES.into_iter().find(|(step, _)| largest >= *step).unwrap_or((1.0, ""))
}

/// A number with about three significant digits and no needless zeros.
#[must_use]
pub fn short_number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 || size == 0.0 => 2,
        size if size >= 0.001 => 4,
        _ => 6,
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Bytes as people read them: `0 B`, `1.5 GB`.
#[must_use]
pub fn bytes(count: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let count = count.max(0) as f64;
    Scale::choose("Bytes", count).format(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(unit: &str, value: f64) -> String {
        Scale::choose(unit, value).format(value)
    }

    #[test]
    fn values_are_shown_in_the_unit_that_suits_them() {
        for (unit, value, text) in [
            ("Percent", 12.345, "12.3 %"),
            ("Percent", 0.012_34, "0.0123 %"),
            ("Bytes", 0.0, "0 B"),
            ("Bytes", 999.0, "999 B"),
            ("Bytes", 1_234_567.0, "1.23 MB"),
            ("Kilobytes", 5_000.0, "5 MB"),
            ("Bytes/Second", 2_500.0, "2.5 kB/s"),
            ("Megabits/Second", 1_500.0, "1.5 Gbit/s"),
            ("Count", 12.0, "12"),
            ("Count", 45_678.0, "45.7 k"),
            ("Count/Second", 3.0, "3 /s"),
            ("None", 1.0, "1"),
            ("", 0.5, "0.5"),
            ("Seconds", 0.25, "250 ms"),
            ("Milliseconds", 1_500.0, "1.5 s"),
            ("Microseconds", 5.0, "5 µs"),
            ("Seconds", 7_200.0, "2 h"),
            ("Furlongs", 3.0, "3 Furlongs"),
        ] {
            assert_eq!(shown(unit, value), text, "{value} {unit}");
        }
    }

    #[test]
    fn no_number_breaks_it() {
        assert_eq!(shown("Bytes", f64::NAN), "– B");
        assert_eq!(shown("Count", f64::INFINITY), "–");
        assert_eq!(short_number(-0.000_000_1), "0");
        assert_eq!(short_number(-1_234.5), "-1234");
        assert_eq!(bytes(-5), "0 B");
        assert_eq!(bytes(5_400_000_000), "5.4 GB");
    }
}
