"""The files for SLURM and Kubernetes: linted, valid, and with options that there are."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "cluster"
SCRIPTS = sorted(FOLDER.glob("*.sbatch"))
MANIFESTS = sorted(FOLDER.glob("*.yaml"))
YAMLLINT = "{extends: default, rules: {line-length: {max: 100}, document-start: disable}}"


def test_they_are_there_and_described() -> None:
    said = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in FOLDER.iterdir() if path.name != "README.md"]
    assert len(SCRIPTS) == len(MANIFESTS) == 2
    assert [name for name in files if f"`{name}`" not in said] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_pass_shellcheck(script: Path) -> None:
    beside = Path(sys.executable).with_name("shellcheck")
    command = str(beside) if beside.exists() else shutil.which("shellcheck")
    if command is None:
        pytest.skip("there is no shellcheck")
    done = subprocess.run([command, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_manifests_pass_yamllint(manifest: Path) -> None:
    pytest.importorskip("yamllint")
    from yamllint import config, linter

    with manifest.open(encoding="utf-8") as file:
        found = list(linter.run(file, config.YamlLintConfig(YAMLLINT)))
    assert found == []


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_what_kubernetes_takes(manifest: Path) -> None:
    validate = pytest.importorskip("kubernetes_validate")
    for document in documents(manifest):
        validate.validate(document, "1.30", strict=True)


def documents(manifest: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(manifest.read_text(encoding="utf-8")) if one]


# --- Options ---------------------------------------------------------------------------------


def commands(path: Path) -> Iterator[list[str]]:
    """The words of every call of followlab or dask in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        for document in documents(path):
            pod = document["spec"].get("template", {}).get("spec", {})
            for container in pod.get("containers", []):
                words = container["command"]
                yield shlex.split(container["args"][0]) if words[0] == "/bin/sh" else words
    else:
        lines = re.sub(r"\\\n", " ", text).splitlines()
        for line in lines:
            words = shlex.split(line.rstrip("& "), comments=True)
            words = words[1:] if words[:1] == ["srun"] else words
            if words[:1] in (["followlab"], ["dask"]):
                yield words


def options_of(command: list[str]) -> set[str]:
    """The options that a command knows."""
    if command[0] == "dask":
        module = pytest.importorskip(f"distributed.cli.dask_{command[1]}")
        return {name for one in module.main.params for name in (*one.opts, *one.secondary_opts)}
    from sim.cli.app import app

    arguments = app[command[1]].assemble_argument_collection()
    return {name for argument in arguments for name in argument.names}


@pytest.mark.parametrize("path", [*SCRIPTS, *MANIFESTS], ids=lambda path: path.name)
def test_options_exist(path: Path) -> None:
    found = list(commands(path))
    assert found
    for command in found:
        given = {word for word in command if word.startswith("--")}
        assert given
        assert given <= options_of(command), command


def test_an_option_that_is_not_there_is_found() -> None:
    assert not {"--nonsense"} <= options_of(["followlab", "sweep"])
    assert {"--shard", "--cluster", "--out"} <= options_of(["followlab", "sweep"])


def test_the_container_file_installs_what_is_needed() -> None:
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    assert "[cluster]" in text
