"""What is generated from the schema, and the READMEs."""

import json
import re
import shutil
from pathlib import Path

import pytest

from sim import scenario as package
from sim.scenario import (
    ScenarioError,
    UnknownKey,
    describe,
    docs,
    example,
    json_schema,
    load,
    loads,
    schema_file,
    shipped,
    source,
    template,
)
from sim.scenario.catalogue import keys, nodes
from sim.scenario.documents import parameter_tables

PACKAGE = Path(package.__file__).parent
READMES = [PACKAGE / "README.md", source.shipped_folder() / "README.md"]


def test_the_schema_for_editors_is_fresh() -> None:
    assert schema_file.schema_path().read_text(encoding="utf-8") == schema_file.schema_text(), (
        "stale: run python -m sim.scenario.schema_file"
    )


@pytest.mark.parametrize("name", docs.GENERATED)
def test_the_generated_parts_are_fresh(name: str) -> None:
    path, text = docs.renewed(name)
    assert f"<!-- {name} -->" in text
    assert path.read_text(encoding="utf-8") == text, "stale: run python -m sim.scenario.docs"


def test_regenerating_writes_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in READMES:
        text = re.sub(
            r"(<!-- ([a-z]+) -->).*?(<!-- /\2 -->)", r"\1\n\3", path.read_text(), flags=re.DOTALL
        )
        target = tmp_path / path.parent.name / "README.md"
        target.parent.mkdir()
        target.write_text(text)
    monkeypatch.setattr(docs, "shipped_folder", lambda: tmp_path / "scenarios")
    monkeypatch.setattr(docs, "__file__", str(tmp_path / "scenario" / "docs.py"))
    monkeypatch.setattr(schema_file, "shipped_folder", lambda: tmp_path)
    docs.main()
    schema_file.main()
    for path in READMES:
        assert (tmp_path / path.parent.name / "README.md").read_text() == path.read_text()
    assert json.loads((tmp_path / "schema.json").read_text()) == json_schema()
    assert "wrote schema.json" in capsys.readouterr().out


def test_the_schema_names_every_setting_with_unit_and_source() -> None:
    schema = json_schema()
    assert schema["properties"]["world"]["properties"]["accounts"] == {
        "default": 10_000,
        "description": "Ordinary accounts at the start.",
        "maximum": 20_000_000,
        "minimum": 20,
        "source": "design",
        "type": "integer",
        "unit": "accounts",
    }
    assert schema["additionalProperties"] is False
    assert "$ref" not in json.dumps(schema)


@pytest.mark.parametrize("key", keys())
def test_every_key_is_described(key: str) -> None:
    found = describe(key)
    assert found.key == key
    assert found.text.endswith(".")
    assert found.unit
    assert found.source
    assert found.range
    assert key.rpartition(".")[2] in found.example
    assert found.keys or f"| `{key}` |" in parameter_tables()


def test_the_example_of_a_key_loads() -> None:
    sections = ("platform", "behaviour", "population", "world", "events", "arms.set")
    for key in (key for key in keys() if key.startswith(sections)):
        if key in ("world.file", "events"):
            continue
        text = describe(key).example
        loads(text.replace("[[arms]]", '[[arms]]\nname = "a"'))


def test_description_of_a_setting() -> None:
    found = describe("world.accounts")
    assert (found.default, found.unit, found.source) == ("10000", "accounts", "design")
    assert found.range == "a whole number from 20 to 20,000,000"
    assert found.example == "[world]\naccounts = 10000"
    assert describe("platform.vendors[0].decay_per_day").key == "platform.vendors.decay_per_day"


def test_description_of_a_section() -> None:
    assert describe("behaviour.prices").keys[0] == "behaviour.prices.self_talk"
    assert describe("platform.sponsors").keys[0] == "platform.sponsors.per_1000_followers"
    assert describe("platform.sponsors").example == "[platform.sponsors]"
    assert "platform.sponsors" in describe("platform").keys
    assert describe("arms").range == "a list of tables"


def test_description_of_strategies() -> None:
    assert "strategies.beg" in describe("strategies").keys
    assert "strategies.beg.milestones" in describe("strategies.beg").keys
    found = describe("strategies.buyer.amount")
    assert (found.default, found.unit) == ("5000", "followers")
    loads(found.example)


@pytest.mark.parametrize(
    ("key", "close"),
    [
        ("platform.rankng", "platform.ranking"),
        ("ranking", "platform.ranking"),
        ("rankng", "platform.ranking"),
        ("strategies.begg", "strategies.beg"),
        ("strategies.beg.milestone", "strategies.beg.milestones"),
    ],
)
def test_unknown_keys_are_corrected(key: str, close: str) -> None:
    with pytest.raises(UnknownKey) as caught:
        describe(key)
    assert caught.value.close[0] == close
    assert str(caught.value).startswith(f"{key}: there is no such key. Did you mean {close}")


def test_an_unknown_key_like_nothing() -> None:
    with pytest.raises(UnknownKey, match=r"^xyzzy: there is no such key\.$"):
        describe("xyzzy")


def test_the_example_has_every_key() -> None:
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    written = {line.partition(" = ")[0].strip("[]").rpartition(".")[2] for line in lines}
    assert {key.rpartition(".")[2] for key in nodes()} <= written
    assert loads(example()).arm_names == ("organic", "bought")


def test_the_template_loads(tmp_path: Path) -> None:
    path = tmp_path / "my_first.toml"
    path.write_text(template("my_first"))
    scenario = load(path)
    assert scenario.scenario.name == "my_first"
    assert len(scenario.arms) == 3


@pytest.mark.parametrize("name", ["", "a b", "../a", "é", ".a", "a" * 41, "a\n"])
def test_no_template_with_an_impossible_name(name: str) -> None:
    with pytest.raises(ScenarioError, match="must be up to 40 letters"):
        template(name)


@pytest.mark.parametrize("path", READMES, ids=["package", "scenarios"])
def test_the_code_in_the_readmes_works(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```(\w+)\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    for indent, language, code in blocks:
        code = re.sub(f"^{indent}", "", code, flags=re.MULTILINE)
        if language == "toml":
            loads(code)
        elif language == "python":
            exec(code, {})
        elif language == "text":
            assert capsys.readouterr().out == code
    assert {language for _, language, _ in blocks} & {"toml", "python"}


def test_every_scenario_is_in_the_readme() -> None:
    text = READMES[1].read_text(encoding="utf-8")
    for file in shipped().values():
        name = file.relative_to(source.shipped_folder()).as_posix()
        assert f"[`{name}`]({name})" in text


def test_the_scenarios_of_a_wheel_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "sim" / "scenario" / "source.py"
    place.parent.mkdir(parents=True)
    monkeypatch.setattr(source, "__file__", str(place))
    assert source.shipped() == {}
    shutil.copytree(READMES[1].parent, tmp_path / "sim" / "_scenarios")
    assert source.shipped()["hello"] == tmp_path / "sim" / "_scenarios" / "hello.toml"
    assert "needy_unfollowed" in source.shipped()
    assert load("hello").scenario.name == "hello"
