"""Every parameter of the model: default, unit, admissible range and source.

The sections of a scenario file are the classes below. They stand at the bottom of the
import order, so that the world and the strategies can read settings that the scenario
loader has checked. Past the loader nothing re-checks a setting.

``source`` names where a default comes from: a publication listed in ``sim/README.md``,
``design`` (a premise of the laboratory, to be swept) or ``calibrated``.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Behaviour",
    "Platform",
    "Population",
    "Prices",
    "Record",
    "Section",
    "Sponsors",
    "Vendor",
    "World",
    "param",
]


class Section(BaseModel):
    """A frozen section of a scenario that refuses unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


def param(default: Any, unit: str, source: str, **limits: Any) -> Any:
    """A documented parameter: its default, unit, source and limits (``ge``, ``le``, ...)."""
    return Field(default, json_schema_extra={"unit": unit, "source": source}, **limits)


Share = Annotated[float, Field(ge=0, le=1)]


class World(Section):
    """The follow network at the start, and how long it lives before the experiment."""

    accounts: int = param(10_000, "accounts", "design", ge=20, le=20_000_000)
    """Ordinary accounts at the start."""
    follows_per_account: float = param(25.0, "follows", "design", ge=1, le=2_000)
    """Mean number of accounts that an account follows at the start."""
    network: Literal["calibrated", "uniform", "preferential", "merit", "file"] = param(
        "calibrated", "-", "design"
    )
    """How the first follows are laid: the calibrated generator, an exact simple law, or a file."""
    file: str | None = param(None, "path", "design")
    """Edge list for network = "file": CSV, CSV.GZ or GraphML, relative to the scenario file."""
    topics: int = param(8, "topics", "design", ge=2, le=8)
    """Topics that posts are about and people are interested in."""
    community_size: int = param(400, "accounts", "design", ge=10, le=1_000_000)
    """Mean size of an interest community; a community shares its main topic."""
    within_community: Share = param(0.7, "share", "calibrated on Twitter follow graphs")
    """Share of first follows that stay within the community."""
    closure: Share = param(0.3, "share", "calibrated on Twitter follow graphs")
    """Share of first follows that close a triangle (a followee of a followee)."""
    reciprocation: Share = param(0.21, "share", "Kwak et al. 2010; calibrated")
    """Probability that a first follow is returned when the network is laid."""
    popularity_exponent: float = param(
        2.15, "exponent", "calibrated on Twitter follow graphs", gt=1, le=20
    )
    """Exponent of the upper tail of the popularity with which first followees are drawn."""
    popularity_sigma: float = param(
        1.9, "log sd", "calibrated on Twitter follow graphs", ge=0, le=4
    )
    """Spread of that popularity below its upper fifth."""
    degree_sigma: float = param(2.0, "log sd", "calibrated on Twitter follow graphs", ge=0, le=3)
    """Spread of the number of accounts that an account follows at the start."""
    burn_in_days: int = param(120, "days", "design", ge=0, le=1_000)
    """Days that the world lives before the experiment starts; done once for all arms."""
    arrivals_per_day: float = param(0.0005, "accounts per account and day", "design", ge=0, le=0.05)
    """Accounts that join each day, per account at the start."""
    arrival_follows: int = param(10, "follows", "design", ge=0, le=100)
    """Accounts that a newcomer to the platform follows when joining."""
    departures_per_day: float = param(
        0.00026, "accounts per account and day", "design", ge=0, le=0.05
    )
    """Share of ordinary accounts that give up and delete themselves, a day (done once a week)."""


