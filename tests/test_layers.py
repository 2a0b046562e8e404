"""Imports point down only, and in no circle; `import sim` brings in next to nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sim"

# From the bottom to the top; names on one line may not import one another. `tests/README.md`
# says what each is.
LAYERS: Final = (
    ("_version", "files"),
    ("kernels", "settings", "marks"),
    ("world",),
    ("sight",),
    ("actions",),
    ("enact",),
    ("phases",),
    ("metrics",),
    ("conditions",),
    ("strategies",),
    ("scenario",),
    ("agents",),
    ("lives", "checkpoint"),
    ("measuring",),
    ("recorder", "keeping"),
    ("model",),
    ("views",),
    ("warm_up",),
    ("results",),
    ("experiments",),
    ("plots",),
    ("report", "replay"),
    ("shipping",),
    ("validation",),
    ("findings", "calibration"),
    ("",),  # sim/__init__.py, the public API
    ("page",),
    ("cli",),
    ("__main__",),
)
LEVEL: Final = {name: level for level, names in enumerate(LAYERS) for name in names}

# An agent knows its model, which makes it; the name is needed for the checker of types only.
FOR_TYPES_ONLY: Final = {("sim.agents", "sim.model")}

HEAVY: Final = {
    "cyclopts", "duckdb", "llvmlite", "matplotlib", "mesa", "networkx", "numba", "numpy", "pandas",
    "pydantic", "rich", "scipy",
}  # fmt: skip


def module_of(file: Path) -> str:
    """The dotted name of a file of the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: Final = {module_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def imported(node: ast.AST) -> Iterator[str]:
    """The modules of the package that a statement names, wherever it stands."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        given = node.args[0]
        names = [str(given.value)] if isinstance(given, ast.Constant) else []
    else:
        return
    for name in names:
        if name.split(".")[0] == "sim":
            yield name if name in MODULES else name.rpartition(".")[0]


def type_checking(tree: ast.Module) -> set[ast.AST]:
    """The statements under `if TYPE_CHECKING`."""
    blocks = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {node for block in blocks for statement in block.body for node in ast.walk(statement)}


@cache
def edges(*, types: bool = True) -> frozenset[tuple[str, str]]:
    """All imports within the package, as (importer, imported); with those for types or without."""
    found = set()
    for name, file in MODULES.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        skipped = set() if types else type_checking(tree)
        for node in ast.walk(tree):
            if node not in skipped:
                found |= {(name, other) for other in imported(node) if other != name}
    return frozenset(found)


def layer(module: str) -> str:
    """The layer that a module belongs to."""
    return ".".join(module.split(".")[1:2])


def test_every_module_has_a_layer() -> None:
    assert {layer(module) for module in MODULES} <= LEVEL.keys()


def test_imports_point_down() -> None:
    upward = [
        f"{one} imports {other}"
        for one, other in sorted(edges() - FOR_TYPES_ONLY)
        if layer(one) != layer(other) and LEVEL[layer(one)] <= LEVEL[layer(other)]
    ]
    assert upward == []


def test_exceptions_are_for_types_and_needed() -> None:
    assert FOR_TYPES_ONLY.isdisjoint(edges(types=False))
    assert edges() >= FOR_TYPES_ONLY


def test_there_is_no_circle() -> None:
    """Of modules, imports inside functions included; a package's own parts are parts of it."""
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for one, other in edges() - FOR_TYPES_ONLY:
        if not one.startswith(f"{other}."):
            graph[one].add(other)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("import sim.model", "sim.model"),
        ("from sim.kernels.layout import State", "sim.kernels.layout"),
        ("from sim import plots", "sim.plots"),
        ("def f():\n    from sim.model import burn_in", "sim.model"),
        ("if TYPE_CHECKING:\n    from sim.cli import main", "sim.cli"),
        ("importlib.import_module('sim.strategies')", "sim.strategies"),
    ],
)
def test_every_form_of_import_is_found(source: str, target: str) -> None:
    found = [name for node in ast.walk(ast.parse(source)) for name in imported(node)]
    assert found == [target]


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_sim_is_light() -> None:
    assert loaded_by("import sim; dir(sim); sim.__version__").isdisjoint(HEAVY)


def test_reading_a_scenario_needs_no_kernels() -> None:
    loaded = loaded_by("import sim; sim.load('schema = 1')")
    assert loaded.isdisjoint({"mesa", "matplotlib", "duckdb", "pandas"})
    assert "pydantic" in loaded


def test_the_facade_keeps_its_promises() -> None:
    """Every public name can be had."""
    import sim

    assert [name for name in sim.__all__ if getattr(sim, name, None) is None] == []
    with pytest.raises(AttributeError, match="nonsense"):
        sim.nonsense  # noqa: B018
