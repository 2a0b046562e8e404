"""Calibration: the misfit of a check, the search that goes on, and the record of it."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.calibration import record, study
from sim.calibration.study import MissingExtra, Setup, Trial, calibrate, trials
from sim.calibration.targets import FREE, default_of, misfit
from sim.cli import main
from sim.scenario import loads
from sim.validation.checks import CHECKS, Check

SETUP = Setup(accounts=300, seeds=1, days=5)
HAS_OPTUNA = importlib.util.find_spec("optuna") is not None
needs_optuna = pytest.mark.skipif(not HAS_OPTUNA, reason="optuna is not installed")


def by_key(key: str) -> Check:
    return next(check for check in CHECKS if check.key == key)


@pytest.mark.parametrize(
    ("key", "value", "cost"),
    [
        ("1", 0.235, 0), ("1", 0.235 + 0.0325, 0), ("1", 0.30, 1), ("1", 0.17, 1),
        ("1", 0.3325, 2), ("1", np.nan, 5), ("1", 9.0, 5),
        ("13", -0.15, 1), ("13", -0.20, 0), ("13", -0.10, 2),
        ("D1", 1.0, 1), ("D1", 1.4, 0), ("D2", 0.0, 0), ("D2", 1.0, 1),
        ("9a", 0.0, 1), ("16a", 0.0, 0),
    ],
)  # fmt: skip
def test_misfit(key: str, value: float, cost: float) -> None:
    """0 in the middle half of a band, 1 at its ends, at most 5; a natural 0 is no end."""
    assert misfit(by_key(key), value) == pytest.approx(cost)


def test_every_free_setting_can_be_set() -> None:
    for free in FREE:
        assert free.low <= default_of(free.key) <= free.high
        for value in (free.low, free.high):
            loads("", sets={free.key: value})


def fake(settings: object, setup: Setup) -> dict[str, float | None]:
    """Values that depend on one setting only, without any world."""
    assert isinstance(settings, dict)
    values: dict[str, float | None] = {c.key: (c.low + c.high) / 2 for c in CHECKS}
    return values | {"5": 100 * settings["behaviour.mute"], "13": -0.3, "D1": 2.0, "17": None}


@needs_optuna
def test_a_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The defaults come first; what is there is not tried again; more trials find a lower loss."""
    monkeypatch.setattr(study, "_tried", fake)
    some = calibrate(SETUP, tmp_path, 3, workers=1)
    assert some[0].settings == {free.key: default_of(free.key) for free in FREE}
    assert np.isnan(some[0].values["17"])
    heard: list[Trial] = []
    more = calibrate(SETUP, tmp_path, 8, workers=1, on_trial=heard.append)
    assert more[:3] == some or [t.settings for t in more[:3]] == [t.settings for t in some]
    assert [trial.number for trial in heard] == [3, 4, 5, 6, 7]
    assert min(t.loss for t in more) < more[0].loss
    assert calibrate(SETUP, tmp_path, 20, minutes=0, workers=1)[:8][-1].number == 7


@needs_optuna
def test_looking_disturbs_no_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials are shown while others are under way; those that were killed are given up."""
    counted: list[int] = []

    def look(settings: object, setup: Setup) -> dict[str, float | None]:
        counted.append(len(trials(SETUP, tmp_path)))
        return fake(settings, setup)

    monkeypatch.setattr(study, "_tried", look)
    assert trials(SETUP, tmp_path) == []
    every = calibrate(SETUP, tmp_path, 5, workers=1)
    assert counted == [0, 0, 0, 0, 4]
    assert len({tuple(trial.settings.values()) for trial in every}) == 5
    study._study(SETUP.folder(tmp_path)).ask()  # as if killed
    assert [trial.number for trial in calibrate(SETUP, tmp_path, 6, workers=1)] == [*range(5), 6]


@needs_optuna
def test_a_first_round_that_was_killed_begins_again_with_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(settings: object, setup: Setup) -> dict[str, float | None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "_tried", die)
    with pytest.raises(KeyboardInterrupt):
        calibrate(SETUP, tmp_path, 4, workers=1)
    monkeypatch.setattr(study, "_tried", fake)
    every = calibrate(SETUP, tmp_path, 4, workers=1)
    default = {free.key: default_of(free.key) for free in FREE}
    assert [trial.settings == default for trial in every] == [True, False, False, False]


@needs_optuna
def test_other_worlds_are_another_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "_tried", fake)
    calibrate(SETUP, tmp_path, 1, workers=1)
    assert trials(Setup(accounts=301, seeds=1, days=5), tmp_path) == []


@needs_optuna
def test_the_command_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(study, "_tried", fake)
    readme = tmp_path / "README.md"
    readme.write_text("<!-- calibration -->\n<!-- /calibration -->\n", encoding="utf-8")
    assert main(["calibrate", "--trials", "4", "--workers", "1", "--out", str(tmp_path)]) == 0
    assert "Best of 4" in capsys.readouterr().out
    kept = json.loads((tmp_path / "calibration" / "record.json").read_text(encoding="utf-8"))
    assert kept["trials"] == 4
    assert kept["best"]["loss"] <= kept["defaults"]["loss"]
    assert (tmp_path / "calibration" / "fit.png").is_file()
    said = readme.read_text(encoding="utf-8")
    assert "4 trials" in said
    assert all(f"`{free.key}`" in said for free in FREE)


def test_without_optuna_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra):
        calibrate(SETUP, tmp_path, 1, workers=1)
    assert main(["calibrate", "--out", str(tmp_path)]) == 2
    assert "pip install 'followlab[calibration]'" in capsys.readouterr().err


def test_sureness_tells_what_the_loss_depends_on(tmp_path: Path) -> None:
    """A loss of one setting alone: its spread among good trials is small, others' near 1.

    Of 40 uniform places the standard deviation is 1/√12 within four errors of about 7 %.
    """
    rng = np.random.default_rng(5)
    made = []
    for number in range(200):
        settings = {f.key: f.low * (f.high / f.low) ** rng.random() if f.is_log
                    else rng.uniform(f.low, f.high) for f in FREE}  # fmt: skip
        loss = abs(np.log(settings["behaviour.mute"] / 0.1)) + 0.01
        made.append(Trial(number, settings, float(loss), {c.key: 0.2 for c in CHECKS}))
    known = record.surely(made)
    assert known.spread["behaviour.mute"] < 0.4
    others = [v for key, v in known.spread.items() if key not in ("behaviour.mute",)]
    assert np.mean(others) == pytest.approx(1, abs=0.15)
    x, y = known.profile["behaviour.mute"]
    assert 0.3 < x[np.nanargmin(y)] < 0.6
    paths = record.write(SETUP, made, tmp_path)
    assert {path.name for path in paths} == {"record.json", "trials.csv", "fit.png", "sureness.png"}
    assert {path.parent for path in paths} == {SETUP.folder(tmp_path)}, "not of record"
