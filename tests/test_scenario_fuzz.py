"""Thousands of broken scenarios: an error with its place and a remedy, or a valid scenario."""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import Scenario, ScenarioError, example, load, loads, shipped, template, toml
from sim.scenario.catalogue import keys

many = settings(
    max_examples=700,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TEXTS = [path.read_text(encoding="utf-8") for path in shipped().values()]
TEXTS += [example(), template("new")]
EDITS = ["delete", "repeat", "swap", "value", "key", "scrap"]
NAMES = sorted({part for key in keys() for part in key.split(".")} | {"", "a b", "0", "-"})


def check_sound(source: Any, text: str | None = None, sets: Any = ()) -> None:
    """Load, and check that whatever is wrong is said well."""
    start = perf_counter()
    try:
        scenario = load(source, sets=sets) if text is None else loads(text, sets=sets)
    except ScenarioError as error:
        check_error(error, text)
    else:
        check_scenario(scenario)
    assert perf_counter() - start < 2


def check_scenario(scenario: Scenario) -> None:
    assert len(scenario.hash) == 64
    for name in scenario.arm_names:
        assert scenario.for_arm(name).arm_names == (name,)


def check_error(error: ScenarioError, text: str | None) -> None:
    assert error.problems
    assert all(line.isprintable() for line in str(error).split("\n"))
    for problem in error.problems:
        assert problem.file
        assert problem.message
        assert problem.suggestion or problem.fix or problem.message.startswith("must be ")
        if problem.file.startswith("--set "):
            assert problem.line is None
        elif text is not None:
            lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
            assert problem.line is not None
            assert 1 <= problem.line <= len(lines)
            assert problem.source in (None, lines[problem.line - 1])


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-10, 10),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["organic", "beg", "ranked", "step", "file", "sweep", "newcomer", "2000"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), inner, max_size=3),
    ),
    max_leaves=6,
)
scraps = st.one_of(
    values.map(toml.value),
    st.text(max_size=12),
    st.sampled_from(
        ["1979-05-27", "07:32:00", "1979-05-27 07:32:00", "0x_f", "+inf", "[[", '"""', "'''", "{",
         "[1, [2, {a = 1}]]", '"\\ud800"', "1e400", "9" * 5_000, "0x" + "f" * 5_000, "[" * 3_000,
         "\u202e", "\x00", "\ufeff", "a" * 300, "a." * 40 + "b = 1"]
    ),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A shipped scenario in which some lines were lost, repeated, swapped or overwritten."""
    lines = draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(EDITS)):
            case "delete" if len(lines) > 1:
                del lines[at]
            case "repeat":
                lines.insert(other, lines[at])
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                lines[at] = f"{lines[at].partition('=')[0]}= {draw(scraps)}"
            case "key":
                lines[at] = f"{draw(st.sampled_from(NAMES))} ={lines[at].partition('=')[2]}"
            case _:
                cut = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut] + draw(scraps) + lines[at][cut:]
    return "\n".join(lines)


@many
@given(mutated())
def test_mutated_scenarios(text: str) -> None:
    check_sound(None, text)


@many
@given(st.dictionaries(st.sampled_from(keys()), values, max_size=8))
def test_any_value_at_any_key(sets: dict[str, Any]) -> None:
    check_sound("five_lives", sets=sets)


@many
@given(st.lists(st.one_of(
    st.text(max_size=30),
    st.builds("{}={}".format, st.sampled_from(keys()), scraps),
    st.builds("arms.{}.{}={}".format, st.sampled_from(["0", "9", "bought", "x"]),
              st.sampled_from(NAMES), scraps),
    st.builds("arms.bought.set.{}={}".format, st.sampled_from(keys()), scraps),
), max_size=4))  # fmt: skip
def test_any_text_behind_set(sets: list[str]) -> None:
    check_sound("hello", sets=sets)


@many
@given(st.one_of(st.text(), st.lists(scraps, max_size=8).map("\n".join)))
def test_any_text(text: str) -> None:
    check_sound(None, text)


@many
@given(
    st.sampled_from(TEXTS).map(str.encode),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=5),
    st.floats(0, 1),
)
def test_truncated_and_overwritten_bytes(
    data: bytes, patches: list[tuple[float, bytes]], end: float
) -> None:
    broken = bytearray(data)
    for where, patch in patches:
        at = int(where * len(broken))
        broken[at : at + len(patch)] = patch
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "broken.toml")
        path.write_bytes(broken[: int(end * len(broken)) + 1])
        check_sound(path)
