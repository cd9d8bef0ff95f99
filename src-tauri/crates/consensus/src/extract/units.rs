//! Units and their dimensions, as data. A quantity is compared in its dimension's base unit; factors are exact.

use super::exact::Exact;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) symbol: &'static str,
    /// The base unit of its dimension; a dimension is known by it.
    pub(crate) base: &'static str,
    /// How many of the base it is.
    pub(crate) factor: &'static str,
    /// What is added after that (temperatures).
    pub(crate) offset: &'static str,
}

const fn unit(symbol: &'static str, base: &'static str, factor: &'static str) -> Unit {
    Unit { symbol, base, factor, offset: "0" }
}

pub(crate) static UNITS: &[Unit] = &[
    unit("m", "m", "1"),
    unit("km", "m", "1000"),
    unit("cm", "m", "0.01"),
    unit("dm", "m", "0.1"),
    unit("mm", "m", "0.001"),
    unit("um", "m", "0.000001"),
    unit("nm", "m", "0.000000001"),
    unit("mi", "m", "1609.344"),
    unit("ft", "m", "0.3048"),
    unit("in", "m", "0.0254"),
    unit("yd", "m", "0.9144"),
    unit("nmi", "m", "1852"),
    unit("ly", "m", "9460730472580800"),
    unit("au", "m", "149597870700"),
    unit("m2", "m2", "1"),
    unit("km2", "m2", "1000000"),
    unit("cm2", "m2", "0.0001"),
    unit("mm2", "m2", "0.000001"),
    unit("ha", "m2", "10000"),
    unit("ft2", "m2", "0.09290304"),
    unit("in2", "m2", "0.00064516"),
    unit("mi2", "m2", "2589988.110336"),
    unit("acre", "m2", "4046.8564224"),
    unit("l", "l", "1"),
    unit("ml", "l", "0.001"),
    unit("cl", "l", "0.01"),
    unit("dl", "l", "0.1"),
    unit("m3", "l", "1000"),
    unit("dm3", "l", "1"),
    unit("cm3", "l", "0.001"),
    unit("ft3", "l", "28.316846592"),
    unit("in3", "l", "0.016387064"),
    unit("gal", "l", "3.785411784"),
    unit("qt", "l", "0.946352946"),
    unit("pt", "l", "0.473176473"),
    unit("cup", "l", "0.2365882365"),
    unit("floz", "l", "0.0295735295625"),
    unit("tbsp", "l", "0.01478676478125"),
    unit("tsp", "l", "0.00492892159375"),
    unit("kg", "kg", "1"),
    unit("g", "kg", "0.001"),
    unit("mg", "kg", "0.000001"),
    unit("ug", "kg", "0.000000001"),
    unit("t", "kg", "1000"),
    unit("lb", "kg", "0.45359237"),
    unit("oz", "kg", "0.028349523125"),
    unit("s", "s", "1"),
    unit("ms", "s", "0.001"),
    unit("min", "s", "60"),
    unit("h", "s", "3600"),
    unit("d", "s", "86400"),
    unit("week", "s", "604800"),
    unit("month", "month", "1"),
    unit("year", "month", "12"),
    unit("lustrum", "month", "60"),
    unit("decade", "month", "120"),
    unit("century", "month", "1200"),
    unit("km/h", "m/s", "5/18"),
    unit("m/s", "m/s", "1"),
    unit("km/s", "m/s", "1000"),
    unit("mph", "m/s", "0.44704"),
    unit("kn", "m/s", "1852/3600"),
    unit("m/s2", "m/s2", "1"),
    unit("°C", "°C", "1"),
    Unit { symbol: "°F", base: "°C", factor: "5/9", offset: "-160/9" },
    Unit { symbol: "K", base: "°C", factor: "1", offset: "-273.15" },
    unit("deg", "deg", "1"),
    unit("rad", "rad", "1"),
    unit("J", "J", "1"),
    unit("kJ", "J", "1000"),
    unit("MJ", "J", "1000000"),
    unit("Wh", "J", "3600"),
    unit("kWh", "J", "3600000"),
    unit("cal", "J", "4.184"),
    unit("kcal", "J", "4184"),
    unit("W", "W", "1"),
    unit("kW", "W", "1000"),
    unit("MW", "W", "1000000"),
    unit("hp", "W", "745.69987158227022"),
    unit("V", "V", "1"),
    unit("mV", "V", "0.001"),
    unit("kV", "V", "1000"),
    unit("A", "A", "1"),
    unit("mA", "A", "0.001"),
    unit("ohm", "ohm", "1"),
    unit("kohm", "ohm", "1000"),
    unit("Pa", "Pa", "1"),
    unit("hPa", "Pa", "100"),
    unit("kPa", "Pa", "1000"),
    unit("bar", "Pa", "100000"),
    unit("atm", "Pa", "101325"),
    unit("N", "N", "1"),
    unit("kN", "N", "1000"),
    unit("Hz", "Hz", "1"),
    unit("kHz", "Hz", "1000"),
    unit("MHz", "Hz", "1000000"),
    unit("GHz", "Hz", "1000000000"),
    unit("rpm", "rpm", "1"),
    unit("bit", "bit", "1"),
    unit("B", "bit", "8"),
    unit("kB", "bit", "8000"),
    unit("MB", "bit", "8000000"),
    unit("GB", "bit", "8000000000"),
    unit("TB", "bit", "8000000000000"),
    unit("KiB", "bit", "8192"),
    unit("MiB", "bit", "8388608"),
    unit("GiB", "bit", "8589934592"),
    unit("mol", "mol", "1"),
    unit("mol/l", "mol/l", "1"),
    unit("g/cm3", "kg/m3", "1000"),
    unit("kg/m3", "kg/m3", "1"),
    unit("%", "", "0.01"),
    unit("EUR", "EUR", "1"),
    unit("eurocent", "EUR", "0.01"),
    unit("USD", "USD", "1"),
    unit("cent", "USD", "0.01"),
    unit("GBP", "GBP", "1"),
    unit("penny", "GBP", "0.01"),
    unit("MXN", "MXN", "1"),
    unit("JPY", "JPY", "1"),
];

