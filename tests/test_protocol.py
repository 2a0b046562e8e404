"""The model's description in `sim/README.md`: complete and fresh."""

import re
from pathlib import Path
from typing import Any

import pytest

from sim.kernels.layout import Purpose, Total
from sim.metrics import MEASURES
from sim.model import PHASES
from sim.scenario import loads, toml
from sim.scenario.catalogue import describe, nodes
from sim.scenario.protocol import parts
from sim.scenario.protocol.codes import MEANINGS, PURPOSES
from sim.scenario.protocol.markdown import table
from sim.scenario.protocol.mechanisms import MECHANISMS, SCALES, model_keys
from sim.scenario.protocol.records import COUNTERS, RECORDS
from sim.scenario.protocol.sources import EVIDENCE, SOURCES, named_in, unexplained
from sim.settings import Behaviour
from sim.strategies.catalogue import entry

TEXT = parts.README.read_text(encoding="utf-8")

# The sections of ODD+D, and how many guiding questions each has (Müller et al. 2013).
SECTIONS = {
    "I.i Purpose and patterns": 2,
    "I.ii Entities, state variables and scales": 5,
    "I.iii Process overview and scheduling": 1,
    "II.i Theoretical and empirical background": 5,
    "II.ii Individual decision making": 8,
    "II.iii Learning": 2,
    "II.iv Individual sensing": 5,
    "II.v Individual prediction": 3,
    "II.vi Interaction": 4,
    "II.vii Collectives": 2,
    "II.viii Heterogeneity": 2,
    "II.ix Stochasticity": 1,
    "II.x Observation": 2,
    "III.i Implementation details": 2,
    "III.ii Initialisation": 3,
    "III.iii Input data": 1,
    "III.iv Submodels": 3,
}


