import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import sim
from sim import _version

TOP = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]


# --- The public API ------------------------------------------------------------------------


def test_every_public_name_can_be_had() -> None:
    for name in sim.__all__:
        assert getattr(sim, name) is not None
        assert name in dir(sim)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sim.nothing  # noqa: B018


def test_validate_lists_what_is_wrong() -> None:
    assert sim.validate("[world]\naccounts = 500\n") == []
    [problem] = sim.validate("[world]\naccounts = 1\n")
    assert (problem.key, problem.line) == ("world.accounts", 2)


# --- The project file ----------------------------------------------------------------------


def imported_packages() -> set[str]:
    """Packages that the sources import, besides the standard library and themselves."""
    found = set()
    for path in (TOP / "sim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"sim", "pydantic_core"}  # a part of pydantic


def named(lines: list[str]) -> set[str]:
    """Names of the packages that these lines ask for."""
    return {re.split(r"[\[<>=]", line)[0] for line in lines}


def test_what_is_imported_is_required_and_the_other_way_round() -> None:
    """What only a part needs is in an extra; dask comes with distributed."""
    required, extras = named(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    optional = set().union(*(named(lines) for name, lines in extras.items() if name != "test"))
    assert required <= imported_packages() <= required | optional | {"dask"}


def test_the_version_stands_in_one_place() -> None:
    citation = (TOP / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sim.__version__}\n" in citation
    assert "version" in PROJECT["dynamic"]


def test_the_model_version_follows_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("world/a.py", "model.py", "plots/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x = 1\n")
    monkeypatch.setattr(_version, "__file__", str(tmp_path / "_version.py"))
    version = _version.model_version.__wrapped__
    before = version()
    assert re.fullmatch(re.escape(sim.__version__) + r"\+[0-9a-f]{8}", before)
    (tmp_path / "plots" / "b.py").write_bytes(b"x = 2\n")  # figures change no result
    (tmp_path / "model.py").write_bytes(b"x = 1\r\n")  # nor do the line ends of a checkout
    assert version() == before
    (tmp_path / "world" / "a.py").write_bytes(b"x = 2\n")
    assert version() != before


def test_all_that_a_run_imports_below_the_results_counts_as_the_model() -> None:
    """A module that the model imports must be in the hash, or stale results would be reused."""
    package = TOP / "sim"
    counted = {path for pattern in _version.MODEL_SOURCES for path in package.glob(pattern)}
    exempt = {"scenario", "files.py"}  # the checked scenario itself is in the identity
    left, seen = [package / "model.py"], set()
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        left += [found for name in _sim_imports(path) for found in _files_of(package, name)]
    inside = {path for path in seen if path.relative_to(package).parts[0] not in exempt}
    assert inside <= counted, sorted(str(path) for path in inside - counted)


def _sim_imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sim":
            assert node.module is not None
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names - {"sim"}  # it imports everything, but only for those who ask


def _files_of(package: Path, name: str) -> list[Path]:
    place = package.joinpath(*name.split(".")[1:])
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return [path for path in candidates if path.is_file()]


# --- The wheel -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=TOP, check=True, capture_output=True)
    [path] = folder.glob("followlab-*.whl")
    return path


def test_the_wheel_carries_scenarios_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {path.name for path in (TOP / "scenarios").glob("*.toml")}
    assert {f"sim/_scenarios/{name}" for name in shipped} <= set(names)
    if (TOP / "scenarios" / "schema.json").exists():
        assert "sim/_scenarios/schema.json" in names
    assert "sim/py.typed" in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"sim", f"followlab-{sim.__version__}.dist-info"}


def test_the_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def answer(*arguments: str) -> str:
        command = [sys.executable, "-m", "sim", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert answer("version") == f"followlab {sim.__version__} (model {_version.model_version()})\n"
    for path in (TOP / "scenarios").glob("*.toml"):
        assert f"{path.stem}: right" in answer("check", path.stem)
    entry = (tmp_path / f"followlab-{sim.__version__}.dist-info" / "entry_points.txt").read_text()
    assert "followlab = sim.cli:main" in entry


# --- Make ----------------------------------------------------------------------------------

MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(MAKE is None or os.name == "nt", reason="needs make")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the Makefile and an empty folder of commands."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(TOP / name, tmp_path)
    (tmp_path / "commands").mkdir()
    for command in ("sh", "rm", "touch"):
        os.symlink(shutil.which(command) or "", tmp_path / "commands" / command)
    return tmp_path


def make(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": str(project / "commands")}
    assert MAKE is not None
    return subprocess.run(
        [MAKE, *arguments], cwd=project, env=environment, capture_output=True, text=True
    )


def python_stub(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@needs_make
def test_without_a_suitable_python_make_says_what_to_do(project: Path) -> None:
    python_stub(project / "commands" / "python3.12", "exit 127")  # as pyenv's do
    done = make(project, "run")
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "PYTHON=" in done.stderr


@needs_make
def test_the_first_python_that_works_makes_the_environment(project: Path) -> None:
    python_stub(project / "commands" / "python3.13", "exit 127")
    real = shutil.which("sh")
    script = f"""
    echo "$0 $*" >> {project}/log
    if [ "$1 $2" = "-m venv" ]; then
        {shutil.which("mkdir")} -p .venv/bin; {shutil.which("cp")} "$0" .venv/bin/python
    fi"""
    python_stub(project / "commands" / "python3.12", script.replace("sh", real or "sh", 0))
    done = make(project, ".venv/installed")
    assert done.returncode == 0, done.stderr
    log = (project / "log").read_text()
    assert "python3.12 -m venv .venv" in log
    assert "pip install --quiet --editable ." in log

    calls = log.count("pip install")
    again = make(project, ".venv/installed")
    assert again.returncode == 0
    assert (project / "log").read_text().count("pip install") == calls  # nothing is reinstalled


@needs_make
def test_a_changed_project_file_installs_again(project: Path) -> None:
    python_stub(project / ".venv" / "bin" / "python", "exit 0")
    (project / ".venv" / "installed").touch()
    assert make(project, "-q", ".venv/installed").returncode == 0
    os.utime(project / "pyproject.toml", (2**31 - 1, 2**31 - 1))
    assert make(project, "-q", ".venv/installed").returncode == 1


@needs_make
def test_an_environment_that_no_longer_runs_is_made_anew(project: Path) -> None:
    python_stub(project / ".venv" / "bin" / "python", "exit 1")
    (project / ".venv" / "installed").touch()
    assert make(project, "-q", ".venv/installed").returncode == 1


def test_ci_runs_exactly_what_a_contributor_runs() -> None:
    lines = (TOP / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-1] == "make test"
    assert os.access(TOP / ".ci" / "run", os.X_OK) or os.name == "nt"
