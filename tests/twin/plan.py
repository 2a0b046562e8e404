"""The plan of the day: each row is judged, charged and carried out."""

from typing import Any

from sim.kernels.layout import (
    AS_BEG,
    FOR_FOLLOW,
    Cause,
    Kind,
    Origin,
    Purpose,
    Refusal,
    Verb,
)

from .arithmetic import fold, mix
from .favours import JUDGED_ONCE, comment, help_asker, like
from .judge import Ledger, dollars, judge, minutes
from .loading import plan_rows
from .records import Account, Due, Order
from .state import State

Row = dict[str, int]


def carry_out(twin: State, model: Any) -> None:
    """Carry out what the strategies have planned."""
    rows = sorted(plan_rows(model), key=lambda row: (row["actor"], row["seq"]))
    ledgers: dict[int, Ledger] = {}
    met: set[int] = set()  # askers whose need closes when all is done
    twin.plan_status = []
    for place, row in enumerate(rows):
        ledger = ledgers.setdefault(row["actor"], Ledger())
        status = judge(twin, row, ledger)
        twin.plan_status.append(int(status))
        twin.hit(f"plan: {status.name.lower()} {Verb(row['verb']).name.lower()}")
        if status == Refusal.ACCEPTED:
            ledger.minutes += minutes(twin, row)
            _perform(twin, row, place, ledger, met)
    for uid in met:
        del twin.needs[uid]


def _perform(twin: State, row: Row, place: int, ledger: Ledger, met: set[int]) -> None:
    actor, verb = twin.accounts[row["actor"]], row["verb"]
    if verb == Verb.POST:
        _schedule(twin, row, place, ledger)
    elif verb == Verb.BUY:
        _buy(twin, row)
    elif verb == Verb.JOIN:
        actor.pod = twin.pod(actor)
    elif verb in JUDGED_ONCE:
        ledger.done.add((verb, row["target"]))
        _favour(twin, row, place, ledger, met)
    else:
        _mingle(twin, actor, row, ledger)


def _mingle(twin: State, actor: Account, row: Row, ledger: Ledger) -> None:
    target, verb = twin.accounts[row["target"]], row["verb"]
    if verb == Verb.REPLY:
        twin.inbox.discard((actor.uid, target.uid))
        twin.answer(actor, target)
    elif verb == Verb.UNFOLLOW:
        twin.end_follow(actor, target, Cause.STRATEGY)
        ledger.unfollows += 1
        _watch_for_churn(twin, actor, ledger.unfollows)
    else:
        ledger.follows += 1
        origin = Origin.FOLLOW_FOR_FOLLOW if row["flags"] & FOR_FOLLOW else Origin.CONTENT
        twin.begin_follow(actor, target, origin)


def _watch_for_churn(twin: State, actor: Account, unfollows: int) -> None:
    platform = twin.settings.platform
    if unfollows > platform.churn_limit > 0:
        twin.hit("churn: blocked")
        actor.blocked_until = twin.hour + 24 * platform.churn_block_days


def _favour(twin: State, row: Row, place: int, ledger: Ledger, met: set[int]) -> None:
    actor, target = twin.accounts[row["actor"]], twin.accounts[row["target"]]
    if row["verb"] == Verb.LIKE:
        like(twin, actor, target, row["flags"])
    elif row["verb"] == Verb.COMMENT:
        comment(twin, actor, target, row["flags"])
    else:
        if help_asker(twin, actor, target):
            twin.hit("help: met already" if target.uid in met else "help: met")
            met.add(target.uid)
        _schedule(twin, row | {"kind": int(Kind.HELP)}, place, ledger)


def _buy(twin: State, row: Row) -> None:
    buyer = twin.accounts[row["actor"]]
    buyer.dollars -= dollars(twin, row)
    earlier = [order.amount for order in twin.orders if order.buyer == buyer.uid]
    twin.hit("order: again" if earlier else "order: first")
    day = twin.hour // 24
    twin.orders.append(Order(row["target"], buyer.uid, row["amount"], day, sum(earlier)))


def _schedule(twin: State, row: Row, place: int, ledger: Ledger) -> None:
    day, author = twin.hour // 24, row["actor"]
    kind = int(Kind.BEG) if row["flags"] & AS_BEG else row["kind"]
    slot = ledger.slots.get(kind, 0)
    ledger.slots[kind] = slot + 1
    uid = fold(fold(fold(mix(author), day), kind), slot)
    moment = twin.draw(Purpose.POST_HOUR, author, uid, 24 * day)
    due = 24 * day + ((moment >> 32) * 24 >> 32)
    effort, topic, flags = row["effort"], row["topic"], row["flags"]
    twin.schedule.append(Due(uid, due, author, day, place, effort, row["kind"], topic, flags))
