//! Resource files: several documents of the kinds that are met in real folders.

use std::fmt::Write;

use super::{
    random::Random,
    scalar::{string, value},
};

/// Kind, apiVersion and whether it has a namespace.
const KINDS: [(&str, &str, bool); 24] = [
    ("ConfigMap", "v1", true),
    ("ConfigMap", "v1", true),
    ("Secret", "v1", true),
    ("Service", "v1", true),
    ("ServiceAccount", "v1", true),
    ("Namespace", "v1", false),
    ("Deployment", "apps/v1", true),
    ("Deployment", "apps/v1", true),
    ("StatefulSet", "apps/v1", true),
    ("DaemonSet", "apps/v1", true),
    ("CronJob", "batch/v1", true),
    ("Ingress", "networking.k8s.io/v1", true),
    ("NetworkPolicy", "networking.k8s.io/v1", true),
    ("Role", "rbac.authorization.k8s.io/v1", true),
    ("ClusterRole", "rbac.authorization.k8s.io/v1", false),
    ("RoleBinding", "rbac.authorization.k8s.io/v1", true),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", false),
    ("CustomResourceDefinition", "apiextensions.k8s.io/v1", false),
    ("Certificate", "cert-manager.io/v1", true),
    ("ServiceMonitor", "monitoring.coreos.com/v1", true),
    ("StorageClass", "storage.k8s.io/v1", false),
    ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1", false),
    ("APIService", "apiregistration.k8s.io/v1", false),
    ("HorizontalPodAutoscaler", "autoscaling/v2", true),
];

/// A file of some documents; `first` numbers their names.
pub(super) fn file(random: &mut Random, first: usize) -> String {
    let mut text =
        random.pick(&["", "", "---\n", "# head\n", "# head\n---\n", "\n", "---\n# c\n"]).to_owned();
    let count = random.pick(&[1, 1, 2, 3]);
    for index in 0..count {
        if index > 0 {
            text.push_str(random.pick(&["---\n", "---\n", "---\n", "--- # c\n", "---  \n"]));
        }
        text.push_str(&document(random, first + index));
    }
    match random.below(100) {
        0 => text.push_str("---\n"),
        1 => text.truncate(text.trim_end().len()),
        2..5 => text.push_str("# end\n"),
        5 => text.push_str("...\nrest\n"),
        6 => text.push_str("\n\n"),
        7 => text = text.replace('\n', "\r\n"),
        _ => {}
    }
    text
}

fn document(random: &mut Random, index: usize) -> String {
    let (kind, api_version, namespaced) = random.pick(&KINDS);
    let mut metadata = String::from("metadata:\n");
    let name = match kind {
        "ClusterRole" | "Role" if random.chance(400) => format!("system:part-{index}"),
        // The same name in several namespaces, and names that others refer to.
        _ if random.chance(20) => "web".to_owned(),
        _ => format!("n{index}"),
    };
    let quote = if name.contains(':') || random.chance(100) { "\"" } else { "" };
    writeln!(metadata, "  name: {quote}{name}{quote}").unwrap();
    if namespaced && random.chance(700) || random.chance(5) {
        writeln!(metadata, "  namespace: {}", random.pick(&["shop", "shop", "default"])).unwrap();
    }
    if random.chance(400) {
        metadata.push_str("  labels:\n    app.kubernetes.io/name: web\n");
        writeln!(metadata, "    v:{}", string(random, 4)).unwrap();
    }
    if random.chance(300) {
        metadata.push_str("  annotations:\n");
        metadata.push_str(&comment(random, 4));
        writeln!(metadata, "    example.com/a:{}", string(random, 4)).unwrap();
        if random.chance(20) {
            let odd = ["x: 1", "x: true", "x:", "config.kubernetes.io/local-config: \"true\""];
            writeln!(metadata, "    {}", random.pick(&odd)).unwrap();
        }
    }
    if random.chance(30) {
        metadata.push_str("  creationTimestamp: null\n");
    }
    let mut parts = vec![
        format!("apiVersion: {api_version}\n"),
        format!("kind: {kind}\n"),
        metadata,
        body(random, kind),
    ];
    if random.chance(100) {
        let at = random.below(3);
        parts.swap(at, at + 1);
    }
    if random.chance(20) {
        parts.push("status:\n  phase: Done\n".into());
    }
    comment(random, 0) + &parts.concat()
}

