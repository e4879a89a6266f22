"""The files for containers agree with the application: commands, addresses and locked versions."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import tomli
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from schedules.commands import command_modules

ROOT = Path(__file__).parents[1]
COMMANDS = set(command_modules())
IMAGE_FILES = (
    "requirements/run.lock",
    "pyproject.toml",
    "scrapy.cfg",
    "data/starter/sources.toml",
    "schedules/cli/command.py",
)


def manifests() -> list[Any]:
    return list(yaml.safe_load_all((ROOT / "docs/kubernetes/wirewatch.yaml").read_text()))


def test_the_image_has_all_packages_in_the_versions_that_are_tested_and_no_tools_for_tests() -> None:
    tested, shipped = ((ROOT / "requirements" / name).read_text().splitlines() for name in ("dev.lock", "run.lock"))
    assert [line for line in shipped if line not in tested] == []
    names = {line.partition("==")[0] for line in shipped}
    assert {"pytest", "ruff", "mypy"}.isdisjoint(names)
    needed = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    required = [Requirement(one) for one in needed]
    assert {canonicalize_name(one.name) for one in required if one.marker is None or one.marker.evaluate()} <= names


def test_the_image_contains_what_the_application_needs() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    for name in IMAGE_FILES:
        parts = [name, *(str(parent) for parent in Path(name).parents)]
        matched = [rule for rule in rules for part in parts if fnmatch.fnmatch(part, rule.removeprefix("!"))]
        assert not matched or matched[-1].startswith("!"), (name, matched)


def test_the_services_of_compose_run_commands_that_exist() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert {service["command"][0] for service in services.values() if "command" in service} <= COMMANDS
    assert {service["image"] for service in services.values()} == {services["init"]["image"]}


def test_the_parts_of_the_kubernetes_file_find_each_other() -> None:
    found = manifests()
    pods = [one["spec"]["template"] for one in found if one["kind"] in ("StatefulSet", "Deployment")]
    labels = [pod["metadata"]["labels"] for pod in pods]
    services = {one["metadata"]["name"]: one["spec"] for one in found if one["kind"] == "Service"}
    for service in services.values():
        assert any(service["selector"].items() <= own.items() for own in labels)
    containers = [one for pod in pods for kind in ("initContainers", "containers") for one in pod["spec"].get(kind, ())]
    assert {one["args"][0] for one in containers if "args" in one} <= COMMANDS
    assert len({one["image"] for one in containers}) == 1
    addresses = {word for one in containers for word in one.get("args", ()) if word.startswith("tls://")}
    addresses |= {one["value"] for of in containers for one in of.get("env", ()) if one["value"].startswith("tls://")}
    (address,) = addresses
    name, _, port = address.removeprefix("tls://").partition(":")
    assert [one["port"] for one in services[name]["ports"]] == [int(port)]