class Population(Section):
    """What ordinary people are like; each spread is that of a lognormal."""

    sessions_median: float = param(0.3, "sessions a day", "design", ge=0, le=24)
    """Median number of times a day that an account opens its feed."""
    sessions_sigma: float = param(1.0, "log sd", "design", ge=0, le=2)
    """Spread of sessions a day."""
    sessions_max: float = param(4.0, "sessions a day", "design", ge=0, le=24)
    """Upper bound of sessions a day."""
    attention: int = param(15, "impressions a session", "design", ge=0, le=60)
    """Mean number of posts that an account reads in a session (from half to one and a half)."""
    posts_median: float = param(0.021, "posts a day", "Pew 2019", ge=0, le=50)
    """Median posting rate."""
    posts_sigma: float = param(2.65, "log sd", "Pew 2019", ge=0, le=3)
    """Spread of the posting rate: the top tenth of those who post writes over 70 %."""
    posts_max: float = param(30.0, "posts a day", "design", ge=0, le=100)
    """Upper bound of the posting rate."""
    posts_popularity: float = param(0.56, "correlation", "Pew 2019", ge=-1, le=1)
    """Correlation between the logs of posting rate and of popularity."""
    effort: float = param(10.0, "minutes a post", "design", ge=0, le=120)
    """Time that ordinary people spend on a post."""
    self_talk: Share = param(0.4, "share of posts", "design")
    """Share of an ordinary account's posts that are about itself (two minutes of effort)."""
    craft_low: Share = param(0.15, "craft", "design")
    """Lower end of craft among ordinary accounts (triangular)."""
    craft_high: Share = param(0.85, "craft", "design")
    """Upper end of craft among ordinary accounts (triangular)."""
    focus: Share = param(0.75, "share of posts", "design")
    """Share of an account's posts that are on its main topic."""
    follow_back_sigma: float = param(1.0, "log sd", "design", ge=0, le=3)
    """Spread of the propensity to follow back."""
    reciprocity_seekers: Share = param(0.05, "share of accounts", "Ghosh et al. 2012")
    """Share of accounts that seek reciprocity (they value a visible return rate)."""
    diligence: Share = param(0.33, "probability", "design")
    """Mean probability that an annoyed account does unfollow (most people never bother)."""
    curiosity_sigma: float = param(0.5, "log sd", "design", ge=0, le=2)
    """Spread of curiosity, the readiness to follow what is interesting."""
    reshare_sigma: float = param(1.0, "log sd", "design", ge=0, le=3)
    """Spread of the propensity to reshare."""
    answers: Share = param(0.3, "probability", "design")
    """Mean probability that an ordinary account answers a reply."""
    strategies: dict[str, Annotated[float, Field(ge=0)]] = param(
        {
            "casual": 0.977,
            "beg": 0.01,
            "community": 0.003,
            "follow_for_follow": 0.005,
            "self_promoter": 0.005,
        },
        "shares",
        "design",
    )
    """Strategies of the ordinary accounts and their shares (weights, normalised)."""
    params: dict[str, dict[str, Any]] = param({"follow_for_follow": {"per_day": 1}}, "-", "design")
    """Parameters of these strategies, by the strategy's name."""
    minutes: float = param(20.0, "minutes a day", "design", ge=0, le=1_440)
    """Time that an ordinary account can spend a day, besides what it is used to writing."""
    money: float = param(10.0, "dollars in all", "design", ge=0, le=1e9)
    """Money that an ordinary account can spend."""
    sellers: Share = param(0.0, "share of accounts", "design")
    """Share of ordinary accounts that have something to sell."""
    needs_per_day: Share = param(0.02, "needs a day", "design")
    """Needs that an account voices a day: questions that somebody might answer."""


class Vendor(Section):
    """A seller of fake followers."""

    name: str = param("default", "-", "design", min_length=1, max_length=40)
    """Name by which a strategy orders from this vendor."""
    price_per_1000: float = param(1.0, "dollars", "second essay (5,000 for $5)", ge=0, le=10_000)
    """Price of a thousand followers."""
    delivery_days: int = param(2, "days", "Technorati 2013", ge=1, le=365)
    """Days over which an order is delivered, in equal parts (1 is a burst)."""
    decay_per_day: Share = param(0.0005, "share a day", "design")
    """Share of delivered fakes that vanish each day without a sweep."""
    clients: Share = param(0.01, "share of accounts", "NYT 2018 (bots follow many buyers)")
    """Share of ordinary accounts that are customers of this vendor too."""
    other_customers: int = param(3, "follows", "NYT 2018", ge=0, le=100)
    """Other customers that each fake is made to follow."""


class Sponsors(Section):
    """Those who pay accounts for being known or for being heard."""

    per_1000_followers: float = param(0.0, "dollars a day", "design", ge=0, le=10_000)
    """Pay for every thousand followers, whatever they are."""
    per_engagement: float = param(0.0, "dollars", "design", ge=0, le=10_000)
    """Pay for every like, reply and reshare received."""
    least_followers: int = param(0, "followers", "design", ge=0, le=1_000_000_000)
    """Followers from which an account is paid at all."""


