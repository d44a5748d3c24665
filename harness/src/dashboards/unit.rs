//! What a panel's numbers are, by the names that Grafana has for units.

/// A unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things, counted.
    Count,
    /// Calls or requests a second.
    Calls,
    /// Writes or passes a second.
    Operations,
    /// Other things a second.
    Rate,
    /// A time in seconds.
    Seconds,
    /// Bytes, in powers of 1024.
    Bytes,
    /// Bytes a second, in powers of 1024.
    Throughput,
    /// A part of a whole, from 0 to 1, shown in per cent.
    Share,
    /// How many times as fast as allowed.
    Times,
    /// A number that stands for a word.
    Word,
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Count,
        Self::Calls,
        Self::Operations,
        Self::Rate,
        Self::Seconds,
        Self::Bytes,
        Self::Throughput,
        Self::Share,
        Self::Times,
        Self::Word,
    ];

    /// Its name in Grafana.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::Calls => "reqps",
            Self::Operations => "ops",
            Self::Rate => "cps",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            Self::Throughput => "binBps",
            Self::Share => "percentunit",
            Self::Times => "suffix:x",
            Self::Word => "none",
        }
    }

    /// The unit of this name.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.id() == id)
    }

    /// A value as Grafana writes it, to three figures.
    pub fn say(self, value: f64) -> String {
        match self {
            Self::Count | Self::Word => scaled(value, &THOUSANDS, ""),
            Self::Calls => scaled(value, &THOUSANDS, " req/s"),
            Self::Operations => scaled(value, &THOUSANDS, " ops/s"),
            Self::Rate => scaled(value, &THOUSANDS, " c/s"),
            Self::Seconds => seconds(value),
            Self::Bytes => scaled(value, &POWERS_OF_1024, "B"),
            Self::Throughput => scaled(value, &POWERS_OF_1024, "B/s"),
            Self::Share => format!("{}%", figures(value * 100.0)),
            Self::Times => format!("{}x", figures(value)),
        }
    }
}

/// Where a prefix begins, and the prefix.
type Scale = [(f64, &'static str); 5];

const THOUSANDS: Scale = [
    (1e12, " T"),
    (1e9, " G"),
    (1e6, " M"),
    (1e3, " K"),
    (1.0, ""),
];
const POWERS_OF_1024: Scale = [
    (1024.0 * 1024.0 * 1024.0 * 1024.0, " Ti"),
    (1024.0 * 1024.0 * 1024.0, " Gi"),
    (1024.0 * 1024.0, " Mi"),
    (1024.0, " Ki"),
    (1.0, " "),
];
const TIMES: Scale = [
    (86_400.0, " d"),
    (3_600.0, " h"),
    (60.0, " min"),
    (1.0, " s"),
    (1e-3, " ms"),
];

fn scaled(value: f64, scale: &Scale, unit: &str) -> String {
    let step = scale.iter().find(|(from, _)| value.abs() >= *from);
    let (by, prefix) = step.unwrap_or(&scale[4]);
    format!("{}{prefix}{unit}", figures(value / by))
}

fn seconds(value: f64) -> String {
    if value == 0.0 {
        return "0 s".to_owned();
    }
    match TIMES.iter().find(|(from, _)| value.abs() >= *from) {
        Some((by, name)) => format!("{}{name}", figures(value / by)),
        None => format!("{} us", figures(value * 1e6)),
    }
}

/// Three figures, without zeros at the end.
fn figures(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.0995 => 2,
        _ => 3,
    };
    let text = format!("{value:.places$}");
    if !text.contains('.') {
        return text;
    }
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_to_three_figures_with_a_prefix_of_their_unit() {
        for (unit, value, said) in [
            (Unit::Count, 0.0, "0"),
            (Unit::Count, 12_345.0, "12.3 K"),
            (Unit::Calls, 0.05, "0.05 req/s"),
            (Unit::Seconds, 0.0, "0 s"),
            (Unit::Seconds, 0.000_25, "250 us"),
            (Unit::Seconds, 0.0421, "42.1 ms"),
            (Unit::Seconds, 150.0, "2.5 min"),
            (Unit::Bytes, 1536.0, "1.5 KiB"),
            (Unit::Throughput, 10.0, "10 B/s"),
            (Unit::Share, 0.9995, "100%"),
            (Unit::Share, 0.0123, "1.23%"),
            (Unit::Times, 14.4, "14.4x"),
            (Unit::Count, -0.000_001, "0"),
        ] {
            assert_eq!(unit.say(value), said, "{unit:?} of {value}");
        }
    }

    #[test]
    fn every_unit_is_found_by_its_name() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.id()), Some(unit));
        }
    }
}
