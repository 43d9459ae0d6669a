//! Which proxy, if any, leads to the API server: HTTPS_PROXY and NO_PROXY as Go reads
//! them, which is how kubectl and Tazuna read them. Pure.
//!
//! kube reads them too, but holds NO_PROXY against the proxy's own host instead of the
//! API server's, and refuses lists that Go accepts.

use std::net::IpAddr;

use http::Uri;

/// The proxy for `server`, or `None` to connect directly.
///
/// `https_proxy` and `no_proxy` are the values of the environment variables. As in Go a
/// proxy without a scheme is an `http://` one, a server that is not `https` has none
/// here, and neither has this machine itself.
///
/// # Errors
///
/// What is wrong with `https_proxy`, without repeating it: it may hold a password.
pub(super) fn proxy_for(
    server: &Uri,
    https_proxy: Option<&str>,
    no_proxy: Option<&str>,
) -> Result<Option<Uri>, &'static str> {
    let Some(proxy) = https_proxy.map(str::trim).filter(|proxy| !proxy.is_empty()) else {
        return Ok(None);
    };
    if server.scheme_str() != Some("https") || !goes_through_proxy(server, no_proxy.unwrap_or("")) {
        return Ok(None);
    }
    parse_proxy(proxy).map(Some)
}

/// Reads a proxy's address; without a scheme it is an `http://` one.
///
/// # Errors
///
/// What is wrong with it, without repeating it: it may hold a password.
pub(super) fn parse_proxy(text: &str) -> Result<Uri, &'static str> {
    let uri: Uri =
        if text.contains("://") { text.parse() } else { format!("http://{text}").parse() }
            .map_err(|_| "it is not a URL")?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        Some("http" | "https") => Err("it has no host"),
        _ => Err("only http:// and https:// proxies are supported"),
    }
}

fn goes_through_proxy(server: &Uri, no_proxy: &str) -> bool {
    let host = server.host().unwrap_or_default().to_ascii_lowercase();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = server.port_u16().unwrap_or(443);
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return false;
    }
    !no_proxy
        .split(',')
        .map(|entry| entry.trim().to_ascii_lowercase())
        .any(|entry| excepts(&entry, host, address, port))
}

/// Whether one entry of NO_PROXY covers the host: `*`, a CIDR block, an address, a domain
/// (it and all below), `.domain` or `*.domain` (only those below); the last three
/// with `:port` or without.
fn excepts(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/') {
        let (Ok(network), Ok(bits), Some(address)) = (network.parse(), bits.parse(), address)
        else {
            return false;
        };
        return in_network(address, network, bits);
    }
    let (name, only_port) = split_port(entry);
    if name.is_empty() || only_port.is_some_and(|only| only.parse() != Ok(port)) {
        return false;
    }
    if let Ok(excepted) = name.parse::<IpAddr>() {
        return address == Some(excepted);
    }
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    match name.strip_prefix('.') {
        Some(_) => host.ends_with(name),
        None => host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
    }
}

/// `host:port`, `[v6]:port`, or either without a port.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, after) = rest.split_once(']').unwrap_or((rest, ""));
        return (address, after.strip_prefix(':'));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port)),
        _ => (entry, None),
    }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            address.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "http://proxy.corp:3128";

    fn proxied(server: &str, no_proxy: &str) -> bool {
        let server: Uri = server.parse().unwrap();
        proxy_for(&server, Some(PROXY), Some(no_proxy)).unwrap().is_some()
    }

    #[test]
    fn no_proxy_excepts_what_go_excepts() {
        let direct = [
            ("https://api.prod.example.com:6443", "api.prod.example.com"),
            ("https://api.prod.example.com:6443", "example.com"),
            ("https://api.prod.example.com:6443", ".example.com"),
            ("https://api.prod.example.com:6443", "*.example.com"),
            ("https://API.example.com", " other , Example.COM, "),
            ("https://api.example.com", "*"),
            ("https://api.example.com:6443", "example.com:6443"),
            ("https://api.example.com", "example.com:443"),
            ("https://10.1.2.3:6443", "10.0.0.0/8"),
            ("https://10.1.2.3:6443", "10.1.2.3"),
            ("https://10.1.2.3:6443", "10.1.2.3:6443"),
            ("https://10.1.2.3:6443", "0.0.0.0/0"),
            ("https://[fd00::1]:6443", "fd00::/8"),
            ("https://[fd00::1]:6443", "fd00::1"),
            ("https://[fd00::1]:6443", "[fd00::1]:6443"),
            ("https://localhost:6443", ""),
            ("https://127.0.0.1:6443", ""),
            ("https://[::1]:6443", ""),
        ];
        for (server, no_proxy) in direct {
            assert!(!proxied(server, no_proxy), "{server} with NO_PROXY={no_proxy}");
        }
    }

    #[test]
    fn no_proxy_excepts_nothing_more() {
        let through = [
            ("https://api.example.com:6443", ""),
            ("https://example.com", ".example.com"),
            ("https://example.com", "*.example.com"),
            ("https://notexample.com", "example.com"),
            ("https://api.example.com:6443", "example.com:443"),
            ("https://api.example.com", "proxy.corp"),
            ("https://api.example.com", "10.0.0.0/8"),
            ("https://11.1.2.3:6443", "10.0.0.0/8"),
            ("https://10.1.2.3:6443", "10.0.0.0/33"),
            ("https://10.1.2.3:6443", "10.0.0.0/"),
            ("https://[fd00::1]:6443", "10.0.0.0/8,fe80::/10"),
            ("https://api.example.com", ",,:443,"),
        ];
        for (server, no_proxy) in through {
            assert!(proxied(server, no_proxy), "{server} with NO_PROXY={no_proxy}");
        }
    }

    #[test]
    fn a_proxy_is_for_https_only_and_needs_no_scheme() {
        let proxy = |server: &str, proxy| proxy_for(&server.parse().unwrap(), proxy, None);
        assert_eq!(proxy("http://api.example.com:8080", Some(PROXY)), Ok(None));
        assert_eq!(proxy("https://api.example.com", None), Ok(None));
        assert_eq!(proxy("https://api.example.com", Some(" ")), Ok(None));
        assert_eq!(
            proxy("https://api.example.com", Some("u:p@proxy:1")),
            Ok(Some("http://u:p@proxy:1".parse().unwrap()))
        );
    }

    #[test]
    fn a_bad_proxy_is_refused_without_repeating_its_password() {
        let server = "https://api.example.com".parse().unwrap();
        for bad in ["socks5://u:s3cret@proxy:1", "http://", "http://u:s3cret@pro xy"] {
            let problem = proxy_for(&server, Some(bad), None).unwrap_err();
            assert!(!problem.contains("s3cret"), "{problem}");
        }
        // An exception is looked at first: what is not used need not be right.
        assert_eq!(proxy_for(&server, Some("socks5://x"), Some("*")), Ok(None));
    }
}
