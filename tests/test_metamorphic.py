"""How results must move when settings move, without knowing what the results are.

Most of these relations are exact: draws are keyed by what they decide, so a greater probability
catches whom a smaller one caught, and more. They hold in the first tick in which two worlds
differ; where nothing feeds back they hold for ever. What holds in expectation only is tested on
pairs of runs in the same worlds.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import worlds
from sim.actions import Account
from sim.kernels.layout import AccountKind, Refusal, Route, Total, Verb
from sim.model import FollowerModel
from sim.scenario import Scenario
from worlds import Script, Settings

SEEDS = (1, 2, 3)
LIVELY = worlds.named(
    burn_in=4, rest=worlds.protagonist("one", "idle", lines="money = 5\nminutes = 1000")
)

Amounts = dict[Any, float]  # what is compared key by key; what is missing is 0
Look = Callable[[FollowerModel], Amounts]

# ---- what is looked at --------------------------------------------------------------------


def column(name: str) -> Look:
    """A column of the world."""

    def look(model: FollowerModel) -> Amounts:
        return worlds.picture(model)[name]

    return look


def follows(model: FollowerModel) -> Amounts:
    """The follows that there are."""
    return {pair: 1 for pair, follow in worlds.picture(model)["tie.follow"].items() if follow}


def shown(*routes: Route) -> Look:
    """The posts that came into feeds by these routes (by all, if none are named)."""

    def look(model: FollowerModel) -> Amounts:
        return {
            (viewer, uid): 1
            for viewer, feed in worlds.feeds(model).items()
            for uid, route in feed
            if route in (routes or tuple(Route))
        }

    return look


def living(*kinds: AccountKind) -> Look:
    """The accounts of these kinds that have not been deleted."""

    def look(model: FollowerModel) -> Amounts:
        return {int(a["uid"]): 1 for a in model.world.accounts if a["alive"] and a["kind"] in kinds}

    return look


def askers(model: FollowerModel) -> Amounts:
    """Those who have an open need."""
    return {int(uid): 1 for uid in model.world.accounts["uid"][model.world.needs["asker"]]}


def accepted(model: FollowerModel) -> Amounts:
    """The rows of today's plan that were accepted."""
    status = worlds.picture(model)["plan.status"]
    return {key: 1 for key, reason in status.items() if reason == Refusal.ACCEPTED}


def at_most(fewer: Amounts, more: Amounts) -> bool:
    """Whether no key has more in the first than in the second."""
    return all(more.get(key, 0) >= amount for key, amount in fewer.items())


# ---- what is done -------------------------------------------------------------------------


def protagonist(model: FollowerModel) -> Account:
    """The first protagonist, with its verbs."""
    rows = worlds.rows_of(model.world, AccountKind.PROTAGONIST)[:1]
    return Account(model.world, rows.astype(np.uint32), model.spoken)


def buys(model: FollowerModel) -> None:
    """On the first day three hundred followers are bought."""
    if model.day == 0:
        protagonist(model).buy(300)


def buys_daily(model: FollowerModel) -> None:
    """A thousand followers are bought every day."""
    protagonist(model).buy(1_000)


def seeks_friends(model: FollowerModel) -> None:
    """Somebody follows twelve people a day."""
    me = protagonist(model)
    me.follow(me.find(12, "anyone"))


def drops(model: FollowerModel) -> None:
    """Somebody drops four people a day."""
    protagonist(model).unfollow(protagonist(model).following_list()[:4])


# ---- greater and greater ------------------------------------------------------------------


class Ladder(NamedTuple):
    """A setting in rising steps, and what must not fall with it where it acts first.

    ``falls`` says that it must not rise instead; ``hidden`` are columns that may differ before.
    """

    key: str
    steps: tuple[Any, ...]
    phase: str
    look: Look
    falls: bool = False
    given: Settings = {}  # noqa: RUF012
    script: Script | None = None
    hidden: tuple[str, ...] = ()


