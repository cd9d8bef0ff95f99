//! Exact numbers: fractions times a power of ten, so that 0.1 + 0.2, 1/3 and 6.02e23 compare without rounding. Never
//! floating point: two members that wrote the same number must never differ by a last bit. What does not fit 127 bits is
//! refused (`None`), and its reader falls back to comparing text.

use std::fmt;

/// Powers of ten beyond these are no quantities of this world.
const LARGEST_EXPONENT: i32 = 400;
/// From this many digits on, a number is shown in scientific notation.
const LONGEST_PLAIN: i32 = 21;

/// `numerator / denominator × 10^exponent`, in the one normal form each value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Exact {
    numerator: i128,
    denominator: i128,
    exponent: i32,
}

impl Exact {
    pub(crate) const ZERO: Self = Self { numerator: 0, denominator: 1, exponent: 0 };

    /// The normal form: the denominator is positive and shares no factor with the numerator nor with ten, and the
    /// numerator does not end in zero.
    pub(crate) fn new(mut numerator: i128, mut denominator: i128, mut exponent: i32) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        if numerator == 0 {
            return Some(Self::ZERO);
        }
        if denominator < 0 {
            numerator = numerator.checked_neg()?;
            denominator = denominator.checked_neg()?;
        }
        let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let common = i128::try_from(common).ok()?;
        numerator /= common;
        denominator /= common;
        for (factor, partner) in [(10, 1), (2, 5), (5, 2)] {
            while denominator % factor == 0 {
                denominator /= factor;
                numerator = numerator.checked_mul(partner)?;
                exponent -= 1;
            }
        }
        while numerator % 10 == 0 {
            numerator /= 10;
            exponent += 1;
        }
        (exponent.abs() <= LARGEST_EXPONENT).then_some(Self { numerator, denominator, exponent })
    }

    pub(crate) fn integer(value: i128) -> Option<Self> {
        Self::new(value, 1, 0)
    }

    /// From ASCII digits before and after the decimal mark.
    pub(crate) fn decimal(whole: &str, fraction: &str) -> Option<Self> {
        let mut value: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            value = value.checked_mul(10)?.checked_add(i128::from(digit.checked_sub(b'0')?))?;
        }
        Self::new(value, 1, -i32::try_from(fraction.len()).ok()?)
    }

    /// Reads the plain notation this type writes: `-12.5`, `1/3`, `6.02e23`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some((top, bottom)) = text.split_once('/') {
            return Self::parse(top.trim())?.divided(Self::parse(bottom.trim())?);
        }
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let value = Self::decimal(whole, fraction)?.scaled(exponent.parse().ok()?)?;
        if negative { value.negated() } else { Some(value) }
    }

    pub(crate) fn scaled(self, by: i32) -> Option<Self> {
        Self::new(self.numerator, self.denominator, self.exponent.checked_add(by)?)
    }

    pub(crate) fn negated(self) -> Option<Self> {
        Self::new(self.numerator.checked_neg()?, self.denominator, self.exponent)
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
            self.exponent.checked_add(other.exponent)?,
        )
    }

    pub(crate) fn divided(self, other: Self) -> Option<Self> {
        Self::new(
            self.numerator.checked_mul(other.denominator)?,
            self.denominator.checked_mul(other.numerator)?,
            self.exponent.checked_sub(other.exponent)?,
        )
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let lift = |value: Self| value.numerator.checked_mul(ten_to(value.exponent - exponent)?);
        let left = lift(self)?.checked_mul(other.denominator)?;
        let right = lift(other)?.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?, exponent)
    }

    pub(crate) fn is_integer(self) -> bool {
        self.denominator == 1 && self.exponent >= 0
    }

    /// As an `i64` where it is a whole number that fits.
    pub(crate) fn to_integer(self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        i64::try_from(self.numerator.checked_mul(ten_to(self.exponent)?)?).ok()
    }

    /// A decimal with three or more places that is a rounded (or cut) fraction with a small denominator, as that
    /// fraction: a model that writes 0.333 and one that writes 1/3 agree. Two places are left alone: they may be money.
    pub(crate) fn recognised(self) -> Self {
        self.as_small_fraction().unwrap_or(self)
    }

    fn as_small_fraction(self) -> Option<Self> {
        let places = -self.exponent;
        if self.denominator != 1 || !(3..=15).contains(&places) {
            return None;
        }
        let scale = ten_to(places)?;
        [3, 6, 7, 9, 11, 12].into_iter().find_map(|q: i128| {
            let p = divide_rounded(self.numerator.checked_mul(q)?, scale)?;
            let exact = p.checked_mul(scale)?;
            let matches = divide_rounded(exact, q)? == self.numerator || exact / q == self.numerator;
            let fraction = Self::new(p, q, 0)?;
            (matches && fraction.denominator != 1).then_some(fraction)
        })
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator != 1 {
            let power = ten_to(self.exponent.abs());
            return match (self.exponent >= 0, power.and_then(|p| self.numerator.checked_mul(p)), power) {
                (true, Some(top), _) => write!(f, "{top}/{}", self.denominator),
                (false, _, Some(bottom)) if self.denominator.checked_mul(bottom).is_some() => {
                    write!(f, "{}/{}", self.numerator, self.denominator.saturating_mul(bottom))
                }
                _ => write!(f, "{}e{}/{}", self.numerator, self.exponent, self.denominator),
            };
        }
        let digits = self.numerator.unsigned_abs().to_string();
        let sign = if self.numerator < 0 { "-" } else { "" };
        let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let point = length.saturating_add(self.exponent);
        if self.exponent >= 0 && point <= LONGEST_PLAIN {
            let zeros = "0".repeat(usize::try_from(self.exponent).unwrap_or(0));
            write!(f, "{sign}{digits}{zeros}")
        } else if self.exponent < 0 && point > -6 {
            let padded = format!("{}{digits}", "0".repeat(usize::try_from(1 - point).unwrap_or(0)));
            let places = usize::try_from(-self.exponent).unwrap_or(0);
            let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
            write!(f, "{sign}{whole}.{fraction}")
        } else {
            let (first, rest) = digits.split_at(1);
            let point_and_rest = if rest.is_empty() { String::new() } else { format!(".{rest}") };
            write!(f, "{sign}{first}{point_and_rest}e{}", point - 1)
        }
    }
}

