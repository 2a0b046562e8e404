"""Where the model's premises and defaults come from, and how well each source is known."""

import re
from typing import Final, NamedTuple

from sim.scenario.protocol.markdown import table

__all__ = ["EVIDENCE", "SOURCES", "Source", "named_in", "sources", "unexplained"]


class Source(NamedTuple):
    """A source as ``source`` fields name it, what it is, what is taken from it, how it was read."""

    name: str
    reference: str
    taken: str
    evidence: str
    others: tuple[str, ...] = ()
    """Other names under which it goes."""


EVIDENCE: Final = {
    "R": "read in the source",
    "S": "read in a secondary source",
    "C": "computed from data",
    "M": "remembered from the literature and not read again",
    "-": "a premise, not a measurement",
}

SOURCES: Final = (
    Source(
        "first essay",
        "The first of the two essays whose claims the laboratory tests: on asking for followers, "
        "and on what their number hides",
        "begging at milestones, follow-backs and dropping friends, warm connections, the score",
        "R",
        ("both essays",),
    ),
    Source(
        "second essay",
        "The second of them: on buying followers and on growing by being of use (2015)",
        "5,000 followers for $5; that fakes neither engage nor buy; needs, community, reform",
        "R",
        ("both essays", "essay: 5,000 for $5"),
    ),
    Source(
        "Kwak et al. 2010",
        "Kwak, H., Lee, C., Park, H., Moon, S.: What is Twitter, a social network or a news "
        "media? WWW 2010",
        "22.1 % of linked pairs are mutual; in-degree exponent 2.28",
        "M, S",
    ),
    Source(
        "Twitter follow graphs",
        "Two samples of the Twitter follow graph, each the followers of one company account "
        "(Anwar, Saveski, Roy; repository Sanzeed/balanced_influence_maximization, MIT)",
        "mutual pairs .187 and .208, exponents 2.41 and 2.70, Gini .65 and .69, top 1 % .23 "
        "and .24, clustering",
        "C",
    ),
    Source(
        "Pew 2019",
        "Wojcik, S., Hughes, A.: Sizing up Twitter users. Pew Research Center, 2019",
        "a tenth of users writes 80 % of posts; 138 against 2 posts a month; more follows and "
        "followers go with more posts",
        "S",
    ),
    Source(
        "Ghosh et al. 2012",
        "Ghosh, S., et al.: Understanding and combating link farming in the Twitter social "
        "network. WWW 2012",
        "some accounts follow back whoever follows them",
        "S",
    ),
    Source(
        "Su, Sharma, Goel 2016",
        "Su, J., Sharma, A., Goel, S.: The effect of recommendations on network structure. WWW "
        "2016",
        "recommendations of friends of friends are in proportion to degree",
        "R",
    ),
    Source(
        "Antoniades, Dovrolis 2015",
        "Antoniades, D., Dovrolis, C.: Co-evolutionary dynamics in social networks: a case study "
        "of Twitter. Computational Social Networks 2, 14 (2015)",
        "follows after reshares are far likelier than out of the blue; repeated exposure matters",
        "R",
    ),
    Source(
        "Gomez-Rodriguez et al. 2014",
        "Gomez-Rodriguez, M., Gummadi, K. P., Schölkopf, B.: Quantifying information overload in "
        "social media and its impact on social contagions. ICWSM 2014",
        "two thirds of users say that they get too many posts; attention saturates",
        "R, M",
    ),
    Source(
        "Weerasinghe et al. 2020",
        "Weerasinghe, J., Flanigan, B., Stein, A., McCoy, D., Greenstadt, R.: The pod people: "
        "understanding manipulation of social media popularity via reciprocity abuse. WWW 2020",
        "over 400 pods; posts in a pod raise later organic comments",
        "R",
    ),
    Source(
        "Zarrella 2011",
        "Zarrella, D.: counts of reshares of tweets with and without “please retweet” (2011)",
        "reshared more than once: 51 % and 39 % when asked, 12 % when not; confounded, because "
        "those who ask differ in other ways",
        "R",
    ),
    Source(
        "Econsultancy 2012",
        "Lake, C.: Noise, promotion and spam will reduce your Twitter followers. Econsultancy, "
        "May 2012 (a poll, n ≈ 520, several answers)",
        "why people unfollow: noise 52 %, self-promotion 48 %, uninteresting 43 %, repetition "
        "29 %, begging 28 %",
        "R",
    ),
    Source(
        "Hutto, Yardi, Gilbert 2013",
        "Hutto, C. J., Yardi, S., Gilbert, E.: A longitudinal study of follow predictors on "
        "Twitter. CHI 2013",
        "informational posts draw about 30 times the followers that posts about oneself do; "
        "broadcasting suppresses growth",
        "S",
    ),
    Source(
        "Technorati 2013",
        "Gaskell, A.: Which celebs have been buying fake followers? Technorati, April 2013",
        "19,705 followers gained in one day, about 13,000 (66 %) lost in one later day, by an "
        "account that was taken for a buyer",
        "R",
    ),
    Source(
        "NYT 2018",
        "Confessore, N., et al.: The follower factory. New York Times, January 2018",
        "3.5 million bots sold 200 million follows: each bot follows many buyers",
        "R",
    ),
    Source(
        "2018 sweep",
        "Press reports on Twitter's removal of locked accounts in July 2018",
        "most users lost at most 4 followers, large accounts .4 % to 2.6 %",
        "R",
    ),
    Source(
        "Rival IQ 2023",
        "Social media industry benchmark report. Rival IQ, 2023",
        "engagement per follower and post of brands: .035 % on Twitter, .47 % on Instagram",
        "S",
    ),
    Source(
        "bloggers' counts",
        "Counts that three bloggers made of their own follow-backs (2008, 2013, 2016)",
        "17 % of 1,200 strangers follow back (7 % of 30; at most 46 % of 249)",
        "R",
    ),
    Source(
        "user guide",
        "Guides for users of follow-for-follow tools",
        "those who have not returned a follow within two days are dropped",
        "R",
        ("user guides",),
    ),
    Source(
        "platform rule",
        "Twitter's rules, as users describe them",
        "beyond 2,000 follows a ratio of follows to followers binds; limits by the day",
        "R",
    ),
    Source(
        "visible count",
        "What platforms show on every profile",
        "followers and following",
        "R",
    ),
    Source(
        "Kwak et al. 2011",
        "Kwak, H., Chun, H., Moon, S.: Fragile online relationship: a first look at unfollow "
        "dynamics in Twitter. CHI 2011",
        "one-way ties break more often; people unfollow after bursts and over mundane detail",
        "R, M",
    ),
    Source(
        "Cha et al. 2010",
        "Cha, M., Haddadi, H., Benevenuto, F., Gummadi, K. P.: Measuring user influence in "
        "Twitter: the million follower fallacy. ICWSM 2010",
        "followers rank with retweets by .55 over all users and by .12 in the top tenth",
        "M",
    ),
    Source(
        "Bundestag follow lists",
        "Complete follow lists of 357 members of the German Bundestag, 2018 and 2019",
        "21.9 unfollows per 100 follows in 197 days; one-way ties break about twice as often",
        "C",
    ),
    Source(
        "2022 series",
        "Daily follower counts of 100 established accounts over 29 days in 2022",
        "median growth .018 % a day, 19 % of days negative",
        "C",
    ),
    Source(
        "Markerly",
        "Markerly's figures of Instagram engagement by size of account",
        "engagement per follower falls with followers, from 8 % to 1.7 %",
        "S",
    ),
)
"""All sources, those first that a default, a measure or a strategy names."""

_PREMISES: Final = ("design", "the design of the experiment")


def _names(one: Source) -> tuple[str, ...]:
    return one.name, *one.others


def named_in(text: str) -> set[str]:
    """Return the names of the sources that a text names."""
    return {one.name for one in SOURCES if any(name in text for name in _names(one))}


def unexplained(source: str) -> list[str]:
    """Return the parts of a ``source`` field that no source explains.

    A field has one or more parts, divided by semicolons; what stands in brackets is a remark. A
    part is the name of a source, the design of the laboratory, or a calibration ("calibrated",
    or "calibrated on" a source).
    """
    parts = [part.strip() for part in re.sub(r"\([^)]*\)", "", source).split(";")]
    bare = [part.removeprefix("calibrated").removeprefix(" on ").strip() for part in parts]
    known = {"", *_PREMISES, *(name for one in SOURCES for name in _names(one))}
    return [part for part, name in zip(parts, bare, strict=True) if name not in known or not part]


def sources() -> str:
    """Return the table of sources."""
    rows = ((f"**{one.name}**", one.reference, one.taken, one.evidence) for one in SOURCES)
    return table("source | what it is | what is taken from it | read", rows)
