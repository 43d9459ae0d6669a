//! Foreign addresses as links.

use super::{Escaped, text};

/// The address with everything encoded that could end a link, if it is one of the web.
pub fn web_address(foreign: &str) -> Option<Escaped> {
    let rest = foreign.strip_prefix("https://").or_else(|| foreign.strip_prefix("http://"))?;
    if rest.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(foreign.len());
    for byte in foreign.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b if b.is_ascii_alphanumeric() || b"-._~:/?#@!+,;=%".contains(&b) => {
                out.push(b as char);
            }
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    Some(Escaped(out))
}

/// `[label](address)`, or the label alone where the address is none of the web.
pub fn link(label: &str, address: Option<&str>) -> Escaped {
    let label = text(label);
    match address.and_then(web_address) {
        Some(address) => Escaped(format!("[{label}]({address})")),
        None => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert_eq!(web_address("javascript:alert(1)"), None);
        assert_eq!(link("run 1", Some("data:x")).as_str(), "run 1");
        assert_eq!(
            link("run 1", Some("https://h/a) [x](y\n")).as_str(),
            "[run 1](https://h/a%29%20%5Bx%5D%28y%0A)"
        );
    }
}
