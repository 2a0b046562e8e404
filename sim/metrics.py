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
    by_cause: bool = False


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
        "followers with whom there was an interaction within 28 days: a like, reply or reshare of "
        "theirs, or an answer or help on either side; nothing by arrangement",
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
    "income": Measure(
        "income", "dollars", "paid by sponsors and by buyers since the start", "first essay"
    ),
    "minutes": Measure("minutes spent", "minutes", "time spent since the start", "design"),
    "dollars": Measure("dollars spent", "dollars", "money spent since the start", "second essay"),
    "profit": Measure("profit", "dollars", "income less dollars spent", "design"),
    "unfollows": Measure(
        "unfollows caused",
        "unfollows",
        "followers that left by choice since the start; by cause, with those that were deleted",
        "Econsultancy 2012",
        by_cause=True,
    ),
    "left_unreturned": Measure(
        "left without return",
        "unfollows",
        "followers that left because it did not follow them back, since the start",
        "first essay",
    ),
    "mutes": Measure(
        "mutes caused",
        "mutes",
        "followers that muted it since the start",
        "design",
        by_cause=True,
    ),
    "endured": Measure(
        "times endured",
        "times",
        "times that followers had enough of it, and neither left nor muted it, since the start",
        "first essay (most never bother)",
    ),
    "reshares": Measure(
        "reshares", "reshares", "reshares of its posts since the start", "Zarrella 2011"
    ),
    "organic_engagements": Measure(
        "organic engagements",
        "engagements",
        "likes, replies and reshares received since the start, those by arrangement left out",
        "Weerasinghe et al. 2020",
    ),
    "organic_comments": Measure(
        "organic comments",
        "replies",
        "replies received since the start, those by arrangement left out",
        "Weerasinghe et al. 2020",
    ),
    "arranged": Measure(
        "arranged engagements",
        "engagements",
        "likes and comments received by arrangement since the start",
        "second essay",
    ),
    "helped": Measure(
        "needs met", "needs", "needs of others that it met since the start", "design"
    ),
    "net_followers": Measure(
        "net followers", "accounts", "followers less accounts followed", "first essay"
    ),
    "hollow_pairs": Measure(
        "hollow pairs",
        "accounts",
        "accounts that it follows mutually, with no interaction on either side within 28 days",
        "first essay",
    ),
    "imitators": Measure(
        "imitators", "accounts", "ordinary accounts that have its strategy", "design"
    ),
    "score": Measure(
        "vanity score",
        "score",
        "log2(1 + followers) + platform.score_engagement x log2(1 + engagements within 28 days)",
        "first essay (Klout)",
    ),
    "minutes_per_follower": Measure(
        "minutes per follower", "minutes", "minutes spent / followers gained", "design"
    ),
    "dollars_per_follower": Measure(
        "dollars per follower", "dollars", "dollars spent / followers gained", "second essay"
    ),
    "minutes_per_engaged": Measure(
        "minutes per engaged follower", "minutes", "minutes spent / engaged followers", "design"
    ),
    "dollars_per_engaged": Measure(
        "dollars per engaged follower", "dollars", "dollars spent / engaged followers", "design"
    ),
    "minutes_per_sale": Measure("minutes per sale", "minutes", "minutes spent / sales", "design"),
    "dollars_per_sale": Measure("dollars per sale", "dollars", "dollars spent / sales", "design"),
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
    "accounts": Measure(
        "accounts", "accounts", "accounts that exist, fakes left out", "design", of_platform=True
    ),
    "fakes": Measure("fakes", "accounts", "fakes that exist", "NYT 2018", of_platform=True),
    "needs_met": Measure(
        "needs met",
        "per need",
        "needs met per need voiced since the last record",
        "design",
        of_platform=True,
    ),
    "arranged_share": Measure(
        "arranged share",
        "share of engagements",
        "likes and comments by arrangement, of all engagements since the last record",
        "Weerasinghe et al. 2020",
        of_platform=True,
    ),
    "borne_share": Measure(
        "share endured",
        "share",
        "of those who had enough of somebody, those who did nothing, since the last record",
        "first essay (most never bother)",
        of_platform=True,
    ),
    "imitations": Measure(
        "imitations",
        "times",
        "strategies taken over from others since the start",
        "design",
        of_platform=True,
    ),
}

COUNTED: Final = (
    "sales", "income", "minutes", "dollars", "unfollows", "left_unreturned", "mutes", "endured",
    "reshares", "organic_engagements", "organic_comments", "arranged", "helped",
)  # fmt: skip
"""Measures of a protagonist that are counted as they happen."""

QUOTIENTS: Final = {
    "minutes_per_follower": ("minutes", "gained"),
    "dollars_per_follower": ("dollars", "gained"),
    "minutes_per_engaged": ("minutes", "engaged"),
    "dollars_per_engaged": ("dollars", "engaged"),
    "minutes_per_sale": ("minutes", "sales"),
    "dollars_per_sale": ("dollars", "sales"),
}
"""Measures at the end that are quotients of others; "gained" are followers since the start."""