fn ten_to(power: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(power).ok()?)
}

/// Division rounded half away from zero.
fn divide_rounded(top: i128, bottom: i128) -> Option<i128> {
    let half = if top < 0 { -(bottom / 2) } else { bottom / 2 };
    top.checked_add(half)?.checked_div(bottom)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Exact::parse(text).map(|value| value.to_string())
    }

    #[test]
    fn each_value_has_one_form() {
        let cases = [
            ("007.50", "7.5"),
            ("-0", "0"),
            ("10/4", "2.5"),
            ("2/6", "1/3"),
            ("1200", "1200"),
            ("0.00012", "0.00012"),
            ("6.02e23", "6.02e23"),
            ("1.6e-19", "1.6e-19"),
            ("121932631112635269", "121932631112635269"),
        ];
        for (written, expected) in cases {
            assert_eq!(shown(written).as_deref(), Some(expected), "{written}");
        }
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        for written in ["", "x", "1.2.3", "1/0", "1e999", &"9".repeat(60)] {
            assert_eq!(shown(written), None, "{written}");
        }
    }

    #[test]
    fn rounded_fractions_are_recognised_from_three_places_on() {
        for (written, expected) in [
            ("0.333", "1/3"),
            ("0.6667", "2/3"),
            ("0.666", "2/3"),
            ("0.33", "0.33"),
            ("0.125", "0.125"),
            ("42.195", "42.195"),
        ] {
            assert_eq!(Exact::parse(written).map(|value| value.recognised().to_string()).as_deref(), Some(expected));
        }
    }
}
