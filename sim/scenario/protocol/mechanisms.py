"""The mechanisms of the model: what switches each off, and which settings govern it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sim.scenario import toml
from sim.scenario.catalogue import describe, nodes
from sim.scenario.expect import fields
from sim.scenario.protocol.markdown import code, table

__all__ = ["MECHANISMS", "SCALES", "Mechanism", "mechanisms", "model_keys"]


class Mechanism(NamedTuple):
    """What a mechanism does, the settings that switch it off, and the others that govern it."""

    text: str
    off: Mapping[str, Any]
    others: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Dotted keys of all settings that govern it."""
        return (*self.off, *self.others)


def _all(section: str, names: str, value: Any) -> dict[str, Any]:
    return {f"{section}.{name}": value for name in names.split()}


def _keys(section: str, names: str) -> tuple[str, ...]:
    return tuple(_all(section, names, None))


_SPREADS: Final = (
    "sessions_sigma posts_sigma follow_back_sigma curiosity_sigma reshare_sigma posts_popularity"
)
_PLAIN: Final = {"population.strategies": {"casual": 1.0}}
_PRICES: Final = "self_talk beg promotion reply follow purchase help like"

MECHANISMS: Final = {
    "communities": Mechanism(
        "first follows stay within interest communities",
        {"world.within_community": 0.0},
        ("world.community_size",),
    ),
    "triangles": Mechanism(
        "first follows close triangles",
        {"world.closure": 0.0},
    ),
    "first returns": Mechanism(
        "first follows are returned",
        {"world.reciprocation": 0.0},
    ),
    "heavy tails of the network": Mechanism(
        "popularity and number of follows differ by orders of magnitude at the start",
        {"world.network": "uniform"},
        _keys("world", "popularity_exponent popularity_sigma degree_sigma file"),
    ),
    "burn-in": Mechanism("the world lives before the experiment", {"world.burn_in_days": 0}),
    "arrivals": Mechanism(
        "people join and follow some accounts",
        {"world.arrivals_per_day": 0.0},
        ("world.arrival_follows",),
    ),
    "departures": Mechanism("people delete their accounts", {"world.departures_per_day": 0.0}),
    "differences between people": Mechanism(
        "habits and manners are spread around their medians",
        _all("population", _SPREADS, 0.0),
        _keys("population", "craft_low craft_high sessions_max posts_max"),
    ),
    "reading": Mechanism(
        "people read their feeds; without it nobody reacts to posts",
        {"population.sessions_median": 0.0},
        ("population.attention",),
    ),
    "habitual posting": Mechanism(
        "people post now and then",
        {"population.posts_median": 0.0},
        ("population.effort",),
    ),
    "self-talk": Mechanism("people post about themselves", {"population.self_talk": 0.0}),
    "strategies among people": Mechanism(
        "other people than the protagonists beg, trade follows, buy, help ...",
        _PLAIN,
        ("population.params",),
    ),
    "chronological and ranked feeds": Mechanism(
        "the feed prefers what is fresh, engaging and by friends",
        {"platform.ranking": "chronological"},
        _keys("platform", "chronological_share freshness_hours prior_impressions"),
    ),
    "warmth in the ranking": Mechanism("friends' posts rank higher", {"platform.rank_warmth": 0.0}),
    "hollow audiences cost reach": Mechanism(
        "ranking judges engagement per follower",
        {"platform.reach": "impression"},
        ("platform.follower_reach",),
    ),
    "recommendations": Mechanism(
        "posts by strangers compete for places in the feed",
        {"platform.recommendations": 0},
        ("platform.recommendation_weight",),
    ),
    "friends of friends": Mechanism(
        "recommendations follow the network", {"platform.friend_share": 0.0}
    ),
    "popularity recommendations": Mechanism(
        "recommendations favour those with followers", {"platform.popularity_share": 0.0}
    ),
    "profile checks": Mechanism(
        "a profile decides about a follow, not the post alone",
        {"platform.profile_checks": 0.0},
    ),
    "visible counts": Mechanism(
        "counts of followers and likes are shown", {"platform.counts_visible": False}
    ),
    "social proof": Mechanism(
        "shown counts raise the odds of likes, follows, follow-backs and purchases",
        {"behaviour.social_proof_form": "none"},
        _keys("behaviour", "social_proof sale_proof"),
    ),
    "likes": Mechanism(
        "people like what has value to them; without it nobody replies or reshares",
        {"behaviour.like_odds": 0.0},
        ("behaviour.like_epsilon",),
    ),
    "warmth and likes": Mechanism("friends are liked more", {"behaviour.like_warmth": 0.0}),
    "replies": Mechanism("people reply to posts", {"behaviour.reply_factor": 0.0}),
    "answers": Mechanism(
        "ordinary people answer replies",
        {"population.answers": 0.0},
        ("behaviour.warmth_answer",),
    ),
    "reshares": Mechanism("people reshare posts", {"behaviour.reshare_factor": 0.0}),
    "asking": Mechanism(
        "asking for a reshare multiplies its odds", {"behaviour.asking_factor": 1.0}
    ),
    "follows after posts": Mechanism(
        "people follow creators whose posts or profiles are better than they expect",
        {"behaviour.follow_odds": 0.0},
    ),
    "follows of acquaintances": Mechanism(
        "those who are known are followed more", {"behaviour.follow_warmth": 0.0}
    ),
    "seeking reciprocity": Mechanism(
        "some people follow, and follow back, those who visibly return follows",
        {"population.reciprocity_seekers": 0.0},
        ("behaviour.reciprocity_odds",),
    ),
    "follow-backs": Mechanism(
        "people follow back",
        {"behaviour.follow_back_odds": 0.0},
        ("behaviour.follow_back_floor",),
    ),
    "expectation": Mechanism(
        "people learn what to expect of a post (switched off all but)",
        {"behaviour.expectation_memory": 10_000.0},
    ),
    "irritation": Mechanism(
        "disappointment and repetition annoy",
        {"behaviour.irritation_gain": 0.0},
        ("behaviour.irritation_half_life",),
    ),
    "repetition": Mechanism("many posts in a day annoy", {"behaviour.repetition": 0.0}),
    "overload": Mechanism("a feed too full to read annoys", {"behaviour.overload": 0.0}),
    "lost hope": Mechanism(
        "seekers of reciprocity are annoyed by those who do not follow back",
        {"behaviour.hope": 0.0},
        ("behaviour.hope_days",),
    ),
    "distaste": Mechanism(
        "a kind of post is disliked as such",
        _all("behaviour", "distaste_self_talk distaste_promotion distaste_beg", 0.0),
    ),
    "having had enough": Mechanism(
        "annoyed followers leave, mute or bear it",
        {"behaviour.leave_hazard": 0.0},
        ("behaviour.leave_warmth",),
    ),
    "unfollowing": Mechanism("those who have had enough unfollow", {"population.diligence": 0.0}),
    "muting": Mechanism(
        "those who have had enough and do not unfollow may mute", {"behaviour.mute": 0.0}
    ),
    "warmth": Mechanism(
        "interactions make friends",
        _all("behaviour", "warmth_like warmth_reply warmth_answer warmth_help", 0.0),
        _keys("behaviour", "warmth_half_life warm"),
    ),
    "drops noticed": Mechanism(
        "those who are unfollowed may notice and resent it",
        {"behaviour.drop_noticed": 0.0},
        ("behaviour.drop_irritation",),
    ),
    "word of mouth": Mechanism(
        "those who resent a drop tell their friends", {"behaviour.word_of_mouth": 0.0}
    ),
    "needs and help": Mechanism(
        "people voice needs that others may answer",
        {"population.needs_per_day": 0.0},
        ("platform.need_hours", *_keys("behaviour", "warmth_help help_irritation")),
    ),
    "sales": Mechanism(
        "people buy what accounts offer",
        {"behaviour.sale_odds": 0.0},
        (
            "population.sellers",
            "protagonists.offer",
            *_keys("behaviour", "sale_warmth sale_pause_days sale_dollars"),
        ),
    ),
    "sponsors": Mechanism(
        "accounts are paid for followers or for engagement",
        _all("platform.sponsors", "per_1000_followers per_engagement", 0.0),
        ("platform.sponsors.least_followers",),
    ),
    "imitation": Mechanism(
        "people copy those who look successful",
        {"behaviour.imitation": 0.0},
        _keys("behaviour", "imitation_factor imitate_by"),
    ),
    "budgets of time": Mechanism(
        "acts cost minutes of the actor's day",
        _all("behaviour.prices", _PRICES, 0.0),
        ("population.minutes", "protagonists.minutes"),
    ),
    "budgets of money": Mechanism(
        "fakes cost dollars",
        {"platform.vendors.price_per_1000": 0.0},
        ("population.money", "protagonists.money"),
    ),
    "vendors of fakes": Mechanism(
        "fakes can be bought: by strategies that do so only",
        _PLAIN,
        ("platform.vendors.name", "platform.vendors.delivery_days"),
    ),
    "other customers": Mechanism(
        "fakes follow other customers of their vendor",
        {"platform.vendors.other_customers": 0},
        ("platform.vendors.clients",),
    ),
    "decay of fakes": Mechanism(
        "fakes vanish by themselves", {"platform.vendors.decay_per_day": 0.0}
    ),
    "detection": Mechanism(
        "the platform finds fakes from day to day", {"platform.detection_per_day": 0.0}
    ),
    "sweeps": Mechanism(
        "the platform deletes many fakes at once; as an event, too",
        {"platform.sweep_every_days": 0},
        _keys("platform", "sweep_recall sweep_false_positives"),
    ),
    "limits of follows": Mechanism(
        "the platform limits follows by the day and in ratio to followers",
        {"platform.follows_per_day": 100_000, "platform.follow_cap": 10_000_000},
        ("platform.follow_ratio",),
    ),
    "detection of churn": Mechanism(
        "who unfollows many in a day may not follow for a while",
        {"platform.churn_limit": 0},
        ("platform.churn_block_days",),
    ),
    "pods": Mechanism(
        "members like one another's posts by arrangement: by strategies that do so only",
        _PLAIN,
        ("platform.pods",),
    ),
    "warmth by arrangement": Mechanism(
        "liking by arrangement makes its giver fond all the same",
        {"behaviour.arranged_warmth": 0.0},
    ),
    "engagement in the score": Mechanism(
        "the vanity score counts engagement too", {"platform.score_engagement": 0.0}
    ),
}
"""All mechanisms by name."""

