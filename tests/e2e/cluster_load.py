"""The heart of scenarios/7-cluster-load.sh; see there."""
import base64
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request

WORK, KUBE, PROGRAM = pathlib.Path(os.environ["WORK"]), pathlib.Path(os.environ["KUBE"]), os.environ["PROGRAM"]
MANIFESTS, ENTRIES, OBJECTS, PAGE = 300, 500, 100, 20
SERVER = next(line.split('"')[1] for line in (KUBE / "kubeconfig").read_text().splitlines() if "server:" in line)
PORT = int(SERVER.rsplit(":", 1)[1])
ACCOUNT = pathlib.Path("/var/run/secrets/kubernetes.io/serviceaccount")
checks = 0


def check(true, what):
    global checks
    if not true:
        raise SystemExit(f"FAILED: {what}")
    checks += 1
    print(f"  ok: {what}", flush=True)


def api(method, path, body=None, token="admintoken"):
    request = urllib.request.Request(SERVER + path, method=method, data=json.dumps(body).encode() if body else None)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    unchecked = ssl._create_unverified_context()
    with urllib.request.urlopen(request, context=unchecked) as answer:
        return json.load(answer)


def drift(*flags, config=None, env=None):
    """Runs `diff`; gives exit code, stdout, stderr and the most memory it held, in KiB."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(WORK), "KUBECONFIG": str(config or KUBE / "kubeconfig"), **(env or {})}
    with open(WORK / "out", "w") as out, open(WORK / "err", "w") as err:
        child = subprocess.Popen([PROGRAM, "diff", "-f", str(WORK / "tazuna.yaml"), *flags], env=environment, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), (WORK / "out").read_text(), (WORK / "err").read_text(), usage.ru_maxrss


def requests(user, since):
    """What `user` asked the API server for after `since` lines of its audit log."""
    lines = (KUBE / "audit.log").read_text().splitlines()
    events = [json.loads(line) for line in lines[since:]]
    return [event for event in events if event["user"]["username"] == user and event["stage"] == "ResponseComplete"]


def audited():
    return len((KUBE / "audit.log").read_text().splitlines())


def declare():
    """300 Manifests of one folder, and State that has far more than they build."""
    folder = WORK / "objects"
    folder.mkdir()
    (folder / "kustomization.yaml").write_text("resources: [objects.yaml]\n")
    (folder / "objects.yaml").write_text("---\n".join(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: object-{n}, namespace: load}}\ndata: {{n: '{n}'}}\n" for n in range(OBJECTS)))
    names = [f"manifest-{n:03}" for n in range(MANIFESTS)]
    (WORK / "one.yaml").write_text("spec: {manifests: [{name: NAME, type: kustomize, path: objects}]}\n")
    (WORK / "tazuna.yaml").write_text("spec:\n  manifests:\n" + "".join(f"    - {{name: {n}, type: kustomize, path: objects}}\n" for n in names))
    # The hashes are the oracle's, so that not all can be called modified and nobody notice.
    keys = json.loads(subprocess.run([os.environ["ORACLE"], "keys", "-f", str(WORK / "one.yaml")], check=True, capture_output=True).stdout)
    built = keys[0]["objects"]

    def record(name):
        entries = {key.replace("NAME", name, 1): content_hash for key, content_hash in built.items()}
        entries |= {f"{name}//v1/ConfigMap/load/gone-with-a-name-of-usual-length-{n:03}": f"{n:064x}" for n in range(ENTRIES - OBJECTS)}
        data = {key.replace("/", "__"): json.dumps({"contentHash": content_hash}) for key, content_hash in entries.items()}
        data["_metadata"] = '{"gitCommitHash":"","lastSyncedAt":"2026-11-12T14:03:22Z"}'
        api("POST", "/api/v1/namespaces/tazuna/configmaps", {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"tazuna-state-{name}"}, "data": data})

    api("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "tazuna"}})
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(record, names))


def grant():
    rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/tazuna"
    account = api("POST", "/api/v1/namespaces/tazuna/serviceaccounts",
                  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "drift"}})
    api("POST", f"{rbac}/roles", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "drift"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]})
    api("POST", f"{rbac}/rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "drift"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "drift"},
        "subjects": [{"kind": "ServiceAccount", "name": "drift", "namespace": "tazuna"}]})
    return account["metadata"]["uid"]


def token(uid, issued, lasts=3600):
    """A ServiceAccount's JWT as the API server itself would sign it, at a time of our choice."""
    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=")
    claims = {
        "iss": "https://kubernetes.default.svc", "aud": ["https://kubernetes.default.svc"],
        "sub": "system:serviceaccount:tazuna:drift", "iat": issued, "nbf": issued, "exp": issued + lasts,
        "kubernetes.io": {"namespace": "tazuna", "serviceaccount": {"name": "drift", "uid": uid}},
    }
    signed = part(b'{"alg":"RS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(KUBE / "sa.key")], input=signed, check=True, capture_output=True)
    return (signed + b"." + part(signature.stdout)).decode()


def kubeconfig(name, user, server=SERVER):
    path = WORK / name
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "there",
        "clusters": [{"name": "there", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "there", "user": user}],
        "contexts": [{"name": "there", "context": {"cluster": "there", "user": "there"}}]}))
    return path