/// Other ways to write a symbol.
static SPELLINGS: &[(&str, &str)] = &[
    ("L", "l"),
    ("lt", "l"),
    ("mL", "ml"),
    ("cc", "cm3"),
    ("µm", "um"),
    ("μm", "um"),
    ("µg", "ug"),
    ("μg", "ug"),
    ("hs", "h"),
    ("seg", "s"),
    ("sec", "s"),
    ("kph", "km/h"),
    ("kmh", "km/h"),
    ("Km", "km"),
    ("KM", "km"),
    ("Kg", "kg"),
    ("KG", "kg"),
    ("KB", "kB"),
    ("Ω", "ohm"),
    ("kΩ", "kohm"),
    ("Mb", "MB"),
    ("Gb", "GB"),
    ("€", "EUR"),
    ("$", "USD"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("US$", "USD"),
    ("MX$", "MXN"),
    ("°", "deg"),
    ("º", "deg"),
    ("ºC", "°C"),
    ("ºF", "°F"),
    ("°K", "K"),
    ("¢", "cent"),
    ("kwh", "kWh"),
    ("KWh", "kWh"),
    ("m^2", "m2"),
    ("m^3", "m3"),
    ("cm^2", "cm2"),
    ("cm^3", "cm3"),
    ("km^2", "km2"),
    ("mm^2", "mm2"),
    ("dm^3", "dm3"),
    ("ft^2", "ft2"),
    ("ft^3", "ft3"),
    ("in^2", "in2"),
    ("m/s^2", "m/s2"),
    ("g/cm^3", "g/cm3"),
    ("kg/m^3", "kg/m3"),
    ("g/ml", "g/cm3"),
    ("g/mL", "g/cm3"),
    ("lbs", "lb"),
    ("a", "year"),
    ("mol/L", "mol/l"),
    ("usd", "USD"),
    ("eur", "EUR"),
    ("yr", "year"),
    ("Wh", "Wh"),
    ("℃", "°C"),
    ("℉", "°F"),
];

/// By its symbol, as written: case matters (m, M).
pub(crate) fn by_symbol(symbol: &str) -> Option<&'static Unit> {
    let symbol = SPELLINGS.iter().find(|(spelling, _)| *spelling == symbol).map_or(symbol, |(_, symbol)| *symbol);
    UNITS.iter().find(|unit| unit.symbol == symbol)
}

impl Unit {
    pub(crate) fn is_currency(&self) -> bool {
        matches!(self.base, "EUR" | "USD" | "GBP" | "MXN" | "JPY")
    }

    /// In the base unit.
    pub(crate) fn to_base(&self, value: Exact) -> Option<Exact> {
        value.times(Exact::parse(self.factor)?)?.plus(Self::offset(self.offset)?)
    }

    fn offset(text: &str) -> Option<Exact> {
        match text.strip_prefix('-') {
            Some(rest) => Exact::parse(rest)?.negated(),
            None => Exact::parse(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_factor_and_spelling_can_be_read() {
        for unit in UNITS {
            assert!(unit.to_base(Exact::ZERO).is_some(), "{}", unit.symbol);
        }
        for (spelling, symbol) in SPELLINGS {
            assert_eq!(by_symbol(spelling).map(|unit| unit.symbol), Some(*symbol));
        }
        for language in super::super::language::ALL {
            for (name, symbol) in language.units {
                assert!(by_symbol(symbol).is_some(), "{name}: {symbol}");
            }
        }
    }

    #[test]
    fn temperatures_are_compared_with_their_offset() {
        let celsius = |text: &str, symbol: &str| by_symbol(symbol)?.to_base(Exact::parse(text)?);
        assert_eq!(celsius("98.6", "°F"), celsius("37", "°C"));
        assert_eq!(celsius("310.15", "K"), celsius("37", "°C"));
    }
}
