"""Checkpoints: what is loaded lives on as what was saved; what is damaged is refused."""

import dataclasses
import json
import shutil
from functools import partial
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import worlds
from sim import checkpoint
from sim.checkpoint import CheckpointError
from sim.model import FollowerModel, burn_in
from sim.scenario import Scenario
from sim.world.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """A world after its burn-in, with posts, notices and orders under way."""
    return worlds.burnt(worlds.busy())


@pytest.fixture
def saved(world: World, tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    checkpoint.save(world, folder)
    return folder


def test_a_world_comes_back_whole(world: World, saved: Path) -> None:
    loaded = checkpoint.load(saved)
    assert worlds.dump(loaded) == worlds.dump(world)
    for name in (
        "seed",
        "initial",
        "rows",
        "hour",
        "start_day",
        "arrived",
        "strategies",
        "settings",
    ):
        assert getattr(loaded, name) == getattr(world, name), name
    for name in ("notices", "schedule", "inbox", "orders", "bought"):
        assert getattr(loaded, name).tolist() == getattr(world, name).tolist(), name
        assert getattr(loaded, name).dtype == getattr(world, name).dtype, name


def test_nothing_that_a_world_holds_is_forgotten() -> None:
    """``sweeps_due`` is empty between ticks; ``state`` and ``columns`` are saved array by array."""
    kept = {*checkpoint._SCALARS, *checkpoint._PENDING}
    fields = {field.name for field in dataclasses.fields(World)}
    assert fields - kept == {"settings", "state", "strategies", "columns", "sweeps_due"}


def test_it_lives_on_to_the_same_hash(world: World, saved: Path) -> None:
    made = worlds.busy()
    plain = worlds.live(FollowerModel(made, world=world.fork()), 12)
    again = worlds.live(FollowerModel(made, world=checkpoint.load(saved)), 12)
    assert again.state_hash() == plain.state_hash()
    assert again.measures() == pytest.approx(plain.measures(), nan_ok=True, abs=0)


def test_a_world_in_the_midst_of_an_arm_comes_back(tmp_path: Path) -> None:
    """With what strategies remember, orders and the window of posts."""
    model = worlds.live(worlds.model(worlds.busy()), 3)
    assert model.world.columns
    assert len(model.world.orders)
    checkpoint.save(model.world, tmp_path / "day3")
    loaded = checkpoint.load(tmp_path / "day3")
    assert loaded.columns.keys() == model.world.columns.keys()
    for name, column in model.world.columns.items():
        assert np.array_equal(loaded.columns[name], column)
    again = FollowerModel(worlds.busy(), world=loaded)
    for one in (model, again):
        worlds.live(one, 5)
    budget = ("dollars",)  # an arm gives its protagonists their budget when it begins
    assert worlds.dump(again.world, budget) == worlds.dump(model.world, budget)


def test_an_older_checkpoint_is_replaced(world: World, saved: Path) -> None:
    other = world.fork()
    other.hour += 24
    checkpoint.save(other, saved)
    assert checkpoint.load(saved).hour == world.hour + 24
    assert [p.name for p in saved.parent.iterdir()] == [saved.name], "something was left behind"


def test_nothing_is_pickled(saved: Path) -> None:
    for file in saved.glob("*.npy"):
        np.load(file, allow_pickle=False)
    assert {file.suffix for file in saved.iterdir()} == {".npy", ".json"}


def test_a_failed_save_leaves_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save(world, tmp_path / "world")
    assert list(tmp_path.iterdir()) == []


def test_a_burn_in_goes_on(tmp_path: Path) -> None:
    made = worlds.busy()
    place = tmp_path / "world"

    def keep(world: World) -> None:
        if world.day == -2:
            checkpoint.save(world, place)

    whole = burn_in(made, 1, on_world=keep)
    days: list[int] = []
    again = burn_in(made, 1, begun=checkpoint.load(place), on_day=days.append)
    assert days == [-1, 0]
    assert worlds.dump(again) == worlds.dump(whole)


# ---- models -------------------------------------------------------------------------------

DAYS = 20
TICKS = 4  # a day


def give_orders(model: FollowerModel) -> None:
    """Tell some accounts what to do tomorrow, two of them twice."""
    one, two, *_ = model.accounts
    for agent in (two, one, two):
        agent.post(12.0)
        agent.follow(model.agent_of(int(np.flatnonzero(model.world.accounts["alive"])[-1])))


def advance(model: FollowerModel, ticks: float, to: int) -> None:
    """Live on to a tick; orders are given on the evening of day 6."""
    while (now := model.world.hour * TICKS // 24 - model.world.start_day * TICKS) < min(ticks, to):
        model.step()
        if now == 6 * TICKS + 2:
            give_orders(model)


@pytest.fixture(scope="module")
def undisturbed() -> FollowerModel:
    model = worlds.model(worlds.busy(days=DAYS))
    advance(model, inf, DAYS * TICKS)
    return model


def assert_alike(one: FollowerModel, two: FollowerModel) -> None:
    """Compare all that a run hands out, order and types included."""
    assert one.state_hash() == two.state_hash()
    assert worlds.alike(one, two)
    assert str(one.measures()) == str(two.measures())
    tables = two.tables()
    for name, table in one.tables().items():
        assert table.equals(tables[name]), name
        assert list(table.dtypes) == list(tables[name].dtypes)
    collected = [m.datacollector.get_model_vars_dataframe() for m in (one, two)]
    assert collected[0].equals(collected[1])
    assert one.account_digests().tolist() == two.account_digests().tolist()


# The start, mornings, the tick after orders were given, hours at which settings have changed, a
# strategy was brought, a sweep came, and the last tick but one.
@pytest.mark.parametrize("tick", [0, 1, 18, 27, 28, 29, 34, 39, 55, DAYS * TICKS - 1])
def test_a_model_lives_on_from_any_tick(
    undisturbed: FollowerModel, tmp_path: Path, tick: int
) -> None:
    made = worlds.busy(days=DAYS)
    model = worlds.model(made)
    advance(model, tick, DAYS * TICKS)
    model.save(tmp_path / "model")
    again = FollowerModel.load(tmp_path / "model", made, threads=2)
    assert len(again.recorder.lives) > 10
    advance(again, inf, DAYS * TICKS)
    assert_alike(undisturbed, again)


def test_saving_changes_nothing_and_can_be_done_again_and_again(
    undisturbed: FollowerModel, tmp_path: Path
) -> None:
    """Also of a model that was loaded; what it then saves is the same to the byte."""
    made = worlds.busy(days=DAYS)
    model = worlds.model(made)
    for tick in range(10, DAYS * TICKS, 10):
        advance(model, tick, DAYS * TICKS)
        model.save(tmp_path / "one")
        model = FollowerModel.load(tmp_path / "one", made)
        model.save(tmp_path / "two")
        headers = [(tmp_path / name / "header.json").read_bytes() for name in ("one", "two")]
        assert headers[0] == headers[1]  # with the SHA-256 of every array
    advance(model, inf, DAYS * TICKS)
    assert_alike(undisturbed, model)


def test_tables_that_were_looked_at_on_the_way_change_nothing(tmp_path: Path) -> None:
    """They note the warmth of follows, which those that end later keep."""
    made = worlds.busy(days=DAYS)
    model = worlds.model(made)
    advance(model, 40, DAYS * TICKS)
    model.tables()
    model.save(tmp_path / "model")
    again = FollowerModel.load(tmp_path / "model", made)
    for one in (model, again):
        advance(one, inf, DAYS * TICKS)
    assert_alike(model, again)


def test_a_model_without_protagonists_can_be_saved(tmp_path: Path) -> None:
    """That is one in the midst of its burn-in."""
    made = worlds.busy()
    seen: list[World] = []
    burn_in(made, 1, on_world=lambda world: seen.append(world.fork()))
    model = FollowerModel(made, world=seen[0])
    model.save(tmp_path / "model")
    again = FollowerModel.load(tmp_path / "model", made)
    for one in (model, again):
        one.step()
    assert worlds.alike(model, again)


ODD = ("", "nan", "\0", "x\0", "é 😀", '"', "other")


def test_lists_of_rows_come_back_as_they_were() -> None:
    kinds = {"uid": "u8", "day": "f8", "label": "text", "seen": "?"}
    numbers = (0.1, -0.0, 1e300, 5e-324, inf, 3.0, 2**53 - 1.0)
    uids = (0, 1, 2**63, 2**64 - 1, 3, 4, 5)
    rows = [(*row, k % 2 == 0) for k, row in enumerate(zip(uids, numbers, ODD, strict=True))]
    for some in (rows, rows * 3, rows[:1], []):
        packed = checkpoint.pack("rows", some, kinds)
        again = checkpoint.unpack("rows", packed)
        assert repr(again) == repr(some)
    assert repr(checkpoint.unpack("x", checkpoint.pack("x", [(nan,)], {"y": "f8"}))) == "[(nan,)]"


# ---- refused ------------------------------------------------------------------------------


def arrays(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npy"), key=lambda file: file.stat().st_size)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no saved world here"):
        checkpoint.load(tmp_path)


def test_a_torn_array_is_refused(saved: Path) -> None:
    file = arrays(saved)[-1]
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(saved)


def test_an_altered_array_is_refused(saved: Path) -> None:
    file = arrays(saved)[-1]
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"{file.name}: damaged"):
        checkpoint.load(saved)


def test_a_missing_array_is_refused(saved: Path) -> None:
    arrays(saved)[0].unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(saved)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"x"', "{}", '{"format": 1}', "\udcff"])
def test_a_header_that_is_none_is_refused(saved: Path, text: str) -> None:
    (saved / "header.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CheckpointError):
        checkpoint.load(saved)


@pytest.mark.parametrize("key", ["seed", "hour", "rows", "strategies", "settings", "sha256"])
@pytest.mark.parametrize("change", ["altered", "gone"])
def test_an_altered_header_is_refused(saved: Path, key: str, change: str) -> None:
    file = saved / "header.json"
    header = json.loads(file.read_text(encoding="utf-8"))
    if change == "gone":
        del header[key]
    elif isinstance(header[key], int):
        header[key] += 1
    else:
        header[key] = type(header[key])()
    file.write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(CheckpointError):
        checkpoint.load(saved)


def test_another_format_is_named(saved: Path) -> None:
    file = saved / "header.json"
    header = json.loads(file.read_text(encoding="utf-8"))
    header["format"] = 99
    file.write_text(json.dumps(header), encoding="utf-8")
    with pytest.raises(CheckpointError, match="saved in format 99, this version reads"):
        checkpoint.load(saved)


def resign(folder: Path, **changes: Any) -> None:
    """Change values of a header and give it a digest that fits."""
    file = folder / "header.json"
    header = json.loads(file.read_text(encoding="utf-8")) | changes
    header["digest"] = checkpoint._digest_of(header)
    file.write_text(json.dumps(header), encoding="utf-8")


def test_another_version_of_the_model_is_named(saved: Path) -> None:
    resign(saved, model_version="0.0.9+12345678")
    with pytest.raises(CheckpointError, match=r"model version is '0.0.9\+12345678', that of this"):
        checkpoint.load(saved)


def test_another_identity_is_named(world: World, tmp_path: Path) -> None:
    checkpoint.save(world, tmp_path / "world", {"scenario": "one", "seed": world.seed})
    checkpoint.load(tmp_path / "world", {"scenario": "one", "seed": world.seed})
    with pytest.raises(CheckpointError, match="its scenario is 'one', that of this run is 'two'"):
        checkpoint.load(tmp_path / "world", {"scenario": "two"})


ARMS = """
[[arms]]
name = "warm"
[[arms]]
name = "cool"
set = { "behaviour.like_odds" = 0.3 }
"""


@pytest.fixture(scope="module")
def made() -> Scenario:
    return worlds.scenario(rest=worlds.protagonist("newcomer", "beg") + ARMS)


@pytest.fixture(scope="module")
def kept(made: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    worlds.live(worlds.model(made, "cool"), 2).save(folder, strategies="abc")
    return folder


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("arm is 'cool', that of this run is 'warm'", {"arm": "warm"}),
        ("seed is 1, that of this run is 2", {"seed": 2}),
        ("strategies file is 'abc', that of this run is ''", {"strategies": ""}),
        ("scenario is '", {"scenario": worlds.scenario(days=21)}),
    ],
)
def test_a_model_of_another_run_is_refused(
    made: Scenario, kept: Path, what: str, change: dict[str, Any]
) -> None:
    given = {"scenario": made, "arm": "cool", "seed": 1, "strategies": "abc"}
    load = partial(FollowerModel.load, kept)
    assert load(**given).arm.behaviour.like_odds == 0.3
    with pytest.raises(CheckpointError, match=what) as refused:
        load(**{**given, **change})
    assert "from its world again" in str(refused.value)


def test_arm_and_seed_need_not_be_repeated(made: Scenario, kept: Path) -> None:
    model = FollowerModel.load(kept, made, strategies="abc")
    assert model.arm.arm_names == ("cool",)
    assert model.world.seed == 1


def test_titles_and_labels_may_change(made: Scenario, kept: Path) -> None:
    text = made.source_text.replace('name = "cool"', 'name = "cool"\nlabel = "Another"')
    FollowerModel.load(kept, worlds.loads(text), strategies="abc")


def test_a_world_is_no_model(made: Scenario, saved: Path) -> None:
    with pytest.raises(CheckpointError, match="holds a world, not a model"):
        FollowerModel.load(saved, made)


@pytest.mark.parametrize("name", ["recorder.series", "recorder.follows.texts", "collected"])
def test_books_that_are_torn_are_refused(
    made: Scenario, kept: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "torn"
    shutil.copytree(kept, folder)
    file = folder / f"{name}.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=f"{name}.npy: damaged"):
        FollowerModel.load(folder, made, strategies="abc")
    file.unlink()
    with pytest.raises(CheckpointError, match=f"{name}.npy: cannot be read"):
        FollowerModel.load(folder, made, strategies="abc")
