"""What keeps the comparison of arms fair: labels, order, threads and bystanders decide nothing.

Everything is compared to the bit.
"""

import ast
import multiprocessing
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim import phases
from sim.kernels.layout import Origin, Total
from sim.model import FollowerModel, burn_in
from sim.scenario import Scenario, loads
from sim.world.world import World

ROOT = Path(__file__).parents[1]
KERNELS = ROOT / "sim" / "kernels"
OTHER_PYTHON = os.environ.get("FOLLOWLAB_OTHER_PYTHON", "")


def differences(
    one: worlds.Dump, two: worlds.Dump, besides: frozenset[int] = frozenset()
) -> list[str]:
    """The uids of accounts that are not the same in both, in hexadecimal."""
    uids = (one.keys() | two.keys()) - besides
    return [hex(uid) for uid in sorted(uids) if one.get(uid) != two.get(uid)]


def protagonist(number: int) -> int:
    """The uid of a protagonist."""
    return (3 << 62) + number


# ---- labels -------------------------------------------------------------------------------


def relabel_origins(world: World, labels: NDArray[np.uint8]) -> None:
    """Give every tie that there is another origin."""
    world.state.ties["origin"] = labels[world.state.ties["origin"] % len(labels)]


def renumber_strategies(model: FollowerModel, numbers: NDArray[np.uint8]) -> None:
    """Give every strategy another number, and its accounts with it."""
    back = np.argsort(numbers)
    accounts = model.world.state.accounts
    accounts["strategy"] = numbers[accounts["strategy"]]
    model.world.strategies = tuple(model.world.strategies[k] for k in back)
    model._strategies = [model._strategies[k] for k in back]
    model._changes = {event: int(numbers[k]) for event, k in model._changes.items()}


def outcomes(model: FollowerModel) -> list[Any]:
    """All that came of a run, but the labels."""
    world, tables = model.world, model.tables()
    events = tables["events"].values.tolist()
    lives = tables["follows"].drop(columns="origin").to_csv()
    series = tables["series"]
    series = series[(series["origin"] == "")].to_csv()
    pending = [
        a.tolist() for a in (world.notices, world.schedule, world.inbox, world.orders, world.needs)
    ]
    return [world.state.totals.tolist(), pending, events, lives, series, world.bought.tolist()]


def test_labels_decide_nothing() -> None:
    """Rule 1: permuting origins and strategy numbers leaves every outcome bit unchanged."""
    coins = np.random.default_rng(8)
    plain, labelled = worlds.model(worlds.busy()), worlds.model(worlds.busy())
    worlds.live(plain, 4)
    worlds.live(labelled, 4)  # by now there are follows of every origin
    labels = coins.permutation(len(Origin)).astype(np.uint8)
    relabel_origins(labelled.world, labels)
    renumber_strategies(
        labelled, coins.permutation(len(labelled.world.strategies)).astype(np.uint8)
    )
    assert (
        worlds.ties(plain.world).record["origin"] != worlds.ties(labelled.world).record["origin"]
    ).any()
    worlds.live(plain, 14)
    worlds.live(labelled, 14)
    hidden = ("origin", "strategy")
    one, two = (worlds.dump(model.world, ignoring=hidden) for model in (plain, labelled))
    assert differences(one, two) == []
    assert outcomes(plain) == outcomes(labelled)


def test_relabelled_origins_stay_with_their_follows() -> None:
    """The permuted labels were there all the time: old follows carry them to the end."""
    plain, labelled = worlds.model(worlds.busy()), worlds.model(worlds.busy())
    labels = np.roll(np.arange(len(Origin), dtype=np.uint8), 3)
    relabel_origins(labelled.world, labels)
    for model in (plain, labelled):
        worlds.live(model, 6)
    before, after = worlds.ties(plain.world), worlds.ties(labelled.world)
    old = before.follow & (before.record["start"] < 24 * worlds.busy().world.burn_in_days)
    assert old.any()
    assert (labels[before.record["origin"][old]] == after.record["origin"][old]).all()


def reads_of(field: str) -> set[tuple[str, str]]:
    """Where kernels name a column: as (module, function)."""
    found = set()
    for file in KERNELS.glob("*.py"):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                found |= {
                    (file.stem, function.name)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Attribute) and node.attr == field
                }
    return found


def test_no_kernel_that_decides_names_a_label() -> None:
    """Origins are carried along by lists.py only; strategies are given once, or copied."""
    carrying = {("lists", name) for name in ("swap", "write_tie", "promote")}
    copying = {("imitating", "imitate")}  # it carries a label along, and asks for none
    assert reads_of("origin") == carrying
    assert reads_of("strategy") == {("generate", "make_people")} | copying
    assert reads_of("diligence")  # the search does find what is read


