"""The checks: each declared once, with what it measures, of whom, when, and the band it must meet.

The bands and their sources are those of published measurements; the directions are ones that
must hold whatever the numbers are. A check is a function of `Evidence`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isnan, log, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from sim.kernels.layout import Cause, Kind
from sim.measuring import gini
from sim.validation import graphs
from sim.validation.evidence import GROWTH, Evidence
from sim.validation.watch import LARGE, Watched

__all__ = ["CHECKS", "Check", "Curve", "Picture", "Verdict"]

ENOUGH: Final = 20  # accounts or posts without which a check says nothing
_PAIRS: Final = 10_000  # follows that the common neighbours are counted of


@dataclass(frozen=True)
class Curve:
    """What a check's figure shows of a world besides the value."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """How the curves of a check are drawn."""

    x: str
    y: str
    curve: Callable[[Evidence], Curve]
    log: str = ""
    """Which axes are logarithmic: "", "x", "y" or "xy"."""
    names: tuple[str, ...] = ()
    """What the places 0, 1, 2 … on the x axis are, if it is no scale."""


Verdict = str
"""in band, below, above, or no answer."""


@dataclass(frozen=True)
class Check:
    """A pattern that is known, and how it is measured here."""

    key: str
    """Number of the fact, with a letter where a fact has two parts."""
    title: str
    unit: str
    low: float
    high: float
    source: str
    population: str
    window: str
    definition: str
    measure: Callable[[Evidence], float]
    picture: Picture | None = None
    is_direction: bool = False
    """Whether it is a direction that must hold rather than a measured band."""

    def verdict(self, value: float) -> Verdict:
        """Say on which side of the band a value lies."""
        if isnan(value):
            return "no answer"
        if value < self.low:
            return "below"
        return "above" if value > self.high else "in band"


# ---- the network --------------------------------------------------------------------------


def _mutual(e: Evidence) -> float:
    return graphs.mutual_share(e.watched.before)


def _exponent(e: Evidence) -> float:
    return graphs.tail_exponent(e.watched.before.followers())


def _gini(e: Evidence) -> float:
    return gini(e.watched.before.followers().astype(np.float64))


def _top(e: Evidence) -> float:
    return graphs.top_share(e.watched.before.followers(), 0.01)


def _followers_curve(e: Evidence) -> Curve:
    values, share = graphs.survival(e.watched.before.followers())
    return Curve(values.astype(float), share)


def _lorenz(e: Evidence) -> Curve:
    ordered = np.sort(e.watched.before.followers()).astype(float)
    return _cumulated(ordered)


def _cumulated(rising: NDArray[np.float64]) -> Curve:
    """Return the share that the lowest of so many hold, at a hundred places."""
    held = np.concatenate([[0.0], np.cumsum(rising) / max(1.0, rising.sum())])
    place = np.linspace(0, len(rising), 101).astype(int)
    return Curve(place / max(1, len(rising)), held[place])


# ---- leaving ------------------------------------------------------------------------------


def _unfollows(e: Evidence) -> float:
    begun = e.watched.period.begun.sum()
    return 100 * float(e.watched.period.ended.sum() / begun) if begun else nan


@dataclass(frozen=True)
class _Fates:
    """What became of the follows that there were when the watch began, if both ends live on."""

    lost: NDArray[np.bool_]
    mutual: NDArray[np.bool_]
    common: NDArray[np.int64]
    """Common neighbours of the ends of the first `_PAIRS` of them, in an order drawn by lot."""


@lru_cache(maxsize=1)
def _fates(w: Watched) -> _Fates:
    alive = w.last.alive
    stay = alive[w.before.owner] & alive[w.before.other]
    lost = ~np.isin(w.before.keys(), w.after.keys())
    order = np.random.default_rng(1).permutation(np.flatnonzero(stay))
    common = graphs.common_neighbours(w.before, order[:_PAIRS])
    return _Fates(lost[order], w.before.is_mutual()[order], common)


def _hazard(lost: NDArray[np.bool_]) -> float:
    """Return −log of the share that stays: the hazard over the whole watch."""
    stays = 1 - float(lost.mean()) if len(lost) else nan
    return -log(stays) if stays > 0 else inf


def _hazard_ratio(e: Evidence) -> float:
    fates = _fates(e.watched)
    mutual = _hazard(fates.lost[fates.mutual])
    return _hazard(fates.lost[~fates.mutual]) / mutual if mutual else nan


def _by_neighbours(e: Evidence) -> float:
    """Hazard of the quarter with the most common neighbours over that of the quarter with least."""
    curve = _neighbours_curve(e)
    return float(curve.y[-1] / curve.y[0]) if curve.y[0] > 0 else nan