class Platform(Section):
    """What the platform shows, allows and deletes."""

    tick_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = param(6, "hours", "design")
    """Length of a tick."""
    lag_hours: int = param(6, "hours", "design", ge=1, le=48)
    """Time after which a post can be seen by others; at least a tick."""
    window_hours: int = param(48, "hours", "design", ge=6, le=96)
    """Time for which a post can be seen."""
    return_hours: int = param(24, "hours", "design", ge=1, le=240)
    """Time after which those who were notified react."""
    ranking: Literal["ranked", "chronological", "mixed"] = param("ranked", "-", "design")
    """Order of the feed; "mixed" is chronological in the share of sessions given below."""
    chronological_share: Share = param(0.5, "share of sessions", "design")
    """Share of chronological sessions when ranking is "mixed"."""
    reach: Literal["impression", "follower"] = param("impression", "-", "design")
    """Whether ranking judges engagement per impression or per follower."""
    follower_reach: float = param(0.3, "share", "design", gt=0, le=1)
    """Share of followers taken to have seen a post when reach is judged per follower."""
    prior_impressions: float = param(20.0, "impressions", "design", gt=0, le=10_000)
    """Pseudo-impressions that shrink a post's engagement rate to the platform's mean."""
    freshness_hours: float = param(12.0, "hours", "design", gt=0, le=1_000)
    """Age at which a post's ranking weight has halved."""
    rank_warmth: float = param(3.0, "factor", "design", ge=0, le=100)
    """How much warmth multiplies the ranking weight of an author's posts."""
    recommendations: int = param(5, "candidates a session", "calibrated", ge=0, le=20)
    """Posts by accounts not followed that compete for a place in each session's feed."""
    recommendation_weight: float = param(1.0, "factor", "design", ge=0, le=100)
    """Ranking weight of a recommended post relative to a followee's."""
    friend_share: Share = param(0.5, "share", "Su, Sharma, Goel 2016")
    """Share of recommendations taken from friends of friends."""
    popularity_share: Share = param(0.1, "share", "design")
    """Share of recommendations taken from accounts by their popularity; the rest by topic."""
    profile_checks: Share = param(1.0, "probability", "design")
    """Probability that somebody looks at a profile before following; else the post decides."""
    counts_visible: bool = param(True, "-", "design")
    """Whether counts are shown; hidden, they convince nobody and nobody can compare them."""
    follows_per_day: int = param(400, "follows a day", "platform rule", ge=0, le=100_000)
    """Follows that an account may make in a day."""
    follow_cap: int = param(2_000, "follows", "platform rule", ge=0, le=10_000_000)
    """Number of follows beyond which the ratio rule binds."""
    follow_ratio: float = param(1.1, "follows per follower", "platform rule", ge=0, le=1_000)
    """Beyond the cap an account may follow at most this many times its followers."""
    churn_limit: int = param(0, "unfollows a day", "platform rule", ge=0, le=100_000)
    """Unfollows in a day beyond which an account is taken for a churner; 0 for no detection."""
    churn_block_days: int = param(7, "days", "platform rule", ge=1, le=365)
    """Days for which a churner may not follow anybody."""
    detection_per_day: Share = param(0.0, "share of fakes", "design")
    """Share of the fakes that the platform finds and deletes each day, besides sweeps."""
    sweep_every_days: int = param(0, "days", "design", ge=0, le=10_000)
    """Interval of the platform's sweeps for fakes, counted from day 0; 0 for none."""
    sweep_recall: Share = param(0.7, "share of fakes", "Technorati 2013 (66 %)")
    """Share of the fakes that a sweep finds and deletes."""
    sweep_false_positives: Share = param(0.0005, "share of accounts", "2018 sweep")
    """Share of ordinary accounts that a sweep deletes by mistake."""
    vendors: tuple[Vendor, ...] = param((Vendor(),), "-", "design")
    """Sellers of fake followers."""
    sponsors: Sponsors = param(Sponsors(), "-", "design")
    """Those who pay for followers or for engagement."""
    need_hours: int = param(72, "hours", "design", ge=24, le=1_000)
    """Time for which a need can be answered."""
    pods: int = param(20, "pods", "Weerasinghe et al. 2020 (over 400)", ge=1, le=60_000)
    """Pods (circles that like each other's posts by arrangement) that an account can join."""
    score_engagement: float = param(1.0, "factor", "design", ge=0, le=100)
    """Weight of engagement in the vanity score."""


