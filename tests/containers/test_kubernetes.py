"""The files of deploy/kubernetes, judged without a cluster: by schema, and by what they name."""

from __future__ import annotations

import importlib.util
import itertools
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from svc.config import Settings
from svc.embedded.__main__ import MODULES
from svc.embedded.machine import ROOT
from svc.mail import MailServer

FOLDER = ROOT / "deploy" / "kubernetes"
FILES = ("checks", "disruption", "migrate", "service", "settings", "worker")
# The oldest and the newest that the schemas here know of those that are still supported.
VERSIONS = ("1.33", "1.37")
COMMANDS = {("svc.embedded", name) for name in MODULES}
PART = {"app.kubernetes.io/part-of": "ccp"}
# What else than the service reads its settings.
OTHER_SETTINGS = {"DEPLOY_URL", "DRILL_URL", "DUMP_URL", "SPARE_URL", "AUDIT_URL"}


def objects() -> list[dict[str, Any]]:
    """Return every object of every file."""
    found = [yaml.safe_load_all((FOLDER / f"{name}.yaml").read_text()) for name in FILES]
    return [dict(thing) for file in found for thing in file]


def pods() -> dict[str, dict[str, Any]]:
    """Return the pods that the objects make, by the object's name."""
    made = {}
    for thing in objects():
        spec = thing.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            made[thing["metadata"]["name"]] = spec["template"]
    return made


def containers() -> list[dict[str, Any]]:
    """Return the containers of all pods."""
    return [found for pod in pods().values() for found in pod["spec"]["containers"]]


def known_settings() -> set[str]:
    """Return the names that the sources ask the environment for."""
    text = "".join(file.read_text() for file in (ROOT / "svc").rglob("*.py"))
    return set(re.findall(r'"((?:CCP_[A-Z_]+)|DATABASE_URL|PORT)"', text)) | OTHER_SETTINGS


@pytest.mark.parametrize("version", VERSIONS)
def test_each_object_is_what_its_schema_says(version: str) -> None:
    """Strictly: nothing unknown, nothing missing; and a fault is seen."""
    assert sorted(file.stem for file in FOLDER.iterdir()) == sorted(FILES)
    for thing in objects():
        kubernetes_validate.validate(thing, version, strict=True)
    fault = next(thing for thing in objects() if thing["kind"] == "Deployment")
    fault["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(fault, version, strict=True)


def test_selectors_find_their_pods() -> None:
    """Deployments, the service, the budget and the policies name labels that pods have."""
    labels = [pod["metadata"]["labels"] for pod in pods().values()]
    assert all(PART.items() <= found.items() for found in labels)
    wanted = 0
    for thing in objects():
        spec = thing.get("spec", {})
        selector = spec.get("selector", spec.get("podSelector"))
        if selector:
            asked = selector.get("matchLabels", selector)
            assert any(asked.items() <= found.items() for found in labels), thing["metadata"]
            wanted += 1
    assert wanted == 7


def test_what_is_set_is_known_and_what_is_named_exists() -> None:
    """Names of settings, secrets and their keys, volumes, ports, modules of commands."""
    things = objects()
    [settings] = [thing for thing in things if thing["kind"] == "ConfigMap"]
    header = (FOLDER / "settings.yaml").read_text()
    assert set(settings["data"]) <= known_settings()
    for pod in pods().values():
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        for found in pod["spec"]["containers"]:
            for setting in found["env"]:
                assert setting["name"] in known_settings(), setting
                key = setting["valueFrom"]["secretKeyRef"]
                assert re.search(rf"generic {key['name']} [^#]*?(\\\n# .*)?{key['key']}=", header)
            for source in found.get("envFrom", []):
                assert source["configMapRef"]["name"] == settings["metadata"]["name"]
            assert {mount["name"] for mount in found["volumeMounts"]} == volumes
            words = found["command"] + found.get("args", [])
            modules = [words[at + 1] for at, word in enumerate(words) if word == "-m"]
            assert all(importlib.util.find_spec(module) for module in modules)
            for module, command in itertools.pairwise(words):
                assert module != "svc.embedded" or (module, command) in COMMANDS
    assert not re.search(
        r"(?i)password(?!_file: /)|postgresql://", header.split("apiVersion", 1)[1]
    )


def test_the_settings_make_a_service(tmp_path: Path) -> None:
    """Service and worker begin with them, as far as files and secrets go."""
    [settings] = [thing["data"] for thing in objects() if thing["kind"] == "ConfigMap"]
    secret = tmp_path / "token-secret"
    secret.write_bytes(b"x" * 32)
    settings.update({name: str(secret) for name in settings if name.endswith("_FILE")})
    Settings.from_environment({**settings, "DATABASE_URL": "host=db"})
    MailServer.from_environment(settings)


def test_no_pod_has_a_right_it_does_not_need() -> None:
    """Not root, nothing writable but /tmp and the heads, no token of the cluster, limits."""
    for name, pod in pods().items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True
        for found in spec["containers"]:
            security = found["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert found["resources"]["limits"]["memory"]
            writable = {m["mountPath"] for m in found["volumeMounts"] if not m.get("readOnly")}
            assert writable <= {"/tmp", "/heads"}  # noqa: S108 - of the container