def _neighbours_curve(e: Evidence) -> Curve:
    fates = _fates(e.watched)
    common, lost = fates.common, fates.lost[: len(fates.common)]
    quarters = np.array_split(np.argsort(common, kind="stable"), 4)
    means = [float(common[q].mean()) for q in quarters]
    return Curve(np.array(means), np.array([_hazard(lost[q]) for q in quarters]))


def _begging_cause(e: Evidence) -> float:
    ended = e.watched.period.ended.astype(float)
    others = np.delete(ended, Cause.BEGGING).max()
    return float(ended[Cause.BEGGING] / others) if others else nan


def _causes(e: Evidence) -> Curve:
    ended = e.watched.period.ended[: Cause.STRATEGY + 1].astype(float)
    return Curve(np.arange(len(ended), dtype=float), ended / max(1.0, ended.sum()))


# ---- growth -------------------------------------------------------------------------------


def _established(e: Evidence) -> NDArray[np.float64]:
    """Return the followers of established accounts (days, accounts) in the last days."""
    large = e.watched.large
    if len(large) <= GROWTH:
        return np.zeros((GROWTH + 1, 0))
    until = len(large) - GROWTH
    kept = (large[:until] >= LARGE).all(axis=0) & (large[until:] > 0).all(axis=0)
    return large[until - 1 :, kept].astype(float)


def _daily(e: Evidence) -> NDArray[np.float64]:
    """Return the growth of each established account in % a day, as a constant rate."""
    followers = _established(e)
    if followers.shape[1] < ENOUGH:
        return np.full(1, nan)
    return np.asarray(100 * ((followers[-1] / followers[0]) ** (1 / GROWTH) - 1))


def _growth(e: Evidence) -> float:
    return float(np.median(_daily(e)))


def _negative(e: Evidence) -> float:
    followers = _established(e)
    enough = followers.shape[1] >= ENOUGH
    return float((np.diff(followers, axis=0) < 0).mean()) if enough else nan


def _growth_curve(e: Evidence) -> Curve:
    values = np.sort(_daily(e))
    return Curve(values, np.arange(1, len(values) + 1) / len(values))


def _negative_curve(e: Evidence) -> Curve:
    followers = _established(e)
    shares = np.sort((np.diff(followers, axis=0) < 0).mean(axis=0))
    return Curve(shares, np.arange(1, len(shares) + 1) / max(1, len(shares)))


# ---- posting and engagement ---------------------------------------------------------------


def _posters(e: Evidence) -> NDArray[np.int64]:
    """Return the posts in a month of those who posted, rising."""
    w = e.watched
    posts = _gained(w, "posts", monthly=True)
    return np.sort(posts[posts > 0])


def _gained(w: Watched, what: str, *, monthly: bool) -> NDArray[np.int64]:
    """Return what the ordinary accounts gained since the watch began."""
    then, now = w.first, w.month if monthly else w.last
    count = len(then.followers)
    gained = getattr(now, what)[:count] - getattr(then, what)
    return np.asarray(gained[now.ordinary[:count]])


def _followers_then(w: Watched) -> NDArray[np.int64]:
    """Return the followers of the ordinary accounts at the end of the month."""
    count = len(w.first.followers)
    return w.month.followers[:count][w.month.ordinary[:count]]


def _top_posters(e: Evidence) -> float:
    return graphs.top_share(_posters(e), 0.10)


def _median_rest(e: Evidence) -> float:
    posters = _posters(e)
    return float(np.median(posters[: round(0.9 * len(posters))])) if len(posters) else nan


def _posts_curve(e: Evidence) -> Curve:
    return _cumulated(_posters(e).astype(float))


def _rank(e: Evidence, top: float = 0.0) -> float:
    followers, engaged = _followers_then(e.watched), _gained(e.watched, "engagements", monthly=True)
    chosen = followers >= np.quantile(followers, top)
    found = spearmanr(followers[chosen], engaged[chosen]).statistic
    return float(found)


def _rank_difference(e: Evidence) -> float:
    return _rank(e, 0.9) - _rank(e)


def _size_classes(e: Evidence) -> Curve:
    """Return followers and engagement per follower and post, means over classes of size.

    Classes double; those with fewer than 20 accounts that posted, or without engagement, are
    left out.
    """
    w = e.watched
    followers, posts = _followers_then(w), _gained(w, "posts", monthly=True)
    engaged = _gained(w, "engagements", monthly=True)
    active = (followers > 0) & (posts > 0)
    size, rate = followers[active], engaged[active] / followers[active] / posts[active]
    classes = np.floor(np.log2(size)).astype(int)
    many = [c for c in np.unique(classes) if (classes == c).sum() >= ENOUGH]
    x = np.array([np.exp(np.log(size[classes == c]).mean()) for c in many])
    y = np.array([rate[classes == c].mean() for c in many])
    return Curve(x[y > 0], y[y > 0])


