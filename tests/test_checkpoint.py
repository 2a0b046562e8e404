"""Checkpoints: what is loaded lives on as what was saved; what is damaged is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import worlds
from sim import checkpoint
from sim.checkpoint import CheckpointError
from sim.model import FollowerModel
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
