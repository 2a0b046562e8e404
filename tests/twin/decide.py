"""Phase 1: arrivals, deliveries and the plan of the day."""

from dataclasses import dataclass
from math import floor
from typing import Any

from sim.kernels.layout import (
    AS_BEG,
    AccountKind,
    Cause,
    Kind,
    Origin,
    Purpose,
    Refusal,
    Total,
    Verb,
)

from .arithmetic import fold, mix
from .loading import newcomer, plan_rows
from .records import Account, Due, Order
from .state import PROTAGONISTS, State


@dataclass
class Ledger:
    """What an account has used up today."""

    minutes: float = 0.0
    follows: int = 0


def decide(twin: State, model: Any) -> None:
    """Begin the day, if one begins."""
    if twin.hour % 24:
        return
    twin.sweeps = [(float(recall), float(wrong)) for recall, wrong in model.world.sweeps_due]
    for total in (Total.RECENT_IMPRESSIONS, Total.RECENT_ENGAGEMENTS):
        twin.totals[total] -= twin.totals[total] // 28
    _arrive(twin, model)
    _deliver(twin)
    _carry_out(twin, model)


def _arrive(twin: State, model: Any) -> None:
    mean = twin.initial * twin.settings.world.arrivals_per_day
    chance = twin.uniform(Purpose.ARRIVAL, 0, 0, twin.hour)
    count = floor(mean) + (chance < mean - floor(mean))
    uids = [1 << 62 | twin.hour // 24 << 32 | k for k in range(count)]
    joined = [newcomer(twin, model, uid) for uid in uids]
    for account in joined:
        twin.accounts[account.uid] = account
        _first_follows(twin, account)
    for account in joined:
        _enlist(twin, account)


def _enlist(twin: State, account: Account) -> None:
    twin.hit("arrival")
    number = twin.initial + PROTAGONISTS + twin.arrivals
    twin.arrivals += 1
    while number >= twin.directory_length:
        twin.hit("arrival: the directory doubles")
        twin.directory_length *= 2
    account.number = number
    twin.directory[number] = account.uid


def _first_follows(twin: State, new: Account) -> None:
    for j in range(twin.settings.world.arrival_follows):
        found = (_suggestion(twin, new, (2 * j + c) * 64) for c in (0, 1))
        candidates = [account for account in found if account]
        if not candidates:
            twin.hit("arrival: no candidate")
            continue
        best = max(candidates, key=lambda account: new.interest[account.focus])
        twin.hit("arrival: second is better" if best is not candidates[0] else "arrival: first")
        if not twin.begin_follow(new, best, Origin.RECOMMENDATION):
            twin.hit("arrival: follows it already")


def _suggestion(twin: State, new: Account, base: int) -> Account | None:
    for t in range(16):
        number = twin.draw(Purpose.ARRIVAL_FOLLOW, new.uid, base + t, twin.hour)
        uid = twin.directory.get(number & twin.directory_length - 1)
        if uid is not None and twin.accounts[uid].alive and twin.accounts[uid].follows:
            return twin.followee(twin.accounts[uid], Purpose.ARRIVAL_FOLLOW, new.uid, base + 32)
    return None


def _deliver(twin: State) -> None:
    day = twin.hour // 24
    for order in twin.orders:
        days = twin.settings.platform.vendors[order.vendor].delivery_days
        part = day - order.day - 1
        if 0 <= part < days:
            twin.hit("delivery")
            first, last = order.amount * part // days, order.amount * (part + 1) // days
            for k in range(first, last):
                _make_fake(twin, order, k)


def _make_fake(twin: State, order: Order, k: int) -> None:
    buyer = twin.accounts[order.buyer]
    assert buyer.number is not None
    uid = 2 << 62 | order.vendor << 54 | buyer.number << 28 | order.first + k
    fake = Account(uid, AccountKind.FAKE, twin.hour, twin.hour, vendor=order.vendor)
    twin.accounts[uid] = fake
    twin.begin_follow(fake, buyer, Origin.BOUGHT, notify=False)


def _carry_out(twin: State, model: Any) -> None:
    rows = sorted(plan_rows(model), key=lambda row: (row["actor"], row["seq"]))
    ledgers: dict[int, Ledger] = {}
    slots: dict[tuple[int, int], int] = {}
    twin.plan_status = []
    for place, row in enumerate(rows):
        ledger = ledgers.setdefault(row["actor"], Ledger())
        status = _judge(twin, row, ledger)
        twin.plan_status.append(int(status))
        twin.hit(f"plan: {status.name.lower()} {Verb(row['verb']).name.lower()}")
        if status == Refusal.ACCEPTED:
            _perform(twin, row, place, ledger, slots)


def _judge(twin: State, row: dict[str, int], ledger: Ledger) -> Refusal:
    actor = twin.accounts[row["actor"]]
    if _is_pointless(twin, actor, row):
        return Refusal.POINTLESS
    if row["verb"] == Verb.FOLLOW and _is_beyond_limit(twin, actor, ledger):
        return Refusal.LIMIT
    if ledger.minutes + _minutes(twin, row) > actor.minutes:
        return Refusal.MINUTES
    if _dollars(twin, row) > twin.dollars.get(actor.uid, 0.0):
        return Refusal.MONEY
    return Refusal.ACCEPTED


def _is_pointless(twin: State, actor: Account, row: dict[str, int]) -> bool:
    verb, target = row["verb"], row["target"]
    if verb not in (Verb.FOLLOW, Verb.UNFOLLOW, Verb.REPLY):
        return False
    if target == actor.uid or not twin.accounts[target].alive:
        twin.hit("plan: oneself" if target == actor.uid else "plan: dead target")
        return True
    if verb == Verb.REPLY:
        return (actor.uid, target) not in twin.inbox
    return actor.is_following(target) == (verb == Verb.FOLLOW)


def _is_beyond_limit(twin: State, actor: Account, ledger: Ledger) -> bool:
    platform = twin.settings.platform
    if ledger.follows >= platform.follows_per_day:
        twin.hit("limit: follows a day")
        return True
    if actor.follows < platform.follow_cap:
        return False
    beyond = bool(actor.follows >= platform.follow_ratio * actor.followers)
    twin.hit("limit: ratio" if beyond else "limit: beyond the cap, within the ratio")
    return beyond


def _minutes(twin: State, row: dict[str, int]) -> float:
    prices = twin.settings.behaviour.prices
    if row["verb"] == Verb.POST:
        return twin.price_of_post(row["kind"], row["flags"], row["effort"])
    if row["verb"] == Verb.REPLY:
        return float(prices.reply)
    return float(prices.purchase if row["verb"] == Verb.BUY else prices.follow)


def _dollars(twin: State, row: dict[str, int]) -> float:
    if row["verb"] != Verb.BUY:
        return 0.0
    vendor = twin.settings.platform.vendors[row["target"]]
    return float(row["amount"] / 1000 * vendor.price_per_1000)


def _perform(
    twin: State,
    row: dict[str, int],
    place: int,
    ledger: Ledger,
    slots: dict[tuple[int, int], int],
) -> None:
    actor, verb = twin.accounts[row["actor"]], row["verb"]
    ledger.minutes += _minutes(twin, row)
    if verb == Verb.POST:
        _schedule(twin, row, place, slots)
    elif verb == Verb.BUY:
        _buy(twin, row)
    elif verb == Verb.REPLY:
        twin.inbox.discard((actor.uid, row["target"]))
        twin.answer(actor, twin.accounts[row["target"]])
    elif verb == Verb.UNFOLLOW:
        twin.end_follow(actor, twin.accounts[row["target"]], Cause.STRATEGY)
    else:
        ledger.follows += 1
        origin = Origin.FOLLOW_FOR_FOLLOW if row["flags"] == 1 else Origin.CONTENT
        twin.begin_follow(actor, twin.accounts[row["target"]], origin)


def _buy(twin: State, row: dict[str, int]) -> None:
    buyer = row["actor"]
    twin.dollars[buyer] = twin.dollars.get(buyer, 0.0) - _dollars(twin, row)
    earlier = [order.amount for order in twin.orders if order.buyer == buyer]
    twin.hit("order: again" if earlier else "order: first")
    day = twin.hour // 24
    twin.orders.append(Order(row["target"], buyer, row["amount"], day, sum(earlier)))


def _schedule(
    twin: State, row: dict[str, int], place: int, slots: dict[tuple[int, int], int]
) -> None:
    day, author = twin.hour // 24, row["actor"]
    kind = int(Kind.BEG) if row["flags"] & AS_BEG else row["kind"]
    slot = slots.get((author, kind), 0)
    slots[author, kind] = slot + 1
    uid = fold(fold(fold(mix(author), day), kind), slot)
    moment = twin.draw(Purpose.POST_HOUR, author, uid, 24 * day)
    due = 24 * day + ((moment >> 32) * 24 >> 32)
    effort, topic, flags = row["effort"], row["topic"], row["flags"]
    twin.schedule.append(Due(uid, due, author, day, place, effort, row["kind"], topic, flags))