def _slope(e: Evidence) -> float:
    curve = _size_classes(e)
    return float(np.polyfit(np.log(curve.x), np.log(curve.y), 1)[0]) if len(curve.x) > 2 else nan


def _engaged_curve(e: Evidence) -> Curve:
    w = e.watched
    followers, engaged = _followers_then(w), _gained(w, "engagements", monthly=True)
    order = np.argsort(followers, kind="stable")
    parts = np.array_split(order, 20)
    x = np.array([followers[part].mean() for part in parts])
    return Curve(np.maximum(x, 0.5), np.array([engaged[part].mean() for part in parts]))


# ---- sweeps, asking, content --------------------------------------------------------------


def _organic_loss(e: Evidence) -> float:
    return e.sweep.organic_lost / e.sweep.organic if e.sweep.organic else nan


def _bought_loss(e: Evidence) -> float:
    return e.sweep.bought_lost / e.sweep.bought if e.sweep.bought else nan


def _asking(e: Evidence) -> float:
    asked, plain = (float((n > 1).mean()) for n in (e.asking.asked, e.asking.plain))
    return asked / plain if (e.asking.plain > 1).sum() >= ENOUGH else nan


def _asking_curve(e: Evidence) -> Curve:
    """Share of posts with at least so many reshares, asked over not asked."""
    times = np.arange(1, 8)
    asked = np.array([(e.asking.asked >= n).mean() for n in times])
    plain = np.array([(e.asking.plain >= n).mean() for n in times])
    known = plain > 0
    return Curve(times[known].astype(float), asked[known] / plain[known])


def _informative(e: Evidence) -> float:
    rates = _won(e)
    return float(rates[Kind.CONTENT] / rates[Kind.SELF_TALK]) if rates[Kind.SELF_TALK] else nan


def _won(e: Evidence) -> NDArray[np.float64]:
    """Return the follows that a post of each kind brought."""
    period = e.watched.period
    return np.asarray(period.won / np.maximum(1, period.posts))


def _won_curve(e: Evidence) -> Curve:
    return Curve(np.arange(len(Kind), dtype=float), 100 * _won(e))


_ALL, _WHOLE = "ordinary accounts", "the whole watch"
_END, _MONTH = "end of the burn-in", "the first 30 days"
_KWAK = "Kwak et al. 2010; Twitter follow graphs"
_GRAPHS = "Twitter follow graphs"
_SERIES = "2022 series"
_CCDF = Picture("followers", "share of accounts with at least so many", _followers_curve, "xy")
_LORENZ = Picture("share of accounts, from the least followed", "share of follows", _lorenz)
_HAZARD = "hazard over the watch"
_ESTABLISHED = f"ordinary accounts that had {LARGE} followers for 180 days (or since the start)"

_CAUSES: Final = tuple(c.name.lower().replace("_", " ") for c in Cause if c <= Cause.STRATEGY)
_KINDS: Final = tuple(kind.name.lower().replace("_", "-") for kind in Kind)