STAYING = {"behaviour.leave_hazard": 0.0}
NO_RETURNS = {"behaviour.reciprocity_odds": 0.0}
ANNOYED = {"tie.irritation": 100}
HUNGRY = {"account.attention": 255}  # reads all that there is
WARM = {"tie.warmth": 120}
LIKES, ENGAGED = column("post.likes"), column("post.engaged")
IRRITATION, WARMTH = column("tie.irritation"), column("tie.warmth")
HOPELESS = {**STAYING, "behaviour.hope_days": 1}
TALKATIVE = {**STAYING, "behaviour.reply_factor": 5.0}
NO_STRANGERS = {"behaviour.follow_odds": 0.0, "behaviour.follow_back_odds": 0.0}
RECOMMENDED = (Route.FRIEND, Route.TOPIC, Route.POPULAR)
UNRECOMMENDED = {**HUNGRY, "platform.recommendations": 0}
# fmt: off
LADDERS = (
    Ladder("behaviour.like_odds", (0.0, 0.1, 0.5, 2.0), "react", LIKES),
    Ladder("behaviour.like_odds", (0.0, 0.1, 0.5, 2.0), "react", ENGAGED),
    Ladder("behaviour.like_warmth", (0.0, 4.0, 20.0), "react", LIKES),
    Ladder("behaviour.social_proof", (0.0, 1.0, 50.0), "react", LIKES, given=NO_STRANGERS),
    Ladder("behaviour.social_proof", (0.0, 0.5, 5.0), "react", follows, given=STAYING),
    Ladder("behaviour.like_epsilon", (0.1, 0.4, 1.0), "react", LIKES, falls=True),
    Ladder("behaviour.reply_factor", (0.0, 0.3, 3.0), "react", ENGAGED),
    Ladder("behaviour.reshare_factor", (0.0, 0.5, 5.0), "react", ENGAGED),
    Ladder("behaviour.follow_odds", (0.0, 0.1, 1.0), "react", follows),
    Ladder("behaviour.follow_warmth", (0.0, 5.0, 50.0), "react", follows, given=WARM),
    Ladder("account.curiosity", (0.0, 0.5, 5.0), "react", follows),
    Ladder("behaviour.reciprocity_odds", (0.0, 0.5, 5.0), "react", follows),
    Ladder("account.seeks", (0, 1), "react", follows, given={"behaviour.hope": 0.0}),
    Ladder("behaviour.follow_back_odds", (0.0, 0.3, 3.0), "return", follows, given=NO_RETURNS),
    Ladder("behaviour.follow_back_floor", (0.0, 0.3, 3.0), "return", follows, given=NO_RETURNS),
    Ladder("account.follow_back", (0.0, 0.5, 5.0), "return", follows, given=NO_RETURNS),
    Ladder("behaviour.leave_hazard", (0.0, 0.3, 1.0), "react", follows, falls=True,
        given=ANNOYED),
    Ladder("behaviour.leave_warmth", (0.0, 3.0, 30.0), "react", follows,
        given={**ANNOYED, **WARM}),
    Ladder("account.diligence", (0.0, 0.4, 1.0), "react", follows, falls=True, given=ANNOYED),
    Ladder("behaviour.mute", (0.0, 0.4, 1.0), "react", column("tie.muted"), given=ANNOYED),
    Ladder("behaviour.irritation_gain", (0.0, 0.3, 3.0), "react", IRRITATION, given=STAYING),
    Ladder("behaviour.repetition", (0.0, 0.1, 1.0), "react", IRRITATION, given=STAYING),
    Ladder("behaviour.overload", (0.0, 0.1, 1.0), "react", IRRITATION, given=STAYING),
    Ladder("behaviour.distaste_self_talk", (0.0, 0.1, 1.0), "react", IRRITATION, given=STAYING),
    Ladder("behaviour.hope", (0.0, 0.1, 1.0), "react", IRRITATION, given=HOPELESS),
    Ladder("behaviour.hope_days", (1, 3, 30), "react", IRRITATION, falls=True, given=STAYING),
    Ladder("behaviour.warmth_like", (0.0, 0.05, 0.5), "react", WARMTH, given=STAYING),
    Ladder("behaviour.warmth_reply", (0.0, 0.1, 0.9), "react", WARMTH, given=TALKATIVE),
    Ladder("behaviour.warmth_answer", (0.0, 0.3, 1.0), "return", WARMTH),
    Ladder("behaviour.drop_irritation", (0.0, 0.5, 2.0), "return", IRRITATION),
    Ladder("behaviour.word_of_mouth", (0.01, 0.5, 4.0), "return", IRRITATION, given=WARM,
        script=drops),
    Ladder("platform.recommendation_weight", (0.0, 1.0, 50.0), "browse", shown(*RECOMMENDED)),
    Ladder("platform.recommendations", (0, 2, 6), "browse", shown(), given=HUNGRY),
    Ladder("platform.window_hours", (12, 24, 48), "browse", shown(), given=UNRECOMMENDED,
        hidden=("post", "account.latest")),
    Ladder("account.attention", (0, 1, 5, 30), "browse", shown()),
    Ladder("population.needs_per_day", (0.0, 0.1, 0.6), "decide", askers),
    Ladder("platform.follows_per_day", (0, 3, 8), "decide", accepted, script=seeks_friends),
    Ladder("platform.follow_ratio", (0.0, 0.7, 1.1), "decide", accepted,
        given={"platform.follow_cap": 0}, script=seeks_friends),
    Ladder("prices.follow", (10.0, 150.0, 600.0), "decide", accepted, falls=True,
        script=seeks_friends),
    Ladder("account.craft", (0.1, 0.5, 0.9), "publish", column("post.quality")),
    Ladder("population.effort", (2.0, 10.0, 25.0), "decide", column("plan.effort")),
)
# fmt: on


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda x: f"{x.key}-{x.phase}")
def test_more_of_it_never_means_less(ladder: Ladder) -> None:
    """Exact, in the phase in which two steps of the ladder differ for the first time."""
    acted = 0
    for seed in SEEDS:
        for low, high in pairwise(ladder.steps):
            less, more = worlds.pair(
                LIVELY, {**ladder.given, ladder.key: low}, {ladder.key: high}, seed=seed
            )
            moment = worlds.first_difference(
                less, more, days=4, ignoring=(ladder.key, *ladder.hidden), script=ladder.script
            )
            if moment is None:
                continue
            assert moment.phase == ladder.phase
            one, two = ladder.look(less), ladder.look(more)
            fewer, greater = (two, one) if ladder.falls else (one, two)
            assert at_most(fewer, greater)
            acted += fewer != greater
    assert acted >= len(SEEDS), "it hardly ever acted"


