"""The measures: each declared once, with definition, unit and source."""

from typing import Final, NamedTuple

DAY: Final = 24
MONTH: Final = 28 * DAY  # hours over which "engaged" and rates are taken


class Measure(NamedTuple):
    """What a measure is."""

    label: str
    unit: str
    definition: str
    source: str
    of_platform: bool = False
    by_origin: bool = False


MEASURES: Final[dict[str, Measure]] = {
    "followers": Measure(
        "followers",
        "accounts",
        "accounts that follow it, fakes included",
        "visible count",
        by_origin=True,
    ),
    "following": Measure("following", "accounts", "accounts that it follows", "visible count"),
    "reachable": Measure(
        "reachable followers",
        "accounts",
        "followers that are no fakes and have not muted it",
        "second essay",
        by_origin=True,
    ),
    "engaged": Measure(
        "engaged followers",
        "accounts",
        "followers that liked, answered or reshared a post of it within 28 days",
        "both essays",
        by_origin=True,
    ),
    "engagement_rate": Measure(
        "engagement rate",
        "per impression",
        "likes, replies and reshares per impression within 28 days",
        "Rival IQ 2023",
    ),
    "reach": Measure("reach", "impressions", "impressions of its posts within 28 days", "design"),
    "warm": Measure(
        "warm connections",
        "accounts",
        "accounts with warmth above behaviour.warm on both sides, followed or not",
        "first essay",
    ),
    "value": Measure(
        "value delivered",
        "value",
        "sum of quality x match over all impressions of its posts since the start",
        "first essay",
    ),
    "sales": Measure("sales", "sales", "purchases of its offer since the start", "second essay"),
    "minutes": Measure("minutes spent", "minutes", "time spent since the start", "design"),
    "dollars": Measure("dollars spent", "dollars", "money spent since the start", "second essay"),
    "unfollows": Measure(
        "unfollows caused", "unfollows", "followers that left by choice since the start", "design"
    ),
    "mutes": Measure("mutes caused", "mutes", "followers that muted it since the start", "design"),
    "score": Measure(
        "vanity score",
        "score",
        "log2(1 + followers) + log2(1 + engagements within 28 days)",
        "first essay (Klout)",
    ),
    "minutes_per_follower": Measure(
        "minutes per follower", "minutes", "minutes spent / followers gained (at least 1)", "design"
    ),
    "minutes_per_engaged": Measure(
        "minutes per engaged follower", "minutes", "minutes spent / engaged followers", "design"
    ),
    "dollars_per_engaged": Measure(
        "dollars per engaged follower", "dollars", "dollars spent / engaged followers", "design"
    ),
    "pollution": Measure(
        "feed pollution",
        "share of impressions",
        "share of all impressions that showed begs or promotions since the last record",
        "first essay",
        of_platform=True,
    ),
    "value_lost": Measure(
        "value lost to begs",
        "value",
        "sum of quality x match of the posts that begs displaced from feeds since the start",
        "first essay",
        of_platform=True,
    ),
    "value_per_impression": Measure(
        "value per impression",
        "value",
        "mean quality x match since the last record",
        "design",
        of_platform=True,
    ),
    "reciprocity": Measure(
        "mutual share",
        "share of linked pairs",
        "linked pairs that follow each other",
        "Kwak et al. 2010",
        of_platform=True,
    ),
    "net_zero": Measure(
        "net-zero pairs",
        "pairs",
        "pairs that follow each other with no interaction on either side within 28 days",
        "first essay",
        of_platform=True,
    ),
    "gini": Measure(
        "Gini of followers",
        "index",
        "inequality of follower counts, fakes left out",
        "design",
        of_platform=True,
    ),
}
