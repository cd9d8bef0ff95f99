//! Weights as whole numbers, so that sums are exact, ties are ties, and the order of adding changes nothing.
//!
//! Only proportions matter. Weights arrive as floating-point numbers that people typed (`0.9`) or that were computed
//! (`0.7 * 3.0`, which is not quite `2.1`). They are put on a grid of 13 significant decimal digits below the heaviest,
//! which swallows the noise of the 16th digit, and two sums count as equal when they differ by at most a billionth of
//! the whole. So `0.1 + 0.1 + 0.1` ties with `0.3`, and stays tied when all four are multiplied by 1/3.

/// How far two sums may lie apart and still be equal, as a fraction of the whole.
const TOLERANCE: u128 = 1_000_000_000;

/// Decimal digits below the leading one of the heaviest weight.
const DIGITS: i32 = 12;

/// Weights on the grid. What is not a positive number weighs nothing.
pub fn exact(weights: &[f64]) -> Vec<u64> {
    let positive = |weight: f64| if weight.is_finite() && weight > 0.0 { weight } else { 0.0 };
    let heaviest = weights.iter().copied().map(positive).fold(0.0, f64::max);
    if heaviest == 0.0 {
        return vec![0; weights.len()];
    }
    // `powi` of more than 300 would overflow: such weights are scaled in two steps.
    let shift = DIGITS - heaviest.log10().floor() as i32;
    let (first, second) = (10f64.powi(shift / 2), 10f64.powi(shift - shift / 2));
    // A float cast saturates, and the heaviest is below 10^14.
    weights.iter().map(|&weight| (positive(weight) * first * second).round() as u64).collect()
}

/// Whether two sums of weights are equal, where `whole` is the sum of all.
pub(crate) fn equal(a: u128, b: u128, whole: u128) -> bool {
    a.abs_diff(b) <= whole / TOLERANCE
}

/// Whether `part` is more than half of `whole`; exactly half is not.
pub(crate) fn more_than_half(part: u128, whole: u128) -> bool {
    2 * part > whole && !equal(2 * part, whole, whole)
}

/// A sum of weights as it is shown: without the noise of adding (`2.4`, not `2.4000000000000004`), and without the sign that
/// the sum of no weights at all has (`0`, not `-0`).
pub(crate) fn shown(sum: f64) -> f64 {
    (sum * 1e9).round() / 1e9 + 0.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn proportions_are_kept() {
        assert_eq!(exact(&[0.9, 0.8, 0.7]), [9_000_000_000_000, 8_000_000_000_000, 7_000_000_000_000]);
        assert_eq!(exact(&[9.0, 8.0, 7.0]), exact(&[0.9, 0.8, 0.7]));
        assert_eq!(exact(&[0.0, 0.0]), [0, 0]);
        assert_eq!(exact(&[]), [] as [u64; 0]);
    }

    #[test]
    fn what_is_no_weight_weighs_nothing() {
        assert_eq!(exact(&[f64::NAN, -1.0, f64::INFINITY, 1.0]), [0, 0, 0, 1_000_000_000_000]);
    }

    #[test]
    fn the_smallest_and_the_largest_numbers_have_their_place() {
        assert_eq!(exact(&[f64::MAX])[0].ilog10(), 12);
        assert_eq!(exact(&[1e-300])[0].ilog10(), 12);
    }

    #[test]
    fn half_is_not_more_than_half() {
        assert!(!more_than_half(5, 10));
        assert!(more_than_half(6, 10));
        assert!(!more_than_half(0, 0));
    }

    #[test]
    fn what_is_shown_of_a_sum_has_neither_noise_nor_the_sign_of_nothing() {
        let nothing = Vec::<f64>::new().into_iter().sum::<f64>();
        assert_eq!(format!("{} {}", shown(nothing), shown(0.9 + 0.8 + 0.7)), "0 2.4");
    }

    proptest! {
        #[test]
        fn a_sum_ties_with_its_parts_at_any_scale(parts in prop::collection::vec(1u32..1000, 1..7), digits in -6.0f64..6.0) {
            let scale = 10f64.powf(digits);
            let mut weights: Vec<f64> = parts.iter().map(|&part| f64::from(part) / 100.0 * scale).collect();
            weights.push(f64::from(parts.iter().sum::<u32>()) / 100.0 * scale);
            let on_grid = exact(&weights);
            let (sum, parts) = on_grid.split_last().expect("not empty");
            let added: u128 = parts.iter().map(|&part| u128::from(part)).sum();
            prop_assert!(equal(added, u128::from(*sum), added + u128::from(*sum)));
        }
    }
}