@pytest.mark.parametrize("ranking", ["ranked", "chronological"])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_reads_less_reads_the_same_but_for_the_end(ranking: str, seed: int) -> None:
    """The feed of K posts is the beginning of the feed of 4K posts."""
    given = {"account.attention": 3, "platform.ranking": ranking}
    models = worlds.pair(LIVELY, given, {"account.attention": 12}, seed=seed)
    moment = worlds.first_difference(*models, ignoring={"account.attention"})
    assert moment is not None
    assert moment.phase == "browse"
    short, long = (worlds.feeds(model) for model in models)
    assert all(long[viewer][: len(feed)] == feed for viewer, feed in short.items())


# ---- fewer and fewer, day by day ----------------------------------------------------------


class Slide(NamedTuple):
    """A setting in steps, each of which can only take more accounts than the one before."""

    key: str
    steps: tuple[Any, ...]
    look: Look
    given: Settings = {}  # noqa: RUF012


FAKES = living(AccountKind.FAKE)
PEOPLE = living(AccountKind.ORDINARY)
SWEEPING = {"platform.sweep_every_days": 2}
SLIDES = (
    Slide("platform.sweep_every_days", (0, 6, 3, 1), FAKES),
    Slide("platform.sweep_recall", (0.0, 0.2, 0.7, 1.0), FAKES, SWEEPING),
    Slide("platform.sweep_false_positives", (0.0, 0.01, 0.1), PEOPLE, SWEEPING),
    Slide("platform.detection_per_day", (0.0, 0.05, 0.3), FAKES),
    Slide("vendor.decay_per_day", (0.0, 0.02, 0.3), FAKES),
    Slide("world.departures_per_day", (0.0, 0.002, 0.03), PEOPLE),
)


@pytest.mark.parametrize("slide", SLIDES, ids=lambda x: x.key)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_deletes_more_never_leaves_more(slide: Slide, seed: int) -> None:
    """Exact, each day, account by account: nobody is spared because others are taken."""
    days = [left(slide, step, seed) for step in slide.steps]
    assert all(at_most(b, a) for one, two in pairwise(days) for a, b in zip(one, two, strict=True))
    assert all(one[-1] != two[-1] for one, two in pairwise(days))


