//! Kubernetes quantities, read exactly enough to be compared.
//!
//! Grammar: `resource.Quantity` of the Kubernetes API: a decimal number and a suffix that is
//! binary (`Ki`..`Ei`), decimal (`n`, `u`, `m`, none, `k`..`E`) or an exponent (`e3`, `E-2`).

/// Decimal places that are kept: `n` is the smallest suffix.
const PLACES: i32 = 9;
/// Most digits of a number, so that no product leaves `i128`: the API server holds fewer.
const MAX_DIGITS: usize = 18;
/// Largest exponent that can be meant: `E` is 18.
const MAX_EXPONENT: i32 = 18;

/// The amount in billionths; `None` if the text is no quantity. What lies below a billionth is
/// rounded up, as the API server does.
pub(crate) fn parse(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (digits, places) = digits(number)?;
    let amount = match suffix_of(suffix)? {
        Scale::Binary(power) => {
            scale(digits.checked_mul(1_i128 << (10 * power))?, PLACES - places)?
        }
        Scale::Decimal(power) => scale(digits, PLACES - places + power)?,
    };
    Some(if negative { -amount } else { amount })
}

enum Scale {
    Binary(u32),
    Decimal(i32),
}

/// The digits as a whole number, and how many of them follow the point.
fn digits(number: &str) -> Option<(i128, i32)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let count = whole.len() + fraction.len();
    if count == 0 || count > MAX_DIGITS || fraction.contains('.') {
        return None;
    }
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, i32::try_from(fraction.len()).ok()?))
}

fn suffix_of(suffix: &str) -> Option<Scale> {
    Some(match suffix {
        "Ki" => Scale::Binary(1),
        "Mi" => Scale::Binary(2),
        "Gi" => Scale::Binary(3),
        "Ti" => Scale::Binary(4),
        "Pi" => Scale::Binary(5),
        "Ei" => Scale::Binary(6),
        "n" => Scale::Decimal(-9),
        "u" => Scale::Decimal(-6),
        "m" => Scale::Decimal(-3),
        "" => Scale::Decimal(0),
        "k" => Scale::Decimal(3),
        "M" => Scale::Decimal(6),
        "G" => Scale::Decimal(9),
        "T" => Scale::Decimal(12),
        "P" => Scale::Decimal(15),
        "E" => Scale::Decimal(18),
        exponent => {
            let power: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            (power.abs() <= MAX_EXPONENT).then_some(Scale::Decimal(power))?
        }
    })
}

fn scale(amount: i128, power: i32) -> Option<i128> {
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    if power >= 0 {
        amount.checked_mul(factor)
    } else {
        Some(amount / factor + i128::from(amount % factor != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("100m", "0.1")]
    #[case("1", "1000m")]
    #[case("128Mi", "134217728")]
    #[case("1e3", "1k")]
    #[case("1.5Gi", "1536Mi")]
    #[case("+2", "2.0")]
    #[case("1E", "1e18")]
    #[case("-5", "-5000m")]
    fn two_spellings_of_one_amount_are_equal(#[case] one: &str, #[case] other: &str) {
        assert_eq!(parse(one).unwrap(), parse(other).unwrap());
    }

    #[rstest]
    fn what_is_no_quantity_is_none(
        #[values(
            "",
            "m",
            "2 cores",
            "1.2.3",
            "lots",
            "1mi",
            "1e99",
            "9999999999999999999",
            "--1"
        )]
        text: &str,
    ) {
        assert_eq!(parse(text), None);
    }

    #[rstest]
    #[case("50m", "100m")]
    #[case("1000Ki", "1Mi")]
    #[case("1023Mi", "1Gi")]
    fn amounts_have_an_order(#[case] less: &str, #[case] more: &str) {
        assert!(parse(less).unwrap() < parse(more).unwrap());
    }
}
