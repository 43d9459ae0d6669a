"""Walks the life of one issue and reads its text at each step, as a person would.

Needs KUBECONFIG (administrator), GITHUB_API (checked by GitHub's own description),
GITHUB_STATE (the emulator itself), PROXY_LOG, PROGRAM and WORK (an empty folder).
"""

import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request

work = pathlib.Path(os.environ["WORK"])
repository = work / "infra"
kubeconfig = pathlib.Path(os.environ["KUBECONFIG"]).read_text()
server = re.search(r'server: "([^"]+)"', kubeconfig).group(1)
anything = ssl._create_unverified_context()
checks = 0


def check(true, what, *context):
    global checks
    if not true:
        print(f"FAILED: {what}", *context, sep="\n", file=sys.stderr)
        sys.exit(1)
    checks += 1
    print(f"  ok: {what}")


def holds(text, words, what):
    check(words in text, what, f"no {words!r} in:", text)


def lacks(text, words, what):
    check(words not in text, what, f"there is {words!r} in:", text)


def ask(base, token, method, path, body=None, kind="application/json"):
    request = urllib.request.Request(base + path, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", kind)
    with urllib.request.urlopen(request, context=anything if base.startswith("https") else None) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def kube(method, path, body=None, kind="application/json"):
    return ask(server, "admintoken", method, path, body, kind)


def github(method, path, body=None):
    return ask(os.environ["GITHUB_STATE"], "t-person", method, "/repos/acme/infra" + path, body)


def issue(number=1):
    return github("GET", f"/issues/{number}")


def comments(number=1):
    return [comment["body"] for comment in github("GET", f"/issues/{number}/comments?per_page=100")]


def labels(of):
    return sorted(label["name"] for label in of["labels"])


def requests():
    """Requests that the proxy saw so far, as method and path."""
    log = pathlib.Path(os.environ["PROXY_LOG"]).read_text()
    log = re.sub(r"\x1b\[[0-9;]*m", "", log)
    return re.findall(r'Forwarding "(\w+)" request to http://[^/]+(\S*?)\.\.\.', log)


run_number = 0


def drift(*flags, expect=0):
    """One scheduled run of the program; gives its outputs and its summary."""
    global run_number
    run_number += 1
    summary, outputs = work / "summary.md", work / "outputs"
    for file in (summary, outputs):
        file.write_text("")
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(work), "KUBECONFIG": os.environ["KUBECONFIG"],
        "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_REPOSITORY": "acme/infra", "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": str(4700 + run_number), "GITHUB_RUN_NUMBER": str(run_number),
        "GITHUB_SHA": head(), "GITHUB_REF": "refs/heads/main",
        "GITHUB_API_URL": os.environ["GITHUB_API"], "GITHUB_TOKEN": "t-bot",
        "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs),
    }
    ran = subprocess.run(
        [os.environ["PROGRAM"], "run", "--issue-author", "drift-bot", *flags],
        cwd=repository, env=environment, capture_output=True, text=True,
    )
    check(ran.returncode == expect, f"run {run_number} ends with {expect}", ran.returncode, ran.stdout, ran.stderr)
    values = dict(re.findall(r"^([\w-]+)<<(?:\S+)\n(.*)\n", outputs.read_text(), re.M))
    return values, summary.read_text(), ran.stdout


def head():
    return git("rev-parse", "HEAD").strip()


def git(*words):
    return subprocess.run(["git", *words], cwd=repository, check=True, capture_output=True, text=True).stdout


def commit(message):
    git("add", "-A")
    git("commit", "-q", "-m", message)


def state(manifest):
    return f"/api/v1/namespaces/tazuna/configmaps/tazuna-state-{manifest}"


def patch_state(manifest, data):
    kube("PATCH", state(manifest), {"data": data}, "application/merge-patch+json")


def entry(hash_):
    return json.dumps({"contentHash": hash_})


def change(path, old, new):
    file = repository / path
    text = file.read_text()
    assert old in text, (path, old)
    file.write_text(text.replace(old, new))


def hashes():
    """What every Manifest would build now, by State key, as the program says."""
    empty = work / "empty"
    empty.mkdir(exist_ok=True)
    ran = subprocess.run(
        [os.environ["PROGRAM"], "diff", "--state-dir", empty, "--format", "json"],
        cwd=repository, check=True, capture_output=True, text=True,
    )
    report = json.loads(ran.stdout)
    return {e["key"]: e.get("newHash") for m in report["manifests"] for e in m["entries"]}


