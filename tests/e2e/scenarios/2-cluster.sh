#!/usr/bin/env bash
# A real kube-apiserver: State is read with the least rights, and every way in which it
# cannot be read has its own message.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
need_kube
work=$(mktemp -d)
trap 'stop_kube "$work/kube"; rm -rf "$work"' EXIT
bash tests/e2e/kube-up.sh "$TOOLS/kube" "$work/kube"
export KUBECONFIG="$work/kube/kubeconfig"
server=$(sed -n 's/.*server: "\(.*\)", insecure.*/\1/p' "$KUBECONFIG")

# api METHOD PATH [FILE]: as the cluster's administrator.
api() {
  curl --silent --show-error --fail-with-body --insecure --request "$1" \
    --header 'Authorization: Bearer admintoken' --header 'Content-Type: application/yaml' \
    ${3:+--data-binary "@$3"} "$server$2" > "$work/answer" || { cat "$work/answer" >&2; fail "$1 $2"; }
}

program=${PROGRAM:-target/debug/tazuna-drift}
file=examples/quickstart/tazuna.yaml

echo '- no namespace, no State'
ends 0 "$program" diff -f "$file" --format text > "$work/text" 2> "$work/log"
holds "$work/log" 'tazuna' 'a cluster without State is told'
lacks "$work/text" removed 'and nothing is removed there'

echo '- State as Tazuna writes it'
printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: tazuna}\n' > "$work/namespace.yaml"
api POST /api/v1/namespaces "$work/namespace.yaml"
python3 - "$work" << 'PYTHON'
import pathlib, sys
text = pathlib.Path("examples/quickstart/state/configmaps.yaml").read_text()
items = text.split("\n- ")[1:]
for number, item in enumerate(items):
    lines = [line[2:] if line.startswith("  ") else line for line in item.splitlines()]
    pathlib.Path(sys.argv[1], f"state-{number}.yaml").write_text("\n".join(lines) + "\n")
PYTHON
for state in "$work"/state-*.yaml; do api POST /api/v1/namespaces/tazuna/configmaps "$state"; done
"$program" diff -f "$file" --format text > "$work/text"
same tests/e2e/expected/quickstart.txt "$work/text" 'the cluster gives what the folder gives'

echo '- a user without rights, then with the least'
ends 1 "$program" diff -f "$file" --context drift > /dev/null 2> "$work/log"
holds "$work/log" 'configmaps' 'a user without rights is told which are missing'
cat > "$work/role.yaml" << 'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: drift, namespace: tazuna}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
YAML
cat > "$work/binding.yaml" << 'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: drift, namespace: tazuna}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: drift}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: drift}]
YAML
api POST /apis/rbac.authorization.k8s.io/v1/namespaces/tazuna/roles "$work/role.yaml"
api POST /apis/rbac.authorization.k8s.io/v1/namespaces/tazuna/rolebindings "$work/binding.yaml"
# The authorizer learns of the binding a moment later.
for _ in $(seq 50); do
  "$program" diff -f "$file" --context drift --format text > "$work/text" 2> "$work/log" && break
  sleep 0.2
done
same tests/e2e/expected/quickstart.txt "$work/text" 'get and list on configmaps are enough'

echo '- a damaged entry fails its Manifest alone'
cat > "$work/patch.json" << 'JSON'
{"data": {"web____v1__Service__web__front": "not json"}}
JSON
curl --silent --fail --insecure --request PATCH --header 'Authorization: Bearer admintoken' \
  --header 'Content-Type: application/merge-patch+json' --data-binary "@$work/patch.json" \
  "$server/api/v1/namespaces/tazuna/configmaps/tazuna-state-web" > /dev/null
ends 4 "$program" diff -f "$file" --format text > "$work/text" 2> "$work/log"
holds "$work/log" 'web____v1__Service__web__front' 'the damaged key is named'
holds "$work/text" 'old-lb' 'the other Manifests are compared'

echo '- ways in which a cluster cannot be read'
sed 's/admintoken/expired/' "$KUBECONFIG" > "$work/expired"
ends 1 env KUBECONFIG="$work/expired" "$program" diff -f "$file" > /dev/null 2> "$work/log"
holds "$work/log" '401' 'an unknown token is told'
sed 's/, insecure-skip-tls-verify: true//' "$KUBECONFIG" > "$work/strict"
ends 1 env KUBECONFIG="$work/strict" "$program" diff -f "$file" > /dev/null 2> "$work/log"
holds "$work/log" 'certificate' 'a certificate nobody knows is told'
ends 2 "$program" diff -f "$file" --context nowhere > /dev/null 2> "$work/log"
holds "$work/log" 'nowhere' 'a context that is not there is told'
kill -KILL "$(cat "$work/kube/api.pid")"
while kill -0 "$(cat "$work/kube/api.pid")" 2> /dev/null; do sleep 0.1; done
ends 1 "$program" diff -f "$file" > /dev/null 2> "$work/log"
holds "$work/log" 'hint' 'a server that is gone is told, with what to do'
summary