def left(slide: Slide, step: Any, seed: int) -> list[Amounts]:
    """Who is left at the end of each of nine days."""
    model = worlds.model(LIVELY, seed=seed)
    worlds.govern(model, {**slide.given, slide.key: step})
    return [slide.look(day_of(model, buys)) for _ in range(9)]


def day_of(model: FollowerModel, script: Script | None) -> FollowerModel:
    """The model after a day at whose start the script was told."""
    if script:
        script(model)
    return worlds.live(model, 1)


# ---- money and time -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_more_money_never_buys_fewer(seed: int) -> None:
    """A thousand for a dollar: ⌊money⌋ thousands, and no thousand too few."""
    bought = []
    for money in (0.0, 0.9, 1.0, 2.5, 4.0):
        model = worlds.model(LIVELY, seed=seed)
        worlds.govern(model, {"account.dollars": money, "behaviour.sale_odds": 0.0})
        for _ in range(5):
            day_of(model, buys_daily)
        bought.append(int(model.world.orders["amount"].sum()))
    assert bought == [0, 0, 1_000, 2_000, 4_000]


@pytest.mark.parametrize("price", [0.1, 0.25, 1.0, 3.0, 10.0])
def test_a_dearer_follow_is_made_less_often(price: float) -> None:
    """⌊10 minutes / price⌋ of twelve follows."""
    model = worlds.model(LIVELY)
    worlds.govern(model, {"account.minutes": 10.0, "prices.follow": price})
    day_of(model, seeks_friends)
    ok = model.plan_status[model.plan["verb"] == Verb.FOLLOW] == Refusal.ACCEPTED
    assert ok.sum() == min(12, int(10 / price + 1e-9))


def busy_day(model: FollowerModel) -> None:
    """Somebody does a bit of everything that has a price, and more than it has time for."""
    me = protagonist(model)
    me.buy(700)
    me.comment(me.following_list())
    me.follow(me.find(12, "anyone"))
    me.like(me.following_list())
    me.unfollow(me.following_list()[:2])


def scaled(model: FollowerModel, factor: float) -> FollowerModel:
    """The model, with all minutes and prices in another unit."""
    prices = model.world.settings.behaviour.prices
    names = ("reply", "follow", "purchase", "like")  # the others say how much effort is put in
    worlds.govern(model, {f"prices.{name}": getattr(prices, name) * factor for name in names})
    worlds.govern(model, {"account.minutes": 12.0 * factor, "account.rate": 0.0})
    return model


@pytest.mark.parametrize("factor", [2.0, 0.25])
def test_the_unit_of_time_does_not_matter(factor: float) -> None:
    """All prices and all budgets twice as great: the same to the bit."""
    one, other = (scaled(worlds.model(LIVELY), k) for k in (1.0, factor))
    met = set()
    for _ in range(4):
        day_of(one, busy_day)
        day_of(other, busy_day)
        met |= {Refusal(s) for s in one.plan_status}
    assert met >= {Refusal.ACCEPTED, Refusal.MINUTES}
    assert worlds.differences(one, other, {"account.minutes"}) == {}


def test_the_unit_of_money_does_not_matter() -> None:
    """Prices, budgets, sales and sponsors in cents: the same, but for the dollars."""
    one, other = worlds.model(LIVELY), worlds.model(LIVELY)
    for model, unit in ((one, 1.0), (other, 4.0)):
        accounts = model.world.accounts
        accounts["dollars"] *= unit
        worlds.govern(
            model,
            {
                "vendor.price_per_1000": 2.0 * unit,
                "behaviour.sale_dollars": 10.0 * unit,
                "sponsors.per_1000_followers": 0.5 * unit,
                "sponsors.per_engagement": 0.25 * unit,
            },
        )
        for _ in range(5):
            day_of(model, busy_day)
    assert set(worlds.differences(one, other)) == {"account.dollars"}
    assert (one.world.accounts["dollars"] * 4.0 == other.world.accounts["dollars"]).all()


# ---- nothing from nothing -----------------------------------------------------------------

NOBODY_ACTS = (Total.LIKES, Total.REPLIES, Total.RESHARES, Total.UNFOLLOWS, Total.MUTES)


