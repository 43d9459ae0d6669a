//! A git remote's address: which server, which repository, without credentials.

/// Where a repository is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// `owner/name`.
    pub(super) name: String,
    /// Web address of the server, without a trailing `/`.
    pub(super) server_url: String,
}

impl Remote {
    /// Reads an https, http, ssh or git address, or the short form `user@host:path`.
    /// `None` for a path on disk and for what has not the form `owner/name`.
    pub(super) fn read(address: &str) -> Option<Self> {
        let (scheme, authority, path) = match address.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                (scheme.to_ascii_lowercase(), authority, path)
            }
            None => {
                let (authority, path) = address.split_once(':')?;
                ("ssh".to_owned(), authority, path)
            }
        };
        if authority.contains('/') || authority.contains('\\') {
            return None;
        }
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (web_scheme, host) = match scheme.as_str() {
            "https" => ("https", host),
            "http" => ("http", host),
            // The port is that of ssh; the web server has its own.
            "ssh" | "git" | "git+ssh" | "ssh+git" => ("https", without_port(host)),
            _ => return None,
        };
        // GitHub takes ssh on port 443 under a name of its own.
        let host = if host == "ssh.github.com" { "github.com" } else { host };
        if host.len() < 2 || !host.bytes().all(is_host_byte) {
            return None;
        }
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let (owner, name) = path.split_once('/')?;
        if owner.is_empty()
            || name.is_empty()
            || name.contains('/')
            || !path.bytes().all(is_name_byte)
        {
            return None;
        }
        Some(Self {
            name: path.to_owned(),
            server_url: format!("{web_scheme}://{}", host.to_ascii_lowercase()),
        })
    }
}

fn without_port(host: &str) -> &str {
    host.split_once(':').map_or(host, |(host, _)| host)
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':')
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_form_without_credentials() {
        for (address, server, name) in [
            ("https://github.com/acme/platform.git", "https://github.com", "acme/platform"),
            ("https://github.com/acme/platform", "https://github.com", "acme/platform"),
            ("https://x-access-token:s3cret@github.com/a/b.git", "https://github.com", "a/b"),
            ("https://ghe.example.com:8443/a/b.git/", "https://ghe.example.com:8443", "a/b"),
            ("http://localhost:3000/a/b", "http://localhost:3000", "a/b"),
            ("git@github.com:acme/platform.git", "https://github.com", "acme/platform"),
            ("git@GHE.example.com:a/b", "https://ghe.example.com", "a/b"),
            ("ssh://git@ghe.example.com:2222/a/b.git", "https://ghe.example.com", "a/b"),
            ("ssh://git@ssh.github.com:443/a/b.git", "https://github.com", "a/b"),
            ("git://github.com/a/b.c", "https://github.com", "a/b.c"),
        ] {
            let expected = Remote { name: name.into(), server_url: server.into() };
            assert_eq!(Remote::read(address), Some(expected), "{address}");
        }
    }

    #[test]
    fn other_addresses_tell_nothing() {
        for address in [
            "",
            "/srv/git/a.git",
            "../a",
            "file:///srv/a/b",
            "C:/repos/a",
            "https://host/only",
            "https://host/a/b/c",
            "git@host:only",
            "https://ho st/a/b",
            "https://h/<x>/b",
            "C:\\a\\b",
        ] {
            assert_eq!(Remote::read(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn a_password_never_stays(secret in "[a-zA-Z0-9!#$%:@]{6,20}", scheme in "https|ssh") {
            let secret = format!("Zq{secret}");
            let address = format!("{scheme}://user:{secret}@git.example.com/acme/platform.git");
            let remote = Remote::read(&address).expect("is a remote");
            prop_assert!(!remote.server_url.contains(&secret));
            prop_assert_eq!(remote.server_url, "https://git.example.com");
            prop_assert_eq!(remote.name, "acme/platform");
        }
    }
}
