"""The scanner finds every key and value where the parser found them."""

import tomllib
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import toml
from sim.scenario.positions import Place, dotted, locate


def paths(value: Any, path: tuple[str | int, ...] = ()) -> dict[str, Any]:
    """Every path into parsed TOML, with what is there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, Any] = {}
    for part, item in inner:
        found[dotted((*path, part))] = item
        if isinstance(item, dict | list):
            found |= paths(item, (*path, part))
    return found


def cut(text: str, place: Place) -> str:
    line = text.split("\n")[place.line - 1]
    return line[place.column - 1 : place.column - 1 + place.width]


TEXT = dedent('''\
    top = 1 # comment with "quotes" and a = b
    a.b . "c d" = 'literal # no comment'

    [section] # comment
    text = """
    [no.section]
    key = "no key"
    """ # comment
    after = """x""""
    lines = \'\'\'
    more = 1\'\'\'
    list = [ # comment
      1, [2, 3], # more = 4
      { x = 5, "y.z" = [6] },
    ]
    date = 1979-05-27 07:32:00
    dates = [1979-05-27 07:32:00, 1980-01-01]
    "quoted \\"key\\"" = ""

    [[arms]]
    name = "a"
    [arms.set]
    platform.ranking = "x"
    [[arms.events]]
    day = 1
    [[arms.events]]
    day = 2

    [[arms]]
    events = [{ day = 3 }]
    [ "arms" . "new table" ]
    x = {}
    ''')


@pytest.mark.parametrize(
    ("key", "line", "cut_out"),
    [
        ("top", 1, "top"),
        ("a", 2, "a"),
        ("a.b.c d", 2, '"c d"'),
        ("section", 4, "section"),
        ("section.text", 5, "text"),
        ("section.after", 9, "after"),
        ("section.list", 12, "list"),
        ("section.list.1.1", 13, "3"),
        ("section.list.2", 14, '{ x = 5, "y.z" = [6] }'),
        ("section.list.2.y.z", 14, '"y.z"'),
        ("section.date", 16, "date"),
        ('section.quoted "key"', 18, r'"quoted \"key\""'),
        ("arms", 20, "arms"),
        ("arms.0", 20, "arms"),
        ("arms.0.set.platform.ranking", 23, "ranking"),
        ("arms.0.events.1", 26, "events"),
        ("arms.0.events.1.day", 27, "day"),
        ("arms.1", 29, "arms"),
        ("arms.1.events.0.day", 30, "day"),
        ("arms.1.new table.x", 32, "x"),
    ],
)
def test_keys(key: str, line: int, cut_out: str) -> None:
    place = locate(TEXT)[0][key]
    assert (place.line, cut(TEXT, place)) == (line, cut_out)


def test_everything_that_the_parser_found_has_a_place() -> None:
    keys, values = locate(TEXT)
    found = paths(tomllib.loads(TEXT))
    assert keys.keys() == found.keys()
    for path, place in values.items():
        if not cut(TEXT, place).endswith(('"""', "'''", "[ # comment")):
            assert tomllib.loads(f"x = {cut(TEXT, place)}")["x"] == found[path]


leaves = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.datetimes(),
)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="."), max_size=6)
tables = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=12,
)
documents = st.dictionaries(names, tables, max_size=4)
noise = st.sampled_from(["", "\n", "\n# a = 1\n", "\n\n[", " # [[a]]\n"])


@settings(max_examples=500, deadline=None, derandomize=True)
@given(documents, st.lists(noise, min_size=1))
def test_whatever_is_written_is_found(document: dict[str, Any], between: list[str]) -> None:
    text = ""
    for number, (name, value) in enumerate(document.items()):
        gap = between[number % len(between)]
        text += gap.replace("[", "#") + "\n" + written(toml.key(name), value)
    parsed = tomllib.loads(text)
    keys, values = locate(text)
    assert keys.keys() == paths(parsed).keys()
    for path, item in paths(parsed).items():
        if path in values:
            assert tomllib.loads(f"x = {cut(text, values[path])}")["x"] == item


def written(name: str, value: Any) -> str:
    """A table as a section, a list of tables as sections, and the rest in a section of its own."""
    if isinstance(value, dict):
        lines = [f"{toml.key(key)} = {toml.value(item)}\n" for key, item in value.items()]
        return f"[{name}]\n" + "".join(lines)
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return "".join(written(f"[{name}]", item) for item in value)
    return f"[{name}.inner]\nvalue . here = {toml.value(value)}\n"


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    locate(text)
