"""What is refused of a plan, and why."""

from dataclasses import dataclass, field

from sim.kernels.layout import Refusal, Verb

from .favours import JUDGED_ONCE, fresh_post
from .records import Account
from .state import State

GRACE = 2.0**-20  # minutes by which rounding may exceed a day


@dataclass
class Ledger:
    """What an account has used up today."""

    minutes: float = 0.0
    follows: int = 0
    unfollows: int = 0
    slots: dict[int, int] = field(default_factory=dict)  # posts accepted, by kind
    done: set[tuple[int, int]] = field(default_factory=set)  # favours, by verb and target


def judge(twin: State, row: dict[str, int], ledger: Ledger) -> Refusal:
    """Say whether a row is accepted, or the first reason why not."""
    actor = twin.accounts[row["actor"]]
    if _is_pointless(twin, actor, row, ledger):
        return Refusal.POINTLESS
    if row["verb"] == Verb.FOLLOW and _is_beyond_limit(twin, actor, ledger):
        return Refusal.LIMIT
    if ledger.minutes + minutes(twin, row) > actor.minutes + GRACE:
        return Refusal.MINUTES
    if dollars(twin, row) > actor.dollars:
        return Refusal.MONEY
    return Refusal.ACCEPTED


def minutes(twin: State, row: dict[str, int]) -> float:
    """What a row costs in minutes."""
    prices = twin.settings.behaviour.prices
    if row["verb"] == Verb.POST:
        return twin.price_of_post(row["kind"], row["flags"], row["effort"])
    fixed = {
        Verb.FOLLOW: prices.follow,
        Verb.UNFOLLOW: prices.follow,
        Verb.REPLY: prices.reply,
        Verb.COMMENT: prices.reply,
        Verb.BUY: prices.purchase,
        Verb.LIKE: prices.like,
        Verb.HELP: prices.help,
        Verb.JOIN: 0.0,
    }
    return float(fixed[Verb(row["verb"])])


def dollars(twin: State, row: dict[str, int]) -> float:
    """What a row costs in dollars."""
    if row["verb"] != Verb.BUY:
        return 0.0
    vendor = twin.settings.platform.vendors[row["target"]]
    return float(row["amount"] / 1000 * vendor.price_per_1000)


def _is_pointless(twin: State, actor: Account, row: dict[str, int], ledger: Ledger) -> bool:
    verb, target = row["verb"], row["target"]
    if verb in (Verb.POST, Verb.BUY):
        return False
    if verb == Verb.JOIN:
        return actor.pod > 0
    if target == actor.uid or not twin.accounts[target].alive:
        twin.hit("plan: oneself" if target == actor.uid else "plan: dead target")
        return True
    if verb in JUDGED_ONCE:
        return _is_idle_favour(twin, row, ledger)
    if verb == Verb.REPLY:
        return (actor.uid, target) not in twin.inbox
    return actor.is_following(target) == (verb == Verb.FOLLOW)


def _is_idle_favour(twin: State, row: dict[str, int], ledger: Ledger) -> bool:
    verb, target = row["verb"], row["target"]
    if (verb, target) in ledger.done:
        twin.hit(f"plan: second {Verb(verb).name.lower()}")
        return True
    if verb == Verb.HELP:
        return target not in twin.needs
    return fresh_post(twin, twin.accounts[target]) is None


def _is_beyond_limit(twin: State, actor: Account, ledger: Ledger) -> bool:
    platform = twin.settings.platform
    if ledger.follows >= platform.follows_per_day:
        twin.hit("limit: follows a day")
        return True
    if twin.hour < actor.blocked_until:
        twin.hit("limit: blocked")
        return True
    if actor.follows < platform.follow_cap:
        return False
    beyond = bool(actor.follows >= platform.follow_ratio * actor.followers)
    twin.hit("limit: ratio" if beyond else "limit: beyond the cap, within the ratio")
    return beyond