fn body(random: &mut Random, kind: &str) -> String {
    match kind {
        "ConfigMap" | "Secret" => {
            let mut text = String::from(random.pick(&["data:\n", "data:\n", "stringData:\n"]));
            for index in 0..random.between(1, 4) {
                text.push_str(&comment(random, 2));
                writeln!(text, "  key-{index}.txt:{}", value(random, 2)).unwrap();
            }
            text
        }
        "ServiceAccount" => random
            .pick(&[
                "",
                "automountServiceAccountToken: false\n",
                "imagePullSecrets:\n- name: web\n",
            ])
            .to_owned(),
        "Namespace" => String::new(),
        "Deployment" | "DaemonSet" | "StatefulSet" => format!("spec:\n{}", pod(random, 2)),
        "CronJob" => format!(
            "spec:\n  schedule:{}\n  jobTemplate:\n    spec:\n{}",
            random.pick(&[" \"0 3 * * *\"", " '@daily'", " 0 3 * * *"]),
            pod(random, 6)
        ),
        "Role" | "ClusterRole" => {
            let rules = "rules:\n- apiGroups: [\"\"]\n  resources: [\"*\"]\n  verbs: [get, list, \
                         'watch']\n";
            let names = "  resourceNames: [web, n1]\n";
            format!("{rules}{}", if random.chance(300) { names } else { "" })
        }
        "RoleBinding" | "ClusterRoleBinding" => binding(random),
        "CustomResourceDefinition" => format!(
            "spec:\n  group: example.com\n  names: {{kind: Thing, plural: things}}\n  scope: Namespaced\n  \
             versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
             description:{}\n        x-kubernetes-preserve-unknown-fields: true\n",
            value(random, 8)
        ),
        "ValidatingWebhookConfiguration" => {
            let mut text = String::from(
                "webhooks:\n- name: a.example.com\n  clientConfig:\n    service:\n      name: web\n",
            );
            if random.chance(700) {
                text.push_str("      namespace: shop\n");
            }
            text
        }
        "APIService" => format!(
            "spec:\n  service:\n    name: web\n    namespace: shop\n  version: v1\n  port:{}\n",
            random.pick(&[" 443", " '443'", ""])
        ),
        "HorizontalPodAutoscaler" => format!(
            "spec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  \
             maxReplicas:{}\n",
            random.pick(&[" 3", " '3'", ""])
        ),
        "Ingress" => format!(
            "spec:\n  ingressClassName: nginx\n  rules:\n  - host:{}\n    http:\n      paths:\n        # path\n        \
             - path: /\n          pathType: Prefix\n          backend:\n            \
             service: {{name: web, port: {{number: 80}}}}\n",
            string(random, 4)
        ),
        _ => format!("spec:\n{}", node(random, 2, 3, false)),
    }
}

fn binding(random: &mut Random) -> String {
    let mut text = String::from(
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: system:part-1\n\
         subjects:\n- kind: ServiceAccount\n  name: web\n",
    );
    if random.chance(800) {
        text.push_str("  namespace: shop\n");
    }
    if random.chance(300) {
        text.push_str(
            "- kind: Group\n  name: system:authenticated\n  apiGroup: rbac.authorization.k8s.io\n",
        );
    }
    text
}

/// The spec of something with pods, indented by so many blanks.
fn pod(random: &mut Random, indent: usize) -> String {
    let mut text = String::from(
        "replicas: 3\nselector:\n  matchLabels: {app: web}\ntemplate:\n  metadata:\n    labels:\n      app: \
         web\n  spec:\n    containers:\n    - name: web\n      image: registry.example.com/web:v1\n",
    );
    let argument = string(random, 6);
    writeln!(text, "      args: [\"--port=80\", --debug, '--x=it''s']").unwrap();
    writeln!(text, "      command:\n      - /bin/sh\n      - -c\n      -{argument}").unwrap();
    writeln!(text, "      env:\n      - name: A\n        value:{}", value(random, 8)).unwrap();
    if random.chance(400) {
        text.push_str("      - name: B\n        valueFrom: {secretKeyRef: {name: web, key: b}}\n");
    }
    if random.chance(400) {
        text.push_str("      envFrom:\n        - configMapRef:\n            name: n1\n");
    }
    text.push_str("      resources:\n        limits: {cpu: 500m, memory: 1Gi}\n");
    if random.chance(500) {
        text.push_str("    volumes:\n    - name: v\n      configMap:\n        name: n2\n");
        text.push_str(random.pick(&["", "        defaultMode: 0644\n", "        optional:\n"]));
    }
    let margin = " ".repeat(indent);
    let indented = |line: &str| {
        if line.trim().is_empty() { format!("{line}\n") } else { format!("{margin}{line}\n") }
    };
    text.lines().map(indented).collect()
}

/// Any mapping or list, as custom resources have them.
fn node(random: &mut Random, indent: usize, depth: usize, behind_dash: bool) -> String {
    const KEYS: [&str; 16] = [
        "a", "b", "c-d", "e.f/g", "name", "h_i", "\"q r\"", "'s'", "url", "a b", "é", "env",
        "items", "key", "x1", "\"on\"",
    ];
    let margin = " ".repeat(indent);
    let mut text = String::new();
    if depth == 0 || behind_dash || random.chance(700) {
        let start = random.below(KEYS.len());
        for index in 0..random.between(1, 3) {
            let key = KEYS[(start + index) % KEYS.len()];
            if index > 0 || !behind_dash {
                text.push_str(&comment(random, indent));
                text.push_str(&margin);
            }
            if depth > 0 && random.chance(400) {
                let deeper = indent + random.pick(&[2, 2, 4]);
                let below = node(random, deeper, depth - 1, false);
                write!(text, "{key}:{}\n{below}", random.pick(&["", "", "  # c"])).unwrap();
            } else {
                writeln!(text, "{key}:{}", value(random, indent)).unwrap();
            }
        }
        return text;
    }
    for _ in 0..random.between(1, 3) {
        text.push_str(&comment(random, indent));
        if random.chance(500) {
            let item =
                random.pick(&["a", "b: c", "1", "\"x\"", "true", "{a: b}", "- nested", "/x"]);
            writeln!(text, "{margin}- {item}").unwrap();
        } else {
            write!(text, "{margin}- {}", node(random, indent + 2, depth - 1, true)).unwrap();
        }
    }
    text
}

fn comment(random: &mut Random, indent: usize) -> String {
    match random.below(40) {
        0..3 => {
            format!("{}# {}\n", " ".repeat(indent), random.pick(&["why", "x: y", "- z", "---"]))
        }
        3 => "# in the first column\n".into(),
        4 => "\n".into(),
        _ => String::new(),
    }
}