@pytest.mark.parametrize("off", [{"account.attention": 0}, {"account.sessions": 0.0}])
@pytest.mark.parametrize("seed", SEEDS)
def test_without_attention_there_is_no_engagement(off: Settings, seed: int) -> None:
    """What nobody reads does nothing: no like, no reply, no follow but those returned."""
    model = worlds.model(LIVELY, seed=seed)
    worlds.govern(model, {**off, "behaviour.follow_back_odds": 0.0, **NO_RETURNS})
    before, people = model.world.state.totals.copy(), model.world.accounts.copy()
    worlds.live(model, 8)
    after = model.world.state.totals
    assert model.world.accounts["posts"].sum() > people["posts"].sum(), "nobody wrote anything"
    for total in (*NOBODY_ACTS, Total.IMPRESSIONS, Total.VALUE, Total.FOLLOWS, Total.BORNE):
        assert after[total] == before[total], total.name
    assert (model.world.accounts["engagements"] == people["engagements"]).all()
    assert (model.world.accounts["expectation"] == people["expectation"]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_without_posts_there_is_nothing_to_read(seed: int) -> None:
    model = worlds.model(LIVELY, seed=seed)
    worlds.govern(model, {"account.rate": 0.0, "behaviour.reshare_factor": 0.0})
    worlds.live(model, 4)  # by then the last posts have left the window
    before = model.world.state.totals.copy()
    worlds.live(model, 4)
    after = model.world.state.totals
    assert after[Total.IMPRESSIONS] == before[Total.IMPRESSIONS]
    assert after[Total.SESSIONS] > before[Total.SESSIONS]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_interest_there_is_no_value(seed: int) -> None:
    model = worlds.model(LIVELY, seed=seed)
    worlds.govern(model, {"account.interest": 0})
    before = model.world.state.totals.copy()
    worlds.live(model, 4)
    after = model.world.state.totals
    assert after[Total.IMPRESSIONS] > before[Total.IMPRESSIONS]
    for total in (Total.VALUE, Total.LIKES, Total.REPLIES, Total.RESHARES):
        assert after[total] == before[total], total.name


# ---- what comes to the same ---------------------------------------------------------------

UNPROVEN = {"behaviour.social_proof": 0.0, "behaviour.sale_proof": 0.0}
FORMLESS = {"behaviour.social_proof_form": "none"}
HIDDEN = {"platform.counts_visible": False}  # nobody can compare them either
LATEST = {"platform.ranking": "chronological"}
IN_NO_SESSION = {"platform.ranking": "mixed", "platform.chronological_share": 0.0}
IN_ALL_SESSIONS = {"platform.ranking": "mixed", "platform.chronological_share": 1.0}
SAME: tuple[tuple[str, Settings, Settings], ...] = (
    ("mixed in no session is ranked", {}, IN_NO_SESSION),
    ("mixed in all sessions is chronological", LATEST, IN_ALL_SESSIONS),
    ("proof that counts nothing is none", UNPROVEN, FORMLESS),
    ("hidden counts prove nothing", {**UNPROVEN, **NO_RETURNS}, HIDDEN),
    ("hidden counts have no form", {**FORMLESS, **NO_RETURNS}, HIDDEN),
    ("chronological feeds heed no warmth", LATEST, {**LATEST, "platform.rank_warmth": 50.0}),
    ("chronological feeds heed no reach", LATEST, {**LATEST, "platform.reach": "follower"}),
    ("chronological feeds heed no freshness", LATEST, {**LATEST, "platform.freshness_hours": 1.0}),
    ("chronological feeds heed no prior", LATEST, {**LATEST, "platform.prior_impressions": 1.0}),
)


@pytest.mark.parametrize(("one", "other"), [x[1:] for x in SAME], ids=[x[0] for x in SAME])
def test_two_ways_to_say_the_same(one: Settings, other: Settings) -> None:
    """The same to the bit after four days."""
    models = worlds.model(LIVELY), worlds.model(LIVELY)
    for model, settings in zip(models, (one, other), strict=True):
        worlds.govern(model, settings)
        for _ in range(4):
            day_of(model, seeks_friends)
    assert worlds.differences(*models) == {}


NOBODY_LEAVES = {**STAYING, "behaviour.drop_noticed": 0.0}
TENDER = {
    f"behaviour.{name}": 0.0
    for name in ("like_warmth", "follow_warmth", "leave_warmth", "sale_warmth", "word_of_mouth")
}
UNFEELING = {**NOBODY_LEAVES, **TENDER, "platform.rank_warmth": 0.0}
IMPATIENT = {**NOBODY_LEAVES, "behaviour.hope_days": 1}
GUSHING = {"behaviour.warmth_like": 0.5, "behaviour.warmth_reply": 0.9}
IRRITATED, WARMED = "tie.irritation", "tie.warmth"
ONLY: tuple[tuple[str, Settings, Settings, str], ...] = (
    ("irritation", NOBODY_LEAVES, {"behaviour.irritation_gain": 2.0}, IRRITATED),
    ("repetition", NOBODY_LEAVES, {"behaviour.repetition": 2.0}, IRRITATED),
    ("overload", NOBODY_LEAVES, {"behaviour.overload": 2.0}, IRRITATED),
    ("hope", IMPATIENT, {"behaviour.hope": 2.0}, IRRITATED),
    ("warmth", UNFEELING, GUSHING, WARMED),
    ("warmth of answers", UNFEELING, {"behaviour.warmth_answer": 0.9}, WARMED),
)


@pytest.mark.parametrize(("given", "off", "only"), [x[1:] for x in ONLY], ids=[x[0] for x in ONLY])
def test_a_feeling_that_acts_on_nothing_stays_a_feeling(
    given: Settings, off: Settings, only: str
) -> None:
    """After five days nothing else is different, though hundreds of ties feel otherwise."""
    models = worlds.pair(LIVELY, given, off)
    for model in models:
        for _ in range(5):
            day_of(model, seeks_friends)
    found = worlds.differences(*models)
    assert set(found) == {only}
    assert len(found[only]) > 50


def writes(model: FollowerModel) -> None:
    """Somebody writes for a living."""
    protagonist(model).post(30, count=6)


def with_and_without_fakes(given: Settings, seed: int) -> tuple[FollowerModel, FollowerModel]:
    """A model in which somebody who writes buys followers too, and one in which not."""
    given = {**NO_RETURNS, "vendor.clients": 0.05, **given}
    models = worlds.pair(LIVELY, given, {}, seed=seed)
    for _ in range(10):
        buys(models[0])
        for model in models:
            day_of(model, writes)
    return models


COUNTS = {"account.dollars", "account.followers", "total.FOLLOWS", "orders"}
OF_FAKES = {"account", "tie", "list", "feed"}


@pytest.mark.parametrize("seed", SEEDS)
def test_without_proof_bought_followers_reach_nobody(seed: int) -> None:
    """κ = 0, reach per impression, nobody who reads counts: fakes change counts and nothing else.

    No viewer, feed, like, follow of a real account or order of a list is another, for ten days.
    """
    models = with_and_without_fakes(UNPROVEN, seed)
    found = worlds.differences(*models)
    assert set(found) == COUNTS | OF_FAKES
    uids = models[0].world.accounts["uid"].tolist()
    ever, alive = {uid for uid in uids if uid >> 62 == 2}, set(FAKES(models[0]))
    assert len(alive) > 100
    assert found["account"] == found["list"] == found["feed"] == ever
    assert {owner for owner, _ in found["tie"]} == alive


@pytest.mark.parametrize("seed", SEEDS)
def test_with_proof_they_reach_others(seed: int) -> None:
    """The same with counts that impress: then others do something else."""
    models = with_and_without_fakes({"behaviour.social_proof": 20.0}, seed)
    found = worlds.differences(*models)
    assert set(found) > COUNTS | OF_FAKES
    assert {owner for owner, _ in found["tie"]} > set(FAKES(models[0]))


# ---- time and topics ----------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_length_of_a_tick_moves_no_session_and_no_post(seed: int) -> None:
    """Both are drawn for hours of a day, so a day holds as many, whatever the ticks."""
    found = []
    for hours in (1, 3, 6, 12, 24):
        model = worlds.model(LIVELY, seed=seed)
        worlds.govern(model, {"platform.tick_hours": hours, "platform.lag_hours": 24})
        worlds.live(model, 2)
        posts = worlds.picture(model)["account.posts"]
        found.append((int(model.world.state.totals[Total.SESSIONS]), posts))
    assert all(one == found[0] for one in found)


def test_the_names_of_topics_do_not_matter() -> None:
    """Topics that change places take everything with them, if nobody draws one by number."""
    turn = np.roll(np.arange(8), 3)
    one, other = (turned(worlds.model(TOPICAL), how) for how in (np.arange(8), turn))
    for model in (one, other):
        for _ in range(6):
            day_of(model, seeks_friends)
    named = {"account.interest", "account.focus", "account.profile_topic", "post.topic"}
    assert set(worlds.differences(one, other)) <= named
    topics = (worlds.picture(model)["post.topic"] for model in (one, other))
    a, b = topics
    assert a
    assert {uid: int(turn[topic]) for uid, topic in a.items()} == b


TOPICAL = worlds.named(
    population=worlds.NAMED_POPULATION.replace("focus = 0.75", "focus = 1"),
    rest=worlds.protagonist("one", "idle"),
)
NO_DRAWN_TOPICS = {"platform.recommendations": 0, "population.needs_per_day": 0.0}


def turned(model: FollowerModel, turn: NDArray[np.int64]) -> FollowerModel:
    """The model, in which topic k is called turn[k] from now on."""
    worlds.govern(model, NO_DRAWN_TOPICS)
    accounts, posts = model.world.accounts, model.world.state.posts
    interest = accounts["interest"].copy()
    accounts["interest"][:, turn] = interest
    for records, name in ((accounts, "focus"), (accounts, "profile_topic"), (posts, "topic")):
        records[name] = turn[records[name]]
    return model


# ---- in expectation -----------------------------------------------------------------------

PAIRS, DAYS = 20, 12


def rival(strategy: str, lines: str = "", params: str = "") -> Scenario:
    """A small world with one protagonist who gets on with it."""
    return worlds.named(
        accounts=120, burn_in=3, rest=worlds.protagonist("one", strategy, params, lines=lines)
    )


ORGANIC = rival("organic", "followers = 10\nminutes = 90\ncraft = 0.5")
CHURNER = rival("follow_for_follow", "followers = 5", "per_day = 8")


class Hunch(NamedTuple):
    """A setting that raises a measure on average, from the smaller to the greater value."""

    made: Scenario
    key: str
    less: float
    more: float
    measure: str


HUNCHES = (
    Hunch(ORGANIC, "account.craft", 0.2, 0.9, "engaged"),
    Hunch(ORGANIC, "account.craft", 0.2, 0.9, "followers"),
    Hunch(ORGANIC, "account.craft", 0.2, 0.9, "reachable"),
    Hunch(ORGANIC, "account.attention", 4, 30, "reach"),
    Hunch(ORGANIC, "account.offer", 0.1, 2.0, "sales"),
    Hunch(CHURNER, "account.seeks", 0, 1, "followers"),
    Hunch(CHURNER, "account.follow_back", 0.2, 2.0, "followers"),
)


@pytest.mark.parametrize("hunch", HUNCHES, ids=lambda x: f"{x.key}-{x.measure}")
def test_on_average_more_is_more(hunch: Hunch) -> None:
    """Paired differences d of n worlds: d̄ / (s/√n) > t(n − 1; 0.995), one-sided.

    If more brought no more, this would hold by chance in one of two hundred draws of seeds.
    """
    made, key = hunch.made, hunch.key
    less, more = (
        np.array([lived(made, key, value, seed)[hunch.measure] for seed in range(PAIRS)])
        for value in (hunch.less, hunch.more)
    )
    mean, error = np.mean(more - less), np.std(more - less, ddof=1) / PAIRS**0.5
    assert mean > stats.t.ppf(0.995, PAIRS - 1) * error


_measures: dict[tuple[str, str, float, int], dict[str, float]] = {}


def lived(made: Scenario, key: str, value: float, seed: int) -> dict[str, float]:
    """The measures at the end of a run, which is made once."""
    run = (made.source_text, key, value, seed)
    if run not in _measures:
        model = worlds.model(made, seed=seed)
        worlds.govern(model, {key: value})
        _measures[run] = worlds.live(model, DAYS).measures()
    return _measures[run]
