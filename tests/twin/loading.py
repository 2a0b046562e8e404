"""What the twin takes from a model: its world at the start, newcomers and plans.

Arrays are read here and in ``compare``, nowhere else; what comes out are plain numbers.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.kernels.layout import ACCOUNT, NO_POST, NO_ROW, AccountKind, Total, Verb
from sim.world import people

from .records import Account, Due, Hit, Need, Notice, Order, Post, Tie
from .state import State

HAVE_NO_TARGET = (Verb.POST, Verb.BUY, Verb.JOIN)
STATIC_WHOLE = ("kind", "vendor", "focus", "seeks", "attention", "expectation", "strategy")
STATIC_REAL = (
    "craft",
    "sessions",
    "follow_back",
    "diligence",
    "curiosity",
    "reshare",
    "answers",
    "offer",
    "minutes",
    "dollars",
)
DYNAMIC = (
    "joined",
    "last_browse",
    "followers",
    "posts",
    "impressions",
    "engagements",
    "follows",
    "pod",
    "paid",
    "blocked_until",
)
TIE = ("start", "engaged", "touched", "origin", "muted", "warmth", "irritation")
POST = (
    "uid",
    "root",
    "hour",
    "quality",
    "spread",
    "kind",
    "topic",
    "asks",
    "reshare",
    "repeat",
    "seen",
    "engaged",
    "likes",
)


def load(twin: State, model: Any) -> None:
    """Fill an empty twin from a model."""
    uids = all_uids(model)
    records = model.world.state.accounts[: model.world.rows]
    for row, record in enumerate(records):
        account = _account(record)
        account.ties = _ties(model, row, uids)
        places = reversed(chain_places(model, row))
        account.chain = [_post(model.world.state.posts[place], uids) for place in places]
        twin.accounts[account.uid] = account
        twin.arrivals += account.kind == AccountKind.ARRIVAL
    _load_directory(twin, model, uids)
    _load_queues(twin, model, uids)
    twin.totals = [int(total) for total in model.world.state.totals]
    assert len(twin.totals) == Total.SIZE


def all_uids(model: Any) -> list[int]:
    """The uid of each row."""
    uids: list[int] = model.world.state.accounts["uid"][: model.world.rows].tolist()
    return uids


def _static(account: Account, record: Any) -> None:
    account.interest = [int(share) for share in record["interest"]]
    for name in STATIC_WHOLE:
        setattr(account, name, int(record[name]))
    for name in STATIC_REAL:
        setattr(account, name, float(record[name]))


def _account(record: Any) -> Account:
    account = Account(int(record["uid"]), int(record["kind"]), 0, 0)
    _static(account, record)
    for name in DYNAMIC:
        setattr(account, name, int(record[name]))
    account.alive = bool(record["alive"])
    number = int(record["number"])
    account.number = None if number == NO_ROW else number
    account.profile_quality = [int(quality) for quality in record["profile_quality"]]
    account.profile_topic = [int(topic) for topic in record["profile_topic"]]
    return account


def _ties(model: Any, row: int, uids: list[int]) -> list[Tie]:
    state, record = model.world.state, model.world.state.accounts[row]
    span = slice(int(record["start"]), int(record["start"]) + int(record["ties"]))
    columns = [state.ties[name][span].tolist() for name in TIE]
    others = [uids[other] for other in state.follow_ids[span].tolist()]
    return [Tie(*values) for values in zip(others, *columns, strict=True)]


def chain_places(model: Any, row: int) -> list[int]:
    """Where in the ring the posts of a row's chain are, newest first."""
    state = model.world.state
    oldest, mask = int(state.totals[Total.OLDEST_POST]), len(state.posts) - 1
    found = []
    sequence = int(state.accounts["latest"][row])
    while sequence != NO_POST and sequence >= oldest:
        found.append(sequence & mask)
        sequence = int(state.posts["previous"][sequence & mask])
    return found


def _post(record: Any, uids: list[int]) -> Post:
    values = {name: int(record[name]) for name in POST}
    author, creator = uids[record["author"]], uids[record["creator"]]
    return Post(author=author, creator=creator, **values)