class Prices(Section):
    """What an act costs in minutes of the actor's day."""

    self_talk: float = param(2.0, "minutes", "design", ge=0, le=1_440)
    """A post about oneself."""
    beg: float = param(1.0, "minutes", "design", ge=0, le=1_440)
    """A post that asks for followers."""
    promotion: float = param(5.0, "minutes", "design", ge=0, le=1_440)
    """A post that advertises one's offer."""
    reply: float = param(3.0, "minutes", "design", ge=0, le=1_440)
    """An answer to somebody."""
    follow: float = param(0.25, "minutes", "design", ge=0, le=1_440)
    """Following or unfollowing an account."""
    purchase: float = param(10.0, "minutes", "design", ge=0, le=1_440)
    """Ordering from a vendor, besides the vendor's price."""
    help: float = param(6.0, "minutes", "design", ge=0, le=1_440)
    """An answer to a need that somebody has voiced."""
    like: float = param(0.1, "minutes", "design", ge=0, le=1_440)
    """A like that is planned, in a pod or out of politeness."""


class Behaviour(Section):
    """How people react: the coefficients of the reaction and follow functions."""

    like_odds: float = param(0.07, "odds", "calibrated", ge=0, le=100)
    """Odds of a like for a post of value 1/2 from a stranger, seen for the first time."""
    like_epsilon: float = param(0.2, "value", "design", gt=0, le=1)
    """Keeps the odds of a like finite as the value approaches 1."""
    like_warmth: float = param(4.0, "factor", "design", ge=0, le=100)
    """How much warmth multiplies the odds of a like."""
    reply_factor: float = param(0.1, "factor", "design", ge=0, le=10)
    """Odds of a reply relative to a like."""
    reshare_factor: float = param(0.3, "factor", "design", ge=0, le=10)
    """Odds of a reshare relative to a like."""
    asking_factor: float = param(2.7, "factor", "Zarrella 2011 (confounded)", ge=0, le=100)
    """How much asking for a reshare multiplies its odds."""
    follow_odds: float = param(0.1, "odds", "calibrated", ge=0, le=100)
    """Odds of following the author of a post, for a profile as good as expected."""
    follow_warmth: float = param(4.0, "factor", "Antoniades, Dovrolis 2015", ge=0, le=100)
    """How much warmth towards somebody known, but not followed, multiplies those odds."""
    reciprocity_odds: float = param(0.02, "odds", "design", ge=0, le=100)
    """Odds of a follow by a seeker of reciprocity on an account that returns every follow."""
    follow_back_odds: float = param(
        0.33, "odds", "bloggers' counts (17 % of strangers)", ge=0, le=100
    )
    """Odds of following back at full match and mean propensity."""
    follow_back_floor: float = param(0.2, "match", "design", ge=0, le=10)
    """Part of the odds of following back that does not depend on match."""
    social_proof: float = param(0.2, "factor", "design", ge=0, le=100)
    """How much a shown count multiplies the odds of a like, a follow and a follow-back."""
    social_proof_form: Literal["log", "step", "none"] = param("log", "-", "design")
    """Social proof of a count n: log2(1+n)/10, a step at each of the round numbers, or none."""
    expectation_memory: float = param(20.0, "impressions", "design", ge=1, le=10_000)
    """Impressions over which the expectation adapts to what is read."""
    irritation_gain: float = param(0.075, "per unit", "calibrated", ge=0, le=100)
    """Irritation per unit of disappointment, repetition and distaste."""
    repetition: float = param(0.085, "per post", "design", ge=0, le=10)
    """Irritation by each earlier post of the same author within a day."""
    overload: float = param(0.1, "irritation", "Gomez-Rodriguez et al. 2014", ge=0, le=10)
    """Irritation by a feed in which as many posts stay unread as are read."""
    hope: float = param(0.1, "irritation", "first essay", ge=0, le=10)
    """Irritation of a seeker of reciprocity by somebody who has not followed back."""
    hope_days: int = param(7, "days", "design", ge=0, le=1_000)
    """Time for which a seeker of reciprocity hopes before that irritation begins."""
    distaste_self_talk: float = param(0.0, "irritation", "design", ge=0, le=10)
    """Distaste for self-talk as such."""
    distaste_promotion: float = param(0.0, "irritation", "design", ge=0, le=10)
    """Distaste for promotion as such."""
    distaste_beg: float = param(0.0, "irritation", "design", ge=0, le=10)
    """Distaste for begging as such."""
    leave_hazard: float = param(0.15, "probability", "calibrated", ge=0, le=1)
    """Probability per impression that a fully irritated stranger has had enough."""
    leave_warmth: float = param(7.0, "factor", "calibrated", ge=0, le=100)
    """How much warmth divides that probability."""
    mute: Share = param(0.16, "probability", "calibrated")
    """Probability that an annoyed account that does not unfollow mutes instead."""
    irritation_half_life: float = param(5.0, "days", "calibrated", gt=0, le=1_000)
    """Time in which irritation halves."""
    warmth_half_life: float = param(30.0, "days", "design", gt=0, le=1_000)
    """Time in which warmth halves."""
    warmth_like: Share = param(0.05, "share of the rest", "design")
    """Warmth gained by a like given."""
    warmth_reply: Share = param(0.2, "share of the rest", "design")
    """Warmth gained by a reply, on both sides."""
    warmth_answer: Share = param(0.3, "share of the rest", "design")
    """Warmth gained by an answer, on both sides."""
    warm: Share = param(0.2, "warmth", "design")
    """Warmth from which a connection counts as warm; it must be so on both sides."""
    drop_noticed: Share = param(0.3, "probability", "design")
    """Probability that somebody who was dropped notices."""
    drop_irritation: float = param(1.0, "irritation", "design", ge=0, le=4)
    """Irritation by a noticed drop; warmth adds to it."""
    word_of_mouth: float = param(0.5, "irritation", "design", ge=0, le=4)
    """Irritation of a friend who hears of a drop, times warmth towards the one who tells."""
    warmth_help: Share = param(0.4, "share of the rest", "design")
    """Warmth gained by a need that was met, on both sides."""
    help_irritation: float = param(0.3, "irritation", "design", ge=0, le=4)
    """Irritation by an answer to a need that did not help."""
    arranged_warmth: Share = param(0.0, "share", "design")
    """Share of the usual warmth that a like or comment by arrangement brings its giver."""
    imitation: Share = param(0.0, "probability a week", "design")
    """Probability that an account compares itself with one that it follows."""
    imitation_factor: float = param(2.0, "factor", "design", ge=1, le=1_000)
    """How many times as successful the other must look for its strategy to be copied."""
    imitate_by: Literal["followers", "engagements"] = param("followers", "-", "design")
    """What is taken for success in that comparison."""
    sale_odds: float = param(0.002, "odds", "design", ge=0, le=100)
    """Odds of a purchase by somebody exposed, at full match, from a stranger."""
    sale_warmth: float = param(4.0, "factor", "design", ge=0, le=100)
    """How much warmth multiplies the odds of a purchase."""
    sale_proof: float = param(0.2, "factor", "design", ge=0, le=100)
    """How much the follower count multiplies the odds of a purchase."""
    sale_pause_days: int = param(90, "days", "design", ge=0, le=10_000)
    """Time for which somebody who bought does not buy again from the same account."""
    sale_dollars: float = param(10.0, "dollars", "design", ge=0, le=1e6)
    """What a sale brings its seller."""
    prices: Prices = param(Prices(), "-", "design")
    """What acts cost."""


class Record(Section):
    """What is written down. In a sweep less is kept by default: see `sim/experiments`."""

    every_days: int = param(1, "days", "design", ge=1, le=2_730)
    """Interval of the series, which has the first and the last day in any case; in a sweep 30."""
    measures: tuple[str, ...] = param((), "measures", "design", max_length=64)
    """Measures that the series keeps; by default all. The table of runs has all at the end."""
    when: str = param("", "condition", "design", max_length=500)
    """If given, the series keeps only days on which this holds, such as "followers >= 1000"."""
    follows: bool = param(True, "-", "design")
    """Whether each follow of a protagonist is listed in the results; in a sweep false."""
    events: bool = param(True, "-", "design")
    """Whether milestones, purchases, sweeps and sales are listed; in a sweep false."""