# ---- arms ---------------------------------------------------------------------------------

TWINS = '[[arms]]\nname = "one"\n[[arms]]\nname = "two"\n'


def test_identical_arms_are_identical() -> None:
    made = worlds.busy(rest=worlds.RIVALS + worlds.SWEEPS + worlds.HAPPENINGS + TWINS)
    one, two = (worlds.live(worlds.model(made, arm), 12) for arm in ("one", "two"))
    assert one.state_hash() == two.state_hash()
    for name, table in one.tables().items():
        assert table.equals(two.tables()[name]), name


def test_arms_that_differ_do_differ() -> None:
    made = worlds.scenario(
        rest='[[arms]]\nname = "one"\n[[arms]]\nname = "two"\nset."protagonists.craft" = 0.1\n'
    )
    one, two = (worlds.live(worlds.model(made, arm), 5) for arm in ("one", "two"))
    assert one.state_hash() != two.state_hash()


def test_a_fork_leaves_its_world_alone() -> None:
    made = worlds.busy()
    world = worlds.burnt(made)
    before = worlds.dump(world)
    worlds.live(FollowerModel(made, world=world.fork()), 5)
    assert differences(before, worlds.dump(world)) == []


# ---- bystanders ---------------------------------------------------------------------------


def quiet(model: FollowerModel, number: int) -> FollowerModel:
    """The same model, in which a protagonist never opens its feed."""
    accounts = model.world.accounts
    accounts["sessions"][accounts["uid"] == protagonist(number)] = 0
    return model


@pytest.mark.parametrize("strategy", ["organic", "beg", "follow_for_follow", "buyer"])
def test_an_idle_extra_account_disturbs_nobody(strategy: str) -> None:
    first = worlds.protagonist("first", strategy, lines="followers = 20")
    extra = worlds.protagonist("extra", "idle", lines="followers = 0")
    alone = worlds.scenario(arrivals=0.05, rest=first)
    beside = worlds.scenario(arrivals=0.05, rest=first + extra)
    models = worlds.model(alone), quiet(worlds.model(beside), 1)
    one, two = (worlds.dump(worlds.live(model, 20).world) for model in models)
    assert differences(one, two, besides=frozenset({protagonist(1)})) == []
    assert models[0].world.state.totals.tolist() == models[1].world.state.totals.tolist()


HIDDEN = "recommendations = 0"
ARMS = "".join(
    f'[[arms]]\nname = "{name}"\nstrategy = "{name}"\nparams = {{ {params} }}\n'
    for name, params in (
        ("idle", ""),
        ("organic", ""),
        ("beg", "milestones = [1, 2, 5]"),
        ("boosted", "milestones = [1, 2, 5]"),
        ("buyer", "amount = 150"),
        ("reformed", "amount = 50, until = 4"),
        ("follow_for_follow", "per_day = 0"),
        ("pod", ""),
    )
)


@pytest.fixture(scope="module")
def unseen() -> tuple[Scenario, worlds.Dump]:
    """A world that shows a protagonist without followers to nobody, and how its idle arm ends."""
    rest = worlds.protagonist("ghost", "idle", lines="followers = 0") + ARMS + worlds.SWEEPS
    platform = f"{HIDDEN}\n{worlds.VENDOR}other_customers = 0\n"
    # people with a strategy search the directory, and would find it
    population = f"{worlds.LIVELY_POPULATION}strategies = {{ casual = 1.0 }}\n"
    made = worlds.scenario(arrivals=0.05, population=population, platform=platform, rest=rest)
    return made, worlds.dump(worlds.live(quiet(worlds.model(made, "idle"), 0), 16).world)


@pytest.mark.parametrize(
    "arm", ["organic", "beg", "boosted", "buyer", "reformed", "follow_for_follow", "pod"]
)
def test_who_is_not_seen_changes_nothing(unseen: tuple[Scenario, worlds.Dump], arm: str) -> None:
    """What it does reaches nobody, so the rest of the world is bit-identical in every arm."""
    made, idle = unseen
    model = worlds.live(quiet(worlds.model(made, arm), 0), 16)
    assert model.plan_status.size, "it did nothing"
    fakes = {uid for uid in worlds.dump(model.world) if uid >> 62 == 2}
    assert bool(fakes) == (arm in ("buyer", "reformed"))
    dump = worlds.dump(model.world)
    assert differences(idle, dump, besides=frozenset({protagonist(0), *fakes})) == []


