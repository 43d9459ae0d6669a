//! Which type a scalar has: the rules of go-yaml v2 (`resolve.go`), with Go's number syntax.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// What a scalar is, with Go's types kept apart: a key's text depends on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Above the range of [`Scalar::Int`]; Go's `uint64`.
    Uint(u64),
    Float(f64),
    String(String),
}

impl Scalar {
    /// The text of this scalar as a mapping's key, as sigs.k8s.io/yaml makes it.
    pub(crate) fn into_key(self) -> Result<String, &'static str> {
        Ok(match self {
            Self::Null => return Err("null cannot be a key"),
            Self::Uint(_) => return Err("this number is too large for a key"),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_key(value),
            Self::String(value) => value,
        })
    }
}

const CORE: &str = "tag:yaml.org,2002:";

/// Resolves a scalar. `tag` is the whole tag, empty for none; `plain` tells an unquoted one.
///
/// # Errors
/// A value that its tag does not allow, or a broken `!!binary`.
pub(crate) fn resolve(tag: &str, plain: bool, text: &str) -> Result<Scalar, String> {
    if tag.is_empty() {
        return Ok(if plain { untagged(text) } else { Scalar::String(text.to_owned()) });
    }
    let string = || Ok(Scalar::String(text.to_owned()));
    let Some(name) = tag.strip_prefix(CORE) else { return string() };
    let mismatch = || Err(format!("`{text}` is not a !!{name}"));
    let found = match name {
        "bool" | "int" | "float" | "null" => untagged(text),
        "timestamp" if is_date_like(text) => return string(),
        "timestamp" => return mismatch(),
        "binary" => return binary(text).map(Scalar::String),
        _ => return string(),
    };
    match (name, found) {
        // A date is a timestamp before it is a number.
        ("bool", found @ Scalar::Bool(_))
        | ("null", found @ Scalar::Null)
        | ("int", found @ (Scalar::Int(_) | Scalar::Uint(_)))
        | ("float", found @ Scalar::Float(_)) => Ok(found),
        ("float", Scalar::Int(value)) => Ok(Scalar::Float(value as f64)),
        _ => mismatch(),
    }
}

fn untagged(text: &str) -> Scalar {
    let string = || Scalar::String(text.to_owned());
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => match text {
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                Scalar::Bool(true)
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off"
            | "OFF" => Scalar::Bool(false),
            "~" | "null" | "Null" | "NULL" => Scalar::Null,
            _ => string(),
        },
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => dotted(text).map_or_else(string, Scalar::Float),
        },
        b'+' | b'-' | b'0'..=b'9' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ => number(text).unwrap_or_else(string),
        },
        _ => string(),
    }
}

fn number(text: &str) -> Option<Scalar> {
    let stripped;
    let plain = if text.contains('_') {
        stripped = text.replace('_', "");
        &stripped
    } else {
        text
    };
    integer(plain, 0).or_else(|| float(plain).map(Scalar::Float)).or_else(|| {
        // go-yaml reads what follows `0b` once more, so a sign may stand there.
        let digits = plain.strip_prefix("0b")?;
        integer(digits, 2)
    })
}

/// `strconv.ParseInt`, then `ParseUint`; base 0 takes the base from the prefix.
fn integer(text: &str, base: u32) -> Option<Scalar> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (Some(1), &text[1..]),
        b'-' => (Some(-1), &text[1..]),
        _ => (None, text),
    };
    let (base, digits) = match (base, digits.as_bytes()) {
        (0, [b'0', b'x' | b'X', _, ..]) => (16, &digits[2..]),
        (0, [b'0', b'b' | b'B', _, ..]) => (2, &digits[2..]),
        (0, [b'0', b'o' | b'O', _, ..]) => (8, &digits[2..]),
        (0, b"0") => (10, digits),
        (0, [b'0', ..]) => (8, &digits[1..]),
        (0, _) => (10, digits),
        (base, _) => (base, digits),
    };
    if !digits.bytes().all(|digit| char::from(digit).is_digit(base)) {
        return None;
    }
    let value = u64::from_str_radix(digits, base).ok()?;
    match sign {
        Some(-1) => 0i64.checked_sub_unsigned(value).map(Scalar::Int),
        sign => match i64::try_from(value) {
            Ok(value) => Some(Scalar::Int(value)),
            Err(_) => sign.is_none().then_some(Scalar::Uint(value)),
        },
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`; overflow is no number.
fn float(text: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(rest);
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if whole == 0 && count == 0 {
            return None;
        }
        rest = &fraction[count..];
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// What starts with a dot goes to `strconv.ParseFloat`, which allows `_` between digits only.
fn dotted(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return float(text);
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = (0..bytes.len()).all(|at| bytes[at] != b'_' || digit(at - 1) && digit(at + 1));
    between.then(|| float(&text.replace('_', ""))).flatten()
}

/// Whether Go takes the text for a timestamp, near enough for the `!!timestamp` tag.
fn is_date_like(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let mut parts = date.split('-');
    let part = |part: Option<&str>, lengths: std::ops::RangeInclusive<usize>, limit: u32| {
        part.is_some_and(|part| {
            lengths.contains(&part.len())
                && part.bytes().all(|digit| digit.is_ascii_digit())
                && part.parse().is_ok_and(|value: u32| value <= limit)
        })
    };
    part(parts.next(), 4..=4, 9999)
        && part(parts.next(), 1..=2, 12)
        && part(parts.next(), 1..=2, 31)
        && parts.next().is_none()
}

/// Go's standard base64, which skips line breaks; bytes that are no UTF-8 end as U+FFFD
/// each, as encoding/json writes them.
fn binary(text: &str) -> Result<String, String> {
    let engine = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
    );
    let bytes = engine
        .decode(text.replace(['\r', '\n'], ""))
        .map_err(|_| "this !!binary is not base64".to_owned())?;
    Ok(lossy(&bytes))
}

/// Each byte that is no UTF-8 becomes one U+FFFD, as Go's decoders do it.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// `strconv.FormatFloat(value, 'g', -1, 32)`: sigs.k8s.io/yaml narrows keys to float32.
fn float_key(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_go_writes_float32() {
        for (value, key) in [
            (1_000_000.0, "1e+06"),
            (100_000.0, "100000"),
            (0.1, "0.1"),
            (0.00001, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0"),
            (1e40, ".inf"),
        ] {
            assert_eq!(float_key(value), key);
        }
    }

    #[test]
    fn only_go_spellings_are_numbers() {
        assert_eq!(untagged("0o17"), Scalar::Int(15));
        assert_eq!(untagged("0b-101"), Scalar::Int(-5));
        assert_eq!(untagged("08"), Scalar::Float(8.0));
        assert_eq!(untagged(".5_0"), Scalar::Float(0.5));
        assert_eq!(untagged("1_000"), Scalar::Int(1000));
        assert_eq!(untagged("-9223372036854775808"), Scalar::Int(i64::MIN));
        assert_eq!(untagged("18446744073709551615"), Scalar::Uint(u64::MAX));
        for text in
            ["0x", "--1", "1.2.3", "1e999", "1:30", "._5", ".5_", "Inf", "infinity", "0x1p4"]
        {
            assert_eq!(untagged(text), Scalar::String(text.into()), "{text}");
        }
    }
}
