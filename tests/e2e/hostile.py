"""Writes a platform whose names try everything. Usage: hostile.py FOLDER"""

import json
import pathlib
import sys

NAME = "x` @team #1 <!-- --> ![i](//e.x/p) </details>\n::error::pwned | \u202eevil"
folder = pathlib.Path(sys.argv[1])
(folder / "web").mkdir(parents=True)
(folder / "state").mkdir()
manifests = [{"name": "web", "type": "kustomize", "path": "web"}, {"name": NAME, "type": "kustomize", "path": NAME}]
(folder / "tazuna.yaml").write_text(json.dumps({"spec": {"manifests": manifests}}, indent=1))
(folder / "web/kustomization.yaml").write_text("resources: [web.yaml]\n")
(folder / "web/web.yaml").write_text(json.dumps(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": NAME}, "data": {"a": "b"}}))
entries = {f"web____v1__{kind}__{NAME}__{NAME}": '{"contentHash":"00"}' for kind in ("Service", NAME)}
state = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "tazuna-state-web", "namespace": "tazuna"}, "data": entries}
(folder / "state/web.json").write_text(json.dumps(state))
