//! The formats that a hint file may demand of a string. Pure.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use regex::Regex;

/// Whether a text is of a format; `None` where there is no such format.
pub(super) fn matches(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "hostname" => HOSTNAME.is_match(text),
        "url" => is_url(text),
        "email" => EMAIL.is_match(text),
        "ip" => text.parse::<IpAddr>().is_ok(),
        "cidr" => is_cidr(text),
        "uuid" => UUID.is_match(text),
        "semver" => SEMVER.is_match(text),
        "datetime" => is_datetime(text),
        _ => return None,
    })
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant and is tested")
}

/// Labels of RFC 1123.
static HOSTNAME: LazyLock<Regex> = LazyLock::new(|| {
    let label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    pattern(&format!(r"^(?:{label}\.)*{label}$"))
});
static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$"));
static UUID: LazyLock<Regex> =
    LazyLock::new(|| pattern("^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"));
static SEMVER: LazyLock<Regex> = LazyLock::new(|| {
    let words = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*";
    pattern(&format!(r"^v?[0-9]+\.[0-9]+\.[0-9]+(?:-{words})?(?:\+{words})?$"))
});
static SCHEME: LazyLock<Regex> = LazyLock::new(|| pattern("^[a-zA-Z][a-zA-Z0-9+.-]*:"));
static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^(?:[^@\s<>"]*@)?(?:\[[0-9a-fA-F:.%a-z]*\]|[^\s:<>"\[\]@]*)(?::[0-9]*)?$"#)
});
static DATETIME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$")
});

/// As Go's `url.ParseRequestURI` sees it, with a scheme.
fn is_url(text: &str) -> bool {
    let Some(scheme) = SCHEME.find(text) else { return false };
    if text.chars().any(|c| c.is_ascii_control()) {
        return false;
    }
    let Some(rest) = text[scheme.end()..].strip_prefix("//") else { return true };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let path = rest[authority.len()..].split('?').next().unwrap_or_default();
    AUTHORITY.is_match(authority) && is_escaped_well(path)
}

/// Whether each `%` stands before two hexadecimal digits.
fn is_escaped_well(path: &str) -> bool {
    path.split('%')
        .skip(1)
        .all(|piece| piece.len() >= 2 && piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let within = |most: u32| bits.parse::<u32>().is_ok_and(|bits| bits <= most);
    (address.parse::<Ipv4Addr>().is_ok() && within(32))
        || (address.parse::<Ipv6Addr>().is_ok() && within(128))
}

/// RFC 3339 as Go's `time.Parse` takes it.
fn is_datetime(text: &str) -> bool {
    let number = |at: usize| text[at..at + 2].parse::<u8>().unwrap_or(u8::MAX);
    DATETIME.is_match(text)
        && text[..10].parse::<jiff::civil::Date>().is_ok()
        && number(11) < 24
        && number(14) < 60
        && number(17) < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_takes_what_go_takes() {
        for (format, good, bad) in [
            ("hostname", vec!["a", "a-b.c1", "1.2"], vec!["", "-a", "a-", "a..b", "a_b", "a."]),
            (
                "url",
                vec!["https://a/b?c", "http://[::1]:80/", "mailto:x", "https://u:p@h:1", "a://"],
                vec!["", "/path", "a b", "https://a b/", "https://h:x/", "https://h/%zz", "1a://b"],
            ),
            ("email", vec!["a.b+c@d.ef"], vec!["a@b", "a@b.c", "a b@c.de", "@c.de"]),
            (
                "ip",
                vec!["1.2.3.4", "::1", "::ffff:1.2.3.4"],
                vec!["1.2.3", "01.2.3.4", "fe80::1%eth0"],
            ),
            (
                "cidr",
                vec!["10.0.0.0/8", "::/0", "1.2.3.4/032"],
                vec!["10.0.0.0", "1.2.3.4/33", "::/129", "1.2.3.4/+8"],
            ),
            (
                "uuid",
                vec!["123e4567-e89b-12d3-A456-426614174000"],
                vec!["123e4567e89b12d3a456426614174000"],
            ),
            ("semver", vec!["1.2.3", "v1.2.3-rc.1+b.2"], vec!["1.2", "1.2.3-", "x1.2.3"]),
            (
                "datetime",
                vec!["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.6+09:00"],
                vec![
                    "2026-01-02",
                    "2026-02-30T00:00:00Z",
                    "2026-01-02T24:00:00Z",
                    "2026-01-02t03:04:05Z",
                ],
            ),
        ] {
            for text in good {
                assert_eq!(matches(format, text), Some(true), "{format} {text}");
            }
            for text in bad {
                assert_eq!(matches(format, text), Some(false), "{format} {text}");
            }
        }
        assert_eq!(matches("zip", "1"), None);
    }
}