CHECKS: Final = (
    Check(
        "1", "mutual share of linked pairs", "share", 0.17, 0.30, _KWAK, _ALL, _END,
        "linked pairs that follow each other, of all linked pairs", _mutual, _CCDF,
    ),
    Check(
        "2", "exponent of the followers' tail", "exponent", 2.1, 2.9, _KWAK, _ALL, _END,
        "discrete maximum likelihood; xmin by least Kolmogorov-Smirnov distance, at least 200 "
        "accounts in the tail", _exponent, _CCDF,
    ),
    Check(
        "3a", "Gini of followers", "index", 0.60, 0.85, _GRAPHS, _ALL, _END,
        "mean absolute difference over twice the mean", _gini, _LORENZ,
    ),
    Check(
        "3b", "follows held by the top 1 %", "share", 0.15, 0.35, _GRAPHS, _ALL, _END,
        "follows of the hundredth that is followed most, of all follows", _top, _LORENZ,
    ),
    Check(
        "5", "unfollows per 100 follows", "unfollows", 15, 40, "Bundestag follow lists",
        "all accounts", _WHOLE,
        "follows ended by choice (reaction or plan, no deletion) per 100 that began",
        _unfollows,
        Picture("", "share of unfollows", _causes, names=_CAUSES),
    ),
    Check(
        "7", "hazard of a break, one-way over mutual", "ratio", 1.5, 3.5,
        "Bundestag follow lists; Kwak et al. 2011", f"follows among {_ALL}", _WHOLE,
        "−log of the share that is still there at the end, of follows that there were at the start "
        "and whose ends both live on; mutual or not at the start", _hazard_ratio,
        Picture("common neighbours (quarters)", _HAZARD, _neighbours_curve),
    ),
    Check(
        "9a", "growth of established accounts", "% a day", 0.0, 0.10, _SERIES, _ESTABLISHED,
        f"the last {GROWTH} days", "median over accounts of the constant daily rate", _growth,
        Picture("growth, % a day", "share of accounts with at most that", _growth_curve),
    ),
    Check(
        "9b", "days on which they lose followers", "share", 0.10, 0.35, _SERIES, _ESTABLISHED,
        f"the last {GROWTH} days", "days with fewer followers than the day before, of all days",
        _negative,
        Picture("share of days with a loss", "share of accounts with at most that",
                _negative_curve),
    ),
    Check(
        "11a", "posts written by the top tenth", "share", 0.70, 0.90, "Pew 2019",
        "ordinary accounts that posted", _MONTH, "posts of the tenth that posts most, of all posts",
        _top_posters,
        Picture("share of posters, from the least active", "share of posts", _posts_curve),
    ),
    Check(
        "11b", "posts a month of the rest", "posts", 1, 4, "Pew 2019",
        "ordinary accounts that posted", _MONTH, "median of all but the top tenth", _median_rest,
        Picture("share of posters, from the least active", "share of posts", _posts_curve),
    ),
    Check(
        "12", "rank correlation of followers and engagement", "ρ", 0.40, 0.70, "Cha et al. 2010",
        _ALL, _MONTH, "Spearman's, of followers at the end with likes, replies and reshares "
        "received", _rank,
        Picture("followers", "engagements received in a month", _engaged_curve, "x"),
    ),
    Check(
        "13", "the same in the top tenth, less that of all", "ρ", -inf, -0.15, "Cha et al. 2010",
        "the tenth with the most followers", _MONTH, "as 12; lower in part because the range is "
        "restricted", _rank_difference,
        Picture("followers", "engagements received in a month", _engaged_curve, "x"),
    ),
    Check(
        "14", "slope of engagement per follower on followers", "log–log slope", -0.40, -0.05,
        "Markerly", "ordinary accounts that posted", _MONTH,
        "least squares through the means of engagements per follower and post in classes of size "
        "that double (at least 20 accounts each)", _slope,
        Picture("followers", "engagements per follower and post", _size_classes, "xy"),
    ),
    Check(
        "16a", "a sweep: loss of organic accounts", "share", 0.0, 0.04, "2018 sweep",
        "follows among accounts that are no fakes and bought none", "the day of a sweep",
        "follows whose owner was deleted", _organic_loss,
    ),
    Check(
        "16b", "a sweep: loss of bought followers", "share", 0.5, 1.0, "Technorati 2013",
        "three protagonists that bought followers ten days before", "the day of a sweep",
        "bought followers that were deleted", _bought_loss,
    ),
    Check(
        "17", "posts reshared more than once, asked over not", "ratio", 2.0, 4.5, "Zarrella 2011",
        "two posts a day of equal effort by each of 30 protagonists with many followers, of which "
        "one asks", "30 days", "share of posts with two reshares or more, of those that ask over "
        "those that do not; follows from the factor of asking", _asking,
        Picture("at least so many reshares", "asked over not asked", _asking_curve),
    ),
    Check(
        "D1", "content gains more than self-talk", "ratio", 1.0, inf, "Hutto, Yardi, Gilbert 2013",
        "posts of all accounts", _WHOLE, "follows that began at a post, per post of content over "
        "per post of self-talk", _informative,
        Picture("", "follows per 100 posts", _won_curve, names=_KINDS), is_direction=True,
    ),
    Check(
        "D2", "begging is never the first cause of unfollows", "ratio", 0.0, 1.0,
        "Econsultancy 2012", "all accounts", _WHOLE,
        "unfollows because of begs over those of the first other cause", _begging_cause,
        Picture("", "share of unfollows", _causes, names=_CAUSES), is_direction=True,
    ),
    Check(
        "D3", "ties with many common neighbours break less", "ratio", 0.0, 1.0, "Kwak et al. 2011",
        f"follows among {_ALL}, 10,000 drawn by lot", _WHOLE,
        "hazard of a break in the quarter with the most common neighbours over the quarter with "
        "the fewest", _by_neighbours,
        Picture("common neighbours (quarters)", _HAZARD, _neighbours_curve), is_direction=True,
    ),
)  # fmt: skip
