//! Lengths of time as people read them: at most two units, as `kubectl` writes ages.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time from `begin` to `end`: `12s`, `4m12s`, `2h13m`, `3d4h`, `40d`. Clocks of two machines may
/// differ, so an end before the begin reads as none at all.
pub fn span(begin: Timestamp, end: Timestamp) -> String {
    let seconds = end.duration_since(begin).as_secs().max(0);
    let two = |big: i64, small: i64, units: [&str; 2]| {
        let (whole, rest) = (seconds / big, seconds % big / small);
        if rest == 0 {
            format!("{whole}{}", units[0])
        } else {
            format!("{whole}{}{rest}{}", units[0], units[1])
        }
    };
    match seconds {
        ..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => two(MINUTE, 1, ["m", "s"]),
        HOUR..DAY => two(HOUR, MINUTE, ["h", "m"]),
        DAY.. if seconds < 10 * DAY => two(DAY, HOUR, ["d", "h"]),
        DAY.. => format!("{}d", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> String {
        let at = |second| Timestamp::from_second(second).unwrap();
        span(at(1_000_000), at(1_000_000 + seconds))
    }

    #[test]
    fn at_most_two_units_are_read() {
        assert_eq!(after(0), "0s");
        assert_eq!(after(59), "59s");
        assert_eq!(after(60), "1m");
        assert_eq!(after(252), "4m12s");
        assert_eq!(after(2 * HOUR + 13 * MINUTE + 59), "2h13m");
        assert_eq!(after(3 * DAY + 4 * HOUR), "3d4h");
        assert_eq!(after(40 * DAY + 5 * HOUR), "40d");
    }

    #[test]
    fn an_end_before_the_begin_is_no_time_at_all() {
        assert_eq!(after(-5), "0s");
    }
}