def load(user_file):
    print("- 300 Manifests, 150,000 entries of State")
    since = audited()
    code, out, err, memory = drift("--format", "json", config=kubeconfig("account", {"tokenFile": str(user_file)}))
    if code:
        print(err)
    check(code == 0, "the diff is made")
    report = json.loads(out)
    counts = {}
    for manifest in report["manifests"]:
        for entry in manifest["entries"]:
            counts[entry["diffType"]] = counts.get(entry["diffType"], 0) + 1
    check(counts == {"removed": MANIFESTS * (ENTRIES - OBJECTS)}, f"what is in State alone is removed, and nothing else: {counts}")
    asked = requests("system:serviceaccount:tazuna:drift", since)
    lists = [event for event in asked if event["verb"] == "list"]
    pages = MANIFESTS // PAGE
    check(len(lists) == pages, f"State took {pages} requests of {PAGE} ConfigMaps each")
    check(len(asked) == pages, "and nothing else was asked for")
    check(all(f"limit={PAGE}" in event["requestURI"] for event in lists), "each is a page")
    check(memory < 150 * 1024, f"it held {memory // 1024} MiB of memory at most")


def tokens(uid, good):
    print("- tokens")
    expired = token(uid, int(time.time()) - 7200)
    code, out, err, _ = drift(config=kubeconfig("expired", {"token": expired}))
    check(code == 1 and not out, "an expired token ends the run with code 1")
    check("401" in err and "hint" in err, "and is told, with what to do")
    check(not any(part in err for part in expired.split(".")), "but not printed")
    signed = token(uid, int(time.time()) - 60)
    code, out, _, _ = drift(config=kubeconfig("signed", {"token": signed}))
    check(code == 0 and "removed" in out, "the same with another date is good, so that the date it was")
    in_cluster(good, uid)


def in_cluster(good, uid):
    """As in a pod: the folder that Kubernetes mounts is made, where there is none, and removed."""
    if os.geteuid() != 0 or ACCOUNT.exists():
        print("  SKIPPED: in a pod (needs root, and no ServiceAccount mounted here)")
        return
    made = next(path for path in [ACCOUNT, *ACCOUNT.parents] if path.parent.exists())
    ACCOUNT.mkdir(parents=True)
    try:
        (ACCOUNT / "token").write_text(good)
        (ACCOUNT / "namespace").write_text("default")
        shutil.copy(KUBE / "certs" / "apiserver.crt", ACCOUNT / "ca.crt")
        env = {"KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(PORT)}
        since = audited()
        code, out, err, _ = drift(env=env)
        if code:
            print(err)
        check(code == 0 and "removed" in out, "in a pod the ServiceAccount is used, and the certificate is checked")
        check(len(requests("system:serviceaccount:tazuna:drift", since)) == MANIFESTS // PAGE, "as that ServiceAccount")
        (ACCOUNT / "token").write_text(token(uid, int(time.time()) - 7200))
        code, _, err, _ = drift(env=env)
        check(code == 1 and "401" in err, "and told when its token has expired")
    finally:
        shutil.rmtree(made)


class SlowProxy:
    """Passes bytes on; what comes from the server is counted, and `then` is called once at `limit`."""

    def __init__(self, limit, then):
        self.limit, self.then, self.passed, self.lock = limit, then, 0, threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            try:
                server = socket.create_connection(("127.0.0.1", PORT))
            except OSError:
                client.close()
                continue
            for ends in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.pass_on, args=ends, daemon=True).start()

    def pass_on(self, source, target, counted):
        try:
            while data := source.recv(16384):
                if counted:
                    with self.lock:
                        before, self.passed = self.passed, self.passed + len(data)
                    if before < self.limit <= self.passed:
                        self.then()
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def gone(good):
    print("- the server goes away in the middle of the LIST")
    pid = int((KUBE / "api.pid").read_text())
    proxy = SlowProxy(3_000_000, lambda: os.kill(pid, signal.SIGKILL))
    since = audited()
    code, out, err, _ = drift("--format", "text", config=kubeconfig("gone", {"token": good}, f"https://127.0.0.1:{proxy.port}"))
    served = requests("system:serviceaccount:tazuna:drift", since)
    check(0 < len(served) < MANIFESTS // PAGE, f"pages that came through: {len(served)}, then none")
    check(code == 1, "the run has failed")
    check(not out, "and nothing is reported of the half that was read")
    check("hint" in err, "what to do is told")
    print("    " + err.strip().replace("\n", "\n    "))


declare()
uid = grant()
good = api("POST", "/api/v1/namespaces/tazuna/serviceaccounts/drift/token",
           {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}})["status"]["token"]
user_file = WORK / "token"
user_file.write_text(good)
load(user_file)
tokens(uid, good)
gone(good)
print(f"{checks} passed, 0 failed")