def section(title: str) -> str:
    """What stands under a heading of the second order."""
    found = re.search(f"^## {re.escape(title)}\n(.*?)(?=^##? |\\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, f"there is no section {title}"
    return found[1]


def hand_written() -> str:
    """The description without what is generated."""
    return re.sub(r"<!-- (\w+) -->.*<!-- /\1 -->", "", TEXT, flags=re.DOTALL)


# ---- generated parts ------------------------------------------------------------------------


@pytest.mark.parametrize("name", parts.GENERATED)
def test_the_generated_parts_are_fresh(name: str) -> None:
    assert TEXT.count(f"<!-- {name} -->") == TEXT.count(f"<!-- /{name} -->") == 1
    assert parts.renewed(name, TEXT) == TEXT, "stale: run python -m sim.scenario.protocol"


def test_a_stale_part_is_noticed() -> None:
    odds = f"| `behaviour.like_odds` | `{Behaviour().like_odds}` |"
    stale = TEXT.replace(odds, "| `behaviour.like_odds` | `0.5` |")
    assert stale != TEXT
    assert parts.renewed("parameters", stale) == TEXT


def test_regenerating_writes_all_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = re.sub(r"(<!-- (\w+) -->\n).*(<!-- /\2 -->)", r"\1\3", TEXT, flags=re.DOTALL)
    path = tmp_path / "README.md"
    path.write_text(blank, encoding="utf-8")
    monkeypatch.setattr(parts, "README", path)
    parts.main()
    assert len(blank) < len(TEXT)
    assert path.read_text(encoding="utf-8") == TEXT
    assert "parameters, measures" in capsys.readouterr().out


def test_cells_do_not_break_a_table() -> None:
    assert table("a | b", [("1|2", "3")]) == "| a | b |\n|---|---|\n| 1/2 | 3 |"


# ---- the sections of ODD+D ------------------------------------------------------------------


def test_every_section_is_there_in_order() -> None:
    titles = re.findall(r"^##? (.+)$", TEXT, re.MULTILINE)
    elements = ["I Overview", "II Design concepts", "III Details"]
    wanted = [
        *(title for element in elements for title in (element, *_sections_of(element))),
        "Sources",
    ]
    assert [title for title in titles if title in wanted] == wanted


def _sections_of(element: str) -> list[str]:
    return [title for title in SECTIONS if title.split(".")[0] == element.split()[0]]


@pytest.mark.parametrize(("title", "questions"), SECTIONS.items())
def test_every_guiding_question_is_answered(title: str, questions: int) -> None:
    answered = re.findall(r"\*\*\(([a-h](?:, [a-h])*)\)", section(title))
    assert ", ".join(answered).split(", ") == [*"abcdefgh"[:questions]]


def test_the_phases_are_those_of_the_model() -> None:
    overview = section("I.iii Process overview and scheduling")
    assert tuple(re.findall(r"^\d\. \*\*(\w+)\*\*", overview, re.MULTILINE)) == PHASES
    exact = re.findall(r"^### (\d)\. (\w+)", TEXT, re.MULTILINE)
    assert exact == [(str(k), name.capitalize()) for k, name in enumerate(PHASES, 1)]


def test_every_link_within_the_text_leads_somewhere() -> None:
    titles = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    links = set(re.findall(r"\]\(#([^)]+)\)", TEXT))
    assert links
    assert links <= anchors


def test_both_protocols_are_cited() -> None:
    assert "Grimm, V. et al. (2020)" in TEXT
    assert "23(2) 7" in TEXT
    assert "Müller, B. et al. (2013)" in " ".join(TEXT.split())
    assert "48, 37–48" in TEXT


# ---- state variables and codes --------------------------------------------------------------


@pytest.mark.parametrize("name", RECORDS)
def test_every_state_variable_is_explained(name: str) -> None:
    record = RECORDS[name]
    assert tuple(record.fields) == record.kind.names
    assert all(field.unit and field.meaning for field in record.fields.values())


def test_every_counter_is_explained() -> None:
    assert [*COUNTERS, Total.SIZE] == [*Total]


def test_every_code_is_explained() -> None:
    for kind, meanings in MEANINGS.items():
        assert [*meanings] == [*kind]
        for member in kind:
            assert f"| {kind.__name__} | {int(member)} | `{member.name}` |" in TEXT


def test_every_purpose_of_a_draw_is_explained() -> None:
    assert set(PURPOSES) == set(Purpose)
    for purpose in Purpose:
        assert f"| {int(purpose)} | `{purpose.name}` |" in TEXT


# ---- parameters, measures, mechanisms, strategies -------------------------------------------


@pytest.mark.parametrize("key", model_keys())
def test_every_parameter_is_in_the_table_with_unit_range_and_source(key: str) -> None:
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{key}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    told = describe(key)
    assert (cells[2], cells[4], cells[5]) == (told.unit, told.source, told.text)
    assert cells[3]


def test_ranges_say_what_is_admitted() -> None:
    for row in (
        "| `world.closure` | `0.3` | share | [0, 1] |",
        "| `behaviour.like_epsilon` | `0.2` | value | (0, 1] |",
        "| `platform.counts_visible` | `true` | - | true, false |",
        '| `platform.reach` | `"impression"` | - | "impression", "follower" |',
        "| `world.file` |  | path | text |",
        "| `protagonists.params` | `{}` | - | table |",
    ):
        assert row in TEXT


@pytest.mark.parametrize(("name", "measure"), MEASURES.items())
def test_every_measure_is_in_the_table(name: str, measure: Any) -> None:
    of = "platform" if measure.of_platform else "account"
    assert f"| `{name}` | {measure.label} | {measure.unit} | {of} |" in TEXT
    assert f"| {measure.definition} | {measure.source} |" in TEXT


def test_every_setting_belongs_to_a_mechanism_or_a_scale() -> None:
    governed = {key for one in MECHANISMS.values() for key in one.keys}
    assert governed <= set(nodes())
    assert governed.isdisjoint(SCALES)
    assert set(model_keys()) <= governed | set(SCALES)


def switched_off(name: str) -> str:
    """A scenario in which a mechanism is off."""
    lines: dict[str, list[str]] = {}
    for key, value in MECHANISMS[name].off.items():
        place, _, setting = key.rpartition(".")
        lines.setdefault(place, []).append(f"{setting} = {toml.value(value)}")
    heads = {"platform.vendors": "[[platform.vendors]]"}
    return "\n".join(
        "\n".join([heads.get(place, f"[{place}]"), *settings]) for place, settings in lines.items()
    )


@pytest.mark.parametrize("name", MECHANISMS)
def test_what_switches_a_mechanism_off_can_be_set(name: str) -> None:
    settings = loads(switched_off(name)).settings()
    for key, value in MECHANISMS[name].off.items():
        found: Any = settings
        for part in key.split("."):
            found = found[part][0] if isinstance(found[part], list) else found[part]
        assert found == value


@pytest.mark.parametrize("strategy", parts.shipped(), ids=lambda strategy: strategy.name)
def test_every_strategy_is_stated(strategy: Any) -> None:
    text = section("Strategies")
    assert f"| `{strategy.name}` | {entry(strategy).summary.replace('``', '`')}" in text
    assert f"**`{strategy.name}`**" in text, "state in sim/README.md, Strategies, what it plans"


# ---- sources --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [key for key in nodes() if describe(key).source])
def test_the_source_of_every_setting_is_explained(key: str) -> None:
    assert unexplained(describe(key).source) == []


@pytest.mark.parametrize("name", MEASURES)
def test_the_source_of_every_measure_is_explained(name: str) -> None:
    assert unexplained(MEASURES[name].source) == []


@pytest.mark.parametrize("strategy", parts.shipped(), ids=lambda strategy: strategy.name)
def test_the_sources_of_every_strategy_are_explained(strategy: Any) -> None:
    said = entry(strategy).source
    assert named_in(said) or "the design of the experiment" in said
    for name in strategy.Params.model_fields:
        assert unexplained(describe(f"strategies.{strategy.name}.{name}").source) == []


def test_unexplained_sources_are_found() -> None:
    assert unexplained("design") == []
    assert unexplained("calibrated; Pew 2019 (a tenth writes 80 %)") == []
    assert unexplained("Pew 2019; Somebody 1999") == ["Somebody 1999"]
    assert unexplained("calibrated on moon dust") == ["calibrated on moon dust"]
    assert unexplained("") == [""]


def test_every_listed_source_is_used() -> None:
    named = [describe(key).source for key in nodes()]
    named += [measure.source for measure in MEASURES.values()]
    named += [entry(strategy).source for strategy in parts.shipped()]
    used = named_in("\n".join([*named, " ".join(hand_written().split())]))
    assert used == {source.name for source in SOURCES}
    assert {grade for source in SOURCES for grade in source.evidence.split(", ")} <= {*EVIDENCE}