def _load_directory(twin: State, model: Any, uids: list[int]) -> None:
    for number, row in enumerate(model.world.state.directory.tolist()):
        if row != NO_ROW:
            twin.directory[number] = uids[row]
    twin.directory_length = len(model.world.state.directory)


def _load_queues(twin: State, model: Any, uids: list[int]) -> None:
    twin.notices = notices(model, uids)
    twin.schedule = schedule(model, uids)
    twin.inbox = inbox(model, uids)
    twin.orders = [_order(record, uids) for record in model.world.orders]
    twin.needs = {need.asker: need for need in needs(model, uids)}
    twin.viral = viral_hits(model)
    twin.sales = sales(model)


def notices(model: Any, uids: list[int]) -> list[Notice]:
    """The model's notices by uid."""
    records = model.world.notices[["target", "actor", "kind", "due"]].tolist()
    return [Notice(uids[target], uids[actor], *rest) for target, actor, *rest in records]


def inbox(model: Any, uids: list[int]) -> set[tuple[int, int]]:
    """The model's waiting replies by uid."""
    waiting = model.world.inbox[["target", "actor"]].tolist()
    return {(uids[target], uids[actor]) for target, actor in waiting}


def needs(model: Any, uids: list[int]) -> list[Need]:
    """The model's open needs by uid."""
    records = model.world.needs[["asker", "hour", "topic"]].tolist()
    return [Need(uids[asker], hour, topic) for asker, hour, topic in records]


def sales(model: Any) -> dict[tuple[int, int], int]:
    """The hour of the last sale to a viewer by an author."""
    last: dict[tuple[int, int], int] = {}
    for seller, buyer, hour in model.world.bought.tolist():
        last[buyer, seller] = max(hour, last.get((buyer, seller), 0))
    return last


def viral_hits(model: Any) -> list[Hit]:
    """The model's viral hits by uid, in order."""
    uids = all_uids(model)
    records = model.world.viral[["row", "until", "reach"]].tolist()
    return [Hit(uids[row], until, reach) for row, until, reach in records]


def strategies(model: Any) -> dict[int, int]:
    """The numbers of the strategies that the model's accounts have."""
    numbers = model.world.state.accounts["strategy"][: model.world.rows].tolist()
    return dict(zip(all_uids(model), numbers, strict=True))


def schedule(model: Any, uids: list[int]) -> list[Due]:
    """The model's scheduled posts by uid."""
    names = ["author", "uid", "due", "day", "order", "effort", "kind", "topic", "flags"]
    records = model.world.schedule[names].tolist()
    return [
        Due(author=uids[author], **dict(zip(names[1:], rest, strict=True)))
        for author, *rest in records
    ]


def _order(record: Any, uids: list[int]) -> Order:
    names = ("vendor", "amount", "day", "first")
    return Order(buyer=uids[record["buyer"]], **{name: int(record[name]) for name in names})


def newcomer(twin: State, model: Any, uid: int) -> Account:
    """Somebody who arrives, as the generator makes them, knowing nobody."""
    assert uid in all_uids(model), f"hour {twin.hour}: no arrival with uid {uid} in the model"
    made = np.zeros(1, ACCOUNT)
    made["uid"] = uid
    world: Any = SimpleNamespace(
        state=SimpleNamespace(accounts=made),
        seed=model.world.seed,
        settings=model.world.settings,
        strategies=model.world.strategies,
    )
    people.make(world, 0, 1)
    account = Account(uid, AccountKind.ARRIVAL, twin.hour, twin.hour)
    _static(account, made[0])
    account.kind = AccountKind.ARRIVAL
    return account


def plan_rows(model: Any) -> list[dict[str, int]]:
    """The rows of the day's plan, unsorted, with uids; a vendor stays an index."""
    uids, rows = all_uids(model), []
    names = model.plan.dtype.names
    for record in model.plan.tolist():
        row = dict(zip(names, record, strict=True))
        row["actor"] = uids[row["actor"]]
        if row["verb"] not in HAVE_NO_TARGET:
            row["target"] = uids[row["target"]]
        rows.append(row)
    return rows
