//! The fields of tazuna.yaml and their types, as one table (Tazuna's `api/v1`).

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A string; booleans and numbers become strings, as sigs.k8s.io/yaml makes them.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Whole,
    /// A list.
    List(&'static Shape),
    /// A mapping with free keys.
    Map(&'static Shape),
    /// A mapping with fields.
    Object(&'static [Field]),
    /// Not looked at.
    Any,
}

/// A field's name and what its value must look like.
pub(crate) type Field = (&'static str, Shape);

/// A whole tazuna.yaml or included file.
pub(crate) const FILE: Shape = Shape::Object(&[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("spec", Shape::Object(SPEC)),
]);

/// The values of `type`.
pub(crate) const TYPES: [&str; 4] = ["kustomize", "helmfile", "genesissecret", "oras"];

const TEXTS: Shape = Shape::List(&Shape::Text);
const TESTS: Shape = Shape::List(&Shape::Object(TEST));

const SPEC: &[Field] = &[
    ("minimumSupportedTazunaVersion", Shape::Text),
    ("context_matches", TEXTS),
    ("context_match_mode", Shape::Text),
    ("environments", Shape::Map(&Shape::Object(ENVIRONMENT))),
    ("manifests", Shape::List(&Shape::Object(MANIFEST))),
    ("tests", TESTS),
    // Its shape differs between versions, and nothing of it is needed here.
    ("providers", Shape::List(&Shape::Map(&Shape::Any))),
];

const ENVIRONMENT: &[Field] = &[("context_matches", TEXTS), ("context_match_mode", Shape::Text)];

const MANIFEST: &[Field] = &[
    ("name", Shape::Text),
    ("description", Shape::Text),
    ("includes", Shape::List(&Shape::Object(&[("path", Shape::Text)]))),
    ("path", Shape::Text),
    ("type", Shape::Text),
    ("tags", TEXTS),
    ("kustomize", Shape::Object(KUSTOMIZE)),
    ("genesisSecret", Shape::Object(&[])),
    ("helmfile", Shape::Object(HELMFILE)),
    ("oras", Shape::Object(ORAS)),
    ("dependsOn", TEXTS),
    ("tests", TESTS),
];

const KUSTOMIZE: &[Field] = &[("defaultNamespace", Shape::Text)];

const HELMFILE: &[Field] = &[
    ("includeCRDs", Shape::Bool),
    ("vars", Shape::Map(&Shape::Object(VARIABLE))),
    ("defaultNamespace", Shape::Text),
    ("extraValueFiles", TEXTS),
    ("wait", Shape::Bool),
    ("timeoutSeconds", Shape::Whole),
    ("kubeVersion", Shape::Text),
];

const VARIABLE: &[Field] = &[
    ("from", Shape::Text),
    (
        "op",
        Shape::Object(&[
            ("key", Shape::Text),
            ("vault", Shape::Text),
            ("item", Shape::Text),
            ("field", Shape::Text),
        ]),
    ),
    ("static", Shape::Text),
    ("staticSlice", TEXTS),
    ("staticMap", Shape::Map(&Shape::Text)),
    ("env", Shape::Text),
];

const ORAS: &[Field] = &[
    ("reference", Shape::Text),
    ("target", Shape::Text),
    ("plainHTTP", Shape::Bool),
    ("insecureSkipVerify", Shape::Bool),
    ("auth", Shape::Object(&[("username", Shape::Text), ("password", Shape::Text)])),
    (
        "delegate",
        Shape::Object(&[
            ("type", Shape::Text),
            ("helmfile", Shape::Object(HELMFILE)),
            ("kustomize", Shape::Object(KUSTOMIZE)),
        ]),
    ),
];

/// helmfile's own file, as far as Tazuna reads it.
pub(crate) const RELEASE_FILE: Shape = Shape::Object(&[
    (
        "repositories",
        Shape::List(&Shape::Object(&[
            ("name", Shape::Text),
            ("url", Shape::Text),
            ("username", Shape::Text),
            ("password", Shape::Text),
            ("oci", Shape::Bool),
        ])),
    ),
    (
        "releases",
        Shape::List(&Shape::Object(&[
            ("name", Shape::Text),
            ("namespace", Shape::Text),
            ("chart", Shape::Text),
            ("version", Shape::Text),
            ("values", Shape::List(&Shape::Any)),
        ])),
    ),
]);

/// A `tazuna.hint.yaml`.
pub(crate) const HINT_FILE: Shape = Shape::Object(&[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    (
        "vars",
        Shape::Map(&Shape::Object(&[
            ("type", Shape::Text),
            ("required", Shape::Bool),
            ("default", Shape::Any),
            ("description", Shape::Text),
            ("format", Shape::Text),
            ("required_with", TEXTS),
            ("required_without", TEXTS),
        ])),
    ),
    (
        "rules",
        Shape::List(&Shape::Object(&[
            ("type", Shape::Text),
            ("vars", TEXTS),
            ("message", Shape::Text),
        ])),
    ),
]);

const RESOURCE: Shape = Shape::Object(&[("apiVersion", Shape::Text), ("kind", Shape::Text)]);

const TEST: &[Field] = &[
    ("type", Shape::Text),
    ("minConsecutiveSuccessCount", Shape::Whole),
    ("minConsecutiveFailureCount", Shape::Whole),
    ("timeoutSeconds", Shape::Whole),
    ("intervalSeconds", Shape::Whole),
    (
        "waitUntil",
        Shape::Object(&[
            ("resource", RESOURCE),
            ("namespace", Shape::Text),
            ("name", Shape::Text),
            ("condition", Shape::Text),
        ]),
    ),
    (
        "existNonExist",
        Shape::Object(&[
            ("resource", RESOURCE),
            ("namespace", Shape::Text),
            ("name", Shape::Text),
            ("shouldExist", Shape::Bool),
        ]),
    ),
];