def test_digests_tell_whom_a_difference_has_reached(
    unseen: tuple[Scenario, worlds.Dump],
) -> None:
    """Nobody, if it is not seen; some but not all of those who could see it."""
    made, _ = unseen
    hidden = [
        worlds.live(quiet(worlds.model(made, arm), 0), 6).account_digests()
        for arm in ("idle", "buyer")
    ]
    assert hidden[0].tolist() == hidden[1].tolist()
    rest = worlds.protagonist("star", "idle", lines="followers = 20") + ARMS
    shown = worlds.scenario(accounts=600, rest=rest)
    one, two = (
        worlds.live(worlds.model(shown, arm), 3).account_digests() for arm in ("idle", "beg")
    )
    assert one["uid"].tolist() == two["uid"].tolist()
    changed = (one["digest"] != two["digest"]).sum()
    assert 0 < changed < len(one)


# ---- order, threads, processes ------------------------------------------------------------


def test_the_order_of_rows_decides_nothing() -> None:
    made = worlds.busy()
    world = burn_in(made, made.scenario.seed, shuffled=True)
    rows = world.accounts["uid"][: world.initial]
    assert (rows != np.arange(world.initial)).any(), "the rows are not shuffled"
    assert world.accounts["uid"].tolist() != worlds.burnt(made).accounts["uid"].tolist()
    shuffled = worlds.live(FollowerModel(made, world=world), 16)
    plain = worlds.live(worlds.model(made), 16)
    ignoring = ("number",)
    one, two = (worlds.dump(model.world, ignoring) for model in (plain, shuffled))
    assert differences(one, two) == []
    assert shuffled.state_hash() == plain.state_hash()
    assert shuffled.account_digests().tolist() == plain.account_digests().tolist()
    assert shuffled.measures() == pytest.approx(plain.measures(), nan_ok=True, abs=0)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    made = worlds.busy()
    one = worlds.live(worlds.model(made), 10)
    monkeypatch.setattr(phases, "_INLINE", 1)
    many = worlds.model(made, threads=threads)
    assert many._crew._pool is not None
    worlds.live(many, 10)
    assert many.state_hash() == one.state_hash()
    assert many.impressions.tolist() == one.impressions.tolist()


def test_threads_burn_in_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    made = worlds.busy()
    monkeypatch.setattr(phases, "_INLINE", 1)
    world = burn_in(made, made.scenario.seed, threads=3)
    assert differences(worlds.dump(world), worlds.dump(worlds.burnt(made))) == []


def final_hash(text: str) -> str:
    """Run a scenario from nothing for eight days and return its hash; for another process."""
    return worlds.live(FollowerModel(loads(text)), 8).state_hash()


def test_a_spawned_process_gives_the_same_hash() -> None:
    made = worlds.busy()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        elsewhere = pool.apply(final_hash, (made.source_text,))
    assert elsewhere == worlds.live(worlds.model(made), 8).state_hash()


@pytest.mark.skipif(not OTHER_PYTHON, reason="FOLLOWLAB_OTHER_PYTHON names no interpreter")
def test_another_python_gives_the_same_hash() -> None:
    made = worlds.busy()
    code = "import sys, test_fairness as t; print(t.final_hash(sys.stdin.read()))"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [OTHER_PYTHON, "-c", code],
        input=made.source_text,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == worlds.live(worlds.model(made), 8).state_hash()


# ---- time ---------------------------------------------------------------------------------


def test_a_longer_experiment_begins_alike() -> None:
    """Ten days of a long experiment are the ten days of a short one."""
    short = worlds.live(worlds.model(worlds.busy(days=20)), 10)
    long = worlds.live(worlds.model(worlds.busy(days=300)), 10)
    assert short.state_hash() == long.state_hash()


def test_other_seeds_are_other_worlds() -> None:
    made = worlds.busy()
    hashes = {worlds.live(worlds.model(made, seed=seed), 2).state_hash() for seed in (1, 2, 3)}
    assert len(hashes) == 3


def test_the_hash_sees_every_column() -> None:
    """A change in any account, tie or counter is another hash."""
    world = worlds.burnt(worlds.busy())
    model = FollowerModel(worlds.busy(), world=world)
    before = model.state_hash()
    seen = []
    for column in ("followers", "expectation", "engagements", "minutes", "impressions"):
        world.accounts[column][5] += 1
        seen.append(model.state_hash())
    world.state.totals[Total.LIKES] += 1
    seen.append(model.state_hash())
    world.state.ties["warmth"][world.accounts["start"][5]] ^= 1
    seen.append(model.state_hash())
    assert len({before, *seen}) == len(seen) + 1
