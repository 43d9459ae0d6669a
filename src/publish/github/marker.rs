//! The hidden markers: which target and cluster an issue is about, which event a comment
//! tells.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::report::ClusterContext;

const OPENING: &str = "<!-- tazuna-drift:target=";
const DUPLICATE: &str = "<!-- tazuna-drift:duplicate-of=";
const CLOSING: &str = " -->";
/// `-` is encoded too: two of them may not stand in an HTML comment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b':');

/// Which target and cluster an issue is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The target's id.
    pub target: String,
    /// Name of the context, where it had one.
    pub context: Option<String>,
    /// API server, where it was known.
    pub server: Option<String>,
}

impl Marker {
    /// The marker of a target on a cluster.
    pub fn new(target: &str, cluster: &ClusterContext) -> Self {
        let known = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Self {
            // The alphabet is the Report's promise; a Report from a file may break it.
            target: target.replace("--", "%2D%2D").replace(['<', '>', ' ', '\n', '\r'], "_"),
            context: known(&cluster.name),
            server: known(&cluster.server),
        }
    }

    /// The HTML comment.
    pub fn comment(&self) -> String {
        let encode = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            utf8_percent_encode(text, ENCODED).to_string()
        };
        let (context, server) = (encode(&self.context), encode(&self.server));
        format!("{OPENING}{} cluster={context}@{server}{CLOSING}", self.target)
    }

    /// Reads the last marker of a body.
    pub fn find(body: &str) -> Option<Self> {
        let start = body.rfind(OPENING)? + OPENING.len();
        let text = &body[start..start + body[start..].find(CLOSING)?];
        let (target, cluster) = text.split_once(" cluster=")?;
        let (context, server) = cluster.split_once('@')?;
        let decode = |text: &str| {
            let text = percent_decode_str(text).decode_utf8_lossy().into_owned();
            Some(text).filter(|text| !text.is_empty())
        };
        Some(Self { target: target.to_owned(), context: decode(context), server: decode(server) })
    }

    /// Whether the two are surely about different clusters. A name that one side does not
    /// know (in a cluster, in saved output) tells nothing.
    pub fn is_other_cluster(&self, other: &Self) -> bool {
        let differ = |one: &Option<String>, two: &Option<String>| match (one, two) {
            (Some(one), Some(two)) => one != two,
            _ => false,
        };
        differ(&self.context, &other.context) || differ(&self.server, &other.server)
    }

    /// The cluster in words, without anything that Markdown could read.
    pub fn cluster(&self) -> String {
        let context = self.context.as_deref().unwrap_or("no context name");
        let server = self.server.as_deref().unwrap_or("no API server");
        format!("{context} at {server}")
    }
}

/// The body of an issue that gives way to another one: it belongs to no target any more.
pub fn retire(body: &str, kept: u64) -> String {
    match body.rfind(OPENING) {
        Some(start) => {
            let rest = &body[start + OPENING.len()..];
            format!("{}{DUPLICATE}{kept} was={rest}", &body[..start])
        }
        None => body.to_owned(),
    }
}

/// The hidden comment that ties a comment to its event.
pub fn event_comment(id: &str) -> String {
    format!("<!-- tazuna-drift:event={id} -->")
}
