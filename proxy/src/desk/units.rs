//! Times, sizes and counts as people read them.

use std::time::Duration;

/// `0.3 ms`, `12 ms`, `1.2 s`, `2 min 5 s`.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match time.as_micros() {
        micros @ 0..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        micros @ 10_000..1_000_000 => format!("{} ms", micros / 1000),
        _ if seconds < 60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `12 B`, `1.2 KiB`, `3.4 MiB`.
pub(super) fn size(bytes: usize) -> String {
    const KIB: usize = 1024;
    const MIB: usize = KIB * KIB;
    let tenths = |unit: usize| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..MIB => format!("{} KiB", tenths(KIB)),
        MIB.. => format!("{} MiB", tenths(MIB)),
    }
}

/// `1 session`, `2 sessions`.
pub(super) fn count(number: u64, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_told_as_many() {
        let counted = [0, 1, 2].map(|number| count(number, "session"));
        assert_eq!(counted, ["0 sessions", "1 session", "2 sessions"]);
    }

    #[rstest::rstest]
    #[case(340, "0.3 ms")]
    #[case(12_345, "12 ms")]
    #[case(1_290_000, "1.2 s")]
    #[case(125_000_000, "2 min 5 s")]
    fn times_have_two_or_three_digits(#[case] micros: u64, #[case] text: &str) {
        assert_eq!(time(Duration::from_micros(micros)), text);
    }

    #[rstest::rstest]
    #[case(12, "12 B")]
    #[case(1_300, "1.2 KiB")]
    #[case(3_600_000, "3.4 MiB")]
    fn sizes_are_in_powers_of_1024(#[case] bytes: usize, #[case] text: &str) {
        assert_eq!(size(bytes), text);
    }
}
