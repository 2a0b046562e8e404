"""Phase 1: what is due as a day starts, and the plan of the day."""

from typing import Any

import numpy as np

from sim.kernels.layout import AccountKind, Total

from .arrive import arrive
from .imitate import imitate
from .loading import strategies
from .needs import voice_needs
from .plan import carry_out
from .records import Account, Hit
from .state import State
from .vendors import deliver

PROTAGONIST = 3 << 62  # uid of the first


def decide(twin: State, model: Any) -> None:
    """Begin the day, if one begins."""
    if twin.hour % 24:
        return
    _take_orders(twin, model)
    for total in (Total.RECENT_IMPRESSIONS, Total.RECENT_ENGAGEMENTS):
        twin.totals[total] -= twin.totals[total] // 28
    for account in twin.accounts.values():
        _sponsor(twin, account)
        account.paid = account.engagements
    arrive(twin, model)
    deliver(twin)
    if twin.hour // 24 % 7 == 0:
        imitate(twin)
    voice_needs(twin)
    carry_out(twin, model)


def _take_orders(twin: State, model: Any) -> None:
    """Take over what the scenario has ordered for today."""
    twin.sweeps = [(float(recall), float(wrong)) for recall, wrong in model.world.sweeps_due]
    day = twin.hour // 24 - twin.start_day
    kinds = {event.kind for event in model.arm.events if event.day == day}
    for kind in sorted(kinds):
        twin.hit(f"event: {kind}")
    if model.world.settings != twin.settings:
        assert "set" in kinds, f"day {day}: other settings without an event"
        twin.govern(model.world.settings)
    for event in model.arm.events:
        if event.day == day and event.kind == "viral":
            _go_viral(twin, model.arm, event)
        if event.day == day and event.kind == "means":
            _take_means(twin, model.arm, event)
    if "strategy" in kinds:
        _take_strategies(twin, strategies(model))


def _concerned(scenario: Any, event: Any) -> list[int]:
    """Uids of the protagonists that an event concerns: one, several of one name, or all."""
    named = [(one.name, name) for one in scenario.protagonists for name in one.names]
    everybody = event.protagonist is None
    chosen = [m for m, names in enumerate(named) if everybody or event.protagonist in names]
    return [PROTAGONIST | m for m in chosen]


def _go_viral(twin: State, scenario: Any, event: Any) -> None:
    for uid in _concerned(scenario, event):
        twin.viral.append(Hit(uid, twin.hour + event.hours, event.reach))


def _take_means(twin: State, scenario: Any, event: Any) -> None:
    for uid in _concerned(scenario, event):
        account = twin.accounts[uid]
        if event.craft is not None:
            account.craft = float(np.float32(event.craft))
        if event.minutes is not None:
            account.minutes = float(np.float32(event.minutes))
        if event.money is not None:
            account.dollars = event.money


def _take_strategies(twin: State, numbers: dict[int, int]) -> None:
    for account in twin.living():
        if account.kind == AccountKind.PROTAGONIST:
            account.strategy = numbers[account.uid]


def _sponsor(twin: State, account: Account) -> None:
    sponsors = twin.settings.platform.sponsors
    if not account.alive or account.is_fake:
        return
    if account.followers < sponsors.least_followers:
        twin.hit("sponsors: too few followers")
        return
    pay = sponsors.per_1000_followers * account.followers / 1000
    pay += sponsors.per_engagement * (account.engagements - account.paid)
    twin.hit("sponsors: pay" if pay > 0 else "sponsors: nothing to pay for")
    if pay > 0:
        account.dollars += pay