# The repository and what was applied from it.
shutil.copytree("examples/quickstart", repository)
git("init", "-q", "-b", "main")
git("config", "user.email", "drift@example.com")
git("config", "user.name", "drift")
commit("platform")
for namespace in ("tazuna", "ingress"):
    kube("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
for item in re.split(r"\n- ", (repository / "state/configmaps.yaml").read_text())[1:]:
    name = re.search(r"name: (\S+)", item).group(1)
    data = dict(re.findall(r"^    (\S+): '(.*)'$", item, re.M))
    kube("POST", "/api/v1/namespaces/tazuna/configmaps", {"metadata": {"name": name}, "data": data})

print("- drift opens the issue")
outputs, summary, printed = drift()
check(outputs["drift"] == "true" and outputs["removed"] == "4", "outputs say so", outputs)
check(outputs["issue-number"] == "1", "the issue's number is an output", outputs)
first = issue()
holds(first["title"], "4 removed, 1 modified, 1 added", "the title counts, the worst first")
check(labels(first) == ["drift", "drift:removed"], "both labels are there", labels(first))
body = first["body"]
check(body.index("old-lb") < body.index("`web/front`"), "what was removed comes first", body)
holds(body, "ingress//v1/Service/ingress/old-lb", "the whole State key is there")
holds(body, "tazuna apply --sync --prune", "the command is there")
holds(body, "/acme/infra/actions/runs/4701", "the run is linked")
check(comments() == [], "no comment yet")
holds(printed, "::error file=tazuna.yaml,line=", "an annotation stands at the Manifest's line")
holds(summary, "old-lb", "the job summary has it")

print("- the same again: one read, no write")
before = requests()
drift()
after = requests()[len(before):]
check([method for method, _ in after] == ["get"], "one GET and nothing else", after)
check(issue()["body"] == body, "the body is the same to the letter")

print("- a dry run writes nothing")
change("manifests/ingress/kustomization.yaml", "  - service.yaml\n", "")
commit("ingress without its Service")
_, _, printed = drift("--dry-run")
holds(printed, "Service", "it shows what it would write")
check(issue()["body"] == body and comments() == [], "and nothing was written")

print("- another resource is removed: news")
drift()
second = issue()
holds(second["title"], "5 removed", "the title follows")
check(len(comments()) == 1, "one comment", comments())
holds(comments()[0], "ingress/controller", "it names what is new")
lacks(comments()[0], "old-lb", "and nothing old")

print("- part of it is applied")
now = hashes()
key = "web/apps/v1/Deployment/web/front"
patch_state("web", {key.replace("/", "__"): entry(now[key])})
drift()
check(len(comments()) == 1, "less drift is no news", comments())
lacks(issue()["body"], "14f5544", "the entry left the body")
holds(issue()["title"], "5 removed, 1 added", "and the title")

print("- what was removed is put back while it runs")
kube("POST", "/api/v1/namespaces/ingress/services", {
    "metadata": {"name": "controller"}, "spec": {"ports": [{"port": 443}], "selector": {"app": "ingress"}}})
change("manifests/ingress/kustomization.yaml", "  - controller.yaml\n", "  - controller.yaml\n  - service.yaml\n")
commit("ingress has its Service again")
drift()
body = issue()["body"]
lacks(body, "ingress//v1/Service/ingress/controller", "it leaves the issue")
lacks(body.lower(), "untracked", "and is not called untracked: State holds it")
holds(issue()["title"], "4 removed, 1 added", "the title follows")
change("manifests/ingress/kustomization.yaml", "  - service.yaml\n", "")
commit("ingress without its Service, again")
drift()
kube("DELETE", "/api/v1/namespaces/ingress/services/controller")

print("- a removed entry that State forgot while the object runs")
kube("POST", "/api/v1/namespaces/ingress/services", {
    "metadata": {"name": "old-lb"}, "spec": {"ports": [{"port": 443}], "selector": {"app": "ingress"}}})
patch_state("ingress", {"ingress____v1__Service__ingress__old-lb": None})
drift()
body = issue()["body"]
holds(body, "old-lb", "it stays in the issue")
check(re.search("still run", body, re.I), "as still running", body)
kube("DELETE", "/api/v1/namespaces/ingress/services/old-lb")
drift()
lacks(issue()["body"], "old-lb", "it clears when the object is gone")

print("- a Manifest that cannot be built")
change("tazuna.yaml", "path: manifests/web\n", "path: manifests/moved\n")
commit("a path that is not there")
outputs, _, _ = drift(expect=4)
check(outputs["incomplete"] == "true", "the run is incomplete", outputs)
body = issue()["body"]
check(issue()["state"] == "open", "the issue stays open")
holds(body, "manifests/moved", "it says what could not be looked at")
lacks(comments()[-1], "web/flags", "nothing is called cleared that nobody looked at")
change("tazuna.yaml", "path: manifests/moved\n", "path: manifests/web\n")
commit("the path is back")

print("- everything is applied")
now = hashes()
kube("DELETE", state("sessions"))
key = "ingress//v1/Service/ingress/controller"
patch_state("ingress", {key.replace("/", "__"): None})
key = "web//v1/ConfigMap/web/flags"
patch_state("web", {key.replace("/", "__"): entry(now[key])})
outputs, summary, _ = drift()
check(outputs["drift"] == "false", "no drift", outputs)
closed = issue()
check((closed["state"], closed["state_reason"]) == ("closed", "completed"), "the issue is closed as completed", closed["state_reason"])
holds(closed["body"], "No drift in `admin` since", "the body says since when")
check("drift:removed" not in labels(closed), "nothing is removed any more", labels(closed))
number = len(comments())
drift()
check(len(comments()) == number, "a clear run after that says nothing")

print("- drift is back")
change("manifests/web/front.yaml", "front:2.8.0", "front:2.9.0")
commit("front 2.9.0")
drift()
check(issue()["state"] == "open", "the same issue is open again")
check(len(comments()) == number + 1, "with a comment", comments())
check(len(github("GET", "/issues?state=all")) == 1, "there is no second issue")

print("- closed by hand")
github("PATCH", "/issues/1", {"state": "closed", "state_reason": "not_planned"})
number = len(comments())
drift()
check(issue()["state"] == "closed" and len(comments()) == number, "it stays closed without news")
change("manifests/ingress/kustomization.yaml", "  - class.yaml\n", "")
commit("ingress without its class")
drift()
check(issue()["state"] == "open", "news open it again")
holds(comments()[-1], "public", "and the comment says which")
check(labels(issue()) == ["drift", "drift:removed"], "with its label", labels(issue()))

log = pathlib.Path(os.environ["PROXY_LOG"]).read_text()
violations = [line for line in log.splitlines() if "UNPROCESSABLE" in line or "VIOLATIONS" in line]
check(not violations, "GitHub's description refused no request", *violations)
print(f"{checks} passed, 0 failed")
