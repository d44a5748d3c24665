//! Numbers and times as people read them.

use jiff::Timestamp;
use maud::{Markup, html};

/// Seconds of a minute, an hour and a day.
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number where there is little room: a million and more in its first digits, with all of them for
/// those who point at it.
pub(crate) fn short(number: u64) -> Markup {
    const MILLION: u64 = 1_000_000;
    if number < MILLION {
        return html! { (count(number)) };
    }
    let (unit, letter) = match number {
        ..1_000_000_000 => (MILLION, 'M'),
        _ => (1000 * MILLION, 'G'),
    };
    let hundredths = number / (unit / 100) % 100;
    html! { span title=(count(number)) { (count(number / unit)) "." (format!("{hundredths:02}")) " " (letter) } }
}

/// `1 call`, `2 calls`.
pub(crate) fn some(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", count(number))
}

/// A share in per cent; `None` of nothing. What is not nothing is never shown as 0.
pub(crate) fn share(part: u64, whole: u64) -> Option<String> {
    if part == 0 || whole == 0 {
        return None;
    }
    let thousandths = (part.saturating_mul(1000) / whole).min(1000);
    Some(match thousandths {
        0 => "< 0.1 %".to_owned(),
        1..=99 => format!("{}.{} %", thousandths / 10, thousandths % 10),
        _ => format!("{} %", thousandths / 10),
    })
}

/// A short time: milliseconds, then seconds, with two digits that mean something.
pub(crate) fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "over the last bucket".to_owned();
    }
    if seconds < 0.001 {
        return "< 1 ms".to_owned();
    }
    if seconds < 0.01 {
        return format!("{:.1} ms", seconds * 1e3);
    }
    if seconds < 1.0 {
        return format!("{:.0} ms", seconds * 1e3);
    }
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    format!("{seconds:.0} s")
}

/// How long, in its largest unit: `3 min`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds {
        ..MINUTE => format!("{} s", seconds.max(0)),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => format!("{} d", seconds / DAY),
    }
}

/// How long ago something was.
pub(crate) fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(time.as_second());
    match seconds {
        ..2 => "now".to_owned(),
        _ => format!("{} ago", span(seconds)),
    }
}

/// How long ago, with the time itself for programs and for those who point at it.
pub(crate) fn when(time: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(second(time)) title=(full(time)) { (ago(time, now)) } }
}

/// `14:03:22`.
pub(crate) fn clock(time: Timestamp) -> String {
    time.strftime("%H:%M:%S").to_string()
}

/// `Monday, 23 November 2026`.
pub(crate) fn day(time: Timestamp) -> String {
    time.strftime("%A, %-d %B %Y").to_string()
}

/// `2026-11-23 14:03:22 UTC`.
pub(crate) fn full(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// RFC 3339 to the second, for `datetime`.
pub(crate) fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(some(1, "call"), "1 call");
        assert_eq!(some(1000, "call"), "1,000 calls");
    }

    #[test]
    fn where_there_is_little_room_large_numbers_are_short_and_told_in_full_beside() {
        assert_eq!(short(999_999).into_string(), "999,999");
        let short = short(1_234_567).into_string();
        assert!(
            short.contains("1.23 M") && short.contains("1,234,567"),
            "{short}"
        );
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing() {
        assert_eq!(share(0, 10), None);
        assert_eq!(share(1, 0), None);
        assert_eq!(share(1, 100_000).as_deref(), Some("< 0.1 %"));
        assert_eq!(share(1, 40).as_deref(), Some("2.5 %"));
        assert_eq!(share(10, 10).as_deref(), Some("100 %"));
    }

    #[test]
    fn short_times_have_two_digits_that_mean_something() {
        let all = [0.0001, 0.0042, 0.0421, 0.421, 4.21, 42.1];
        let texts = all.map(seconds);
        assert_eq!(
            texts,
            ["< 1 ms", "4.2 ms", "42 ms", "421 ms", "4.2 s", "42 s"]
        );
    }

    #[test]
    fn the_past_is_told_in_its_largest_unit_and_the_future_as_now() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let at = |text: &str| ago(text.parse().unwrap(), now);
        assert_eq!(at("2026-11-23T11:59:59Z"), "now");
        assert_eq!(at("2026-11-23T11:59:01Z"), "59 s ago");
        assert_eq!(at("2026-11-23T11:01:00Z"), "59 min ago");
        assert_eq!(at("2026-11-22T13:00:00Z"), "23 h ago");
        assert_eq!(at("2026-11-20T12:00:00Z"), "3 d ago");
        assert_eq!(at("2026-11-24T12:00:00Z"), "now");
    }
}