SCALES: Final = (
    *_keys("world", "accounts follows_per_account topics"),
    "population.focus",
    *_keys("platform", "tick_hours lag_hours window_hours return_hours"),
)
"""Settings of the model that scale it and switch nothing off."""

_SECTIONS: Final = (
    "world", "population", "platform", "platform.vendors", "platform.sponsors", "behaviour",
    "behaviour.prices",
)  # fmt: skip


def model_keys() -> tuple[str, ...]:
    """Return the dotted keys of all settings of the world, the people and the platform."""
    inside = (key for key, node in nodes().items() if not fields(node))
    return tuple(key for key in inside if key.rpartition(".")[0] in _SECTIONS)


def mechanisms() -> str:
    """Return the table of mechanisms."""
    header = "mechanism | what it is | off with | off by default | other settings | source"
    return table(header, (_row(name, one) for name, one in MECHANISMS.items()))


def _row(name: str, one: Mechanism) -> tuple[str, ...]:
    off = (f"{key} = {toml.value(value)}" for key, value in one.off.items())
    default = all(describe(key).default == toml.value(value) for key, value in one.off.items())
    found = dict.fromkeys(describe(key).source for key in one.keys)
    return (
        f"**{name}**",
        one.text,
        ", ".join(code(setting) for setting in off),
        "yes" if default else "",
        ", ".join(code(key) for key in one.others),
        "; ".join(found),
    )
