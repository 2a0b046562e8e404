"""The small worlds in which twin and model are compared.

Habits are so lively that everything happens within weeks.
"""

from dataclasses import dataclass
from typing import Final

WORLD = """
follows_per_account = 8
community_size = 40
"""

POPULATION = """
strategies = { casual = 1.0 }
params = {}
minutes = 60
sessions_median = 0.8
posts_median = 0.3
posts_max = 3
reciprocity_seekers = 0.3
diligence = 0.5
answers = 0.5
"""

BEHAVIOUR = """
like_odds = 0.5
reply_factor = 0.5
reshare_factor = 0.3
follow_odds = 0.2
reciprocity_odds = 0.3
follow_back_odds = 1.0
leave_hazard = 0.8
irritation_gain = 0.6
drop_noticed = 0.6
sale_odds = 0.2
sale_pause_days = 10
distaste_self_talk = 0.1
distaste_promotion = 0.3
distaste_beg = 0.4
"""

PROTAGONIST = """
followers = 20
craft = 0.9
minutes = 60
money = 5
"""


@dataclass(frozen=True)
class Case:
    """A small world, as sections of a scenario, and how long to walk beside it."""

    days: int = 20
    accounts: int = 120
    burn_in: int = 0
    arrivals: float = 0.01
    seed: int = 1
    threads: int = 1
    world: str = ""
    population: str = ""
    behaviour: str = ""
    platform: str = ""
    rest: str = ""
    lively: bool = True

    @property
    def text(self) -> str:
        """The scenario."""
        size = f"accounts = {self.accounts}\nburn_in_days = {self.burn_in}\n"
        size += f"arrivals_per_day = {self.arrivals}\n"
        head = f"schema = 1\n[scenario]\ndays = {self.days + 1}\nseed = {self.seed}\n"
        return (
            head
            + section("world", size + WORLD, self.world)
            + section("population", POPULATION * self.lively, self.population)
            + section("behaviour", BEHAVIOUR * self.lively, self.behaviour)
            + section("platform", "", self.platform)
            + self.rest
        )


def section(title: str, usual: str, special: str) -> str:
    """A section of a scenario, the special lines in place of usual ones."""
    keys = {line.partition(" = ")[0] for line in special.splitlines()}
    kept = [line for line in usual.splitlines() if line.partition(" = ")[0] not in keys]
    return "\n".join([f"[{title}]", *kept, special, ""])


def people(**strategies: str) -> str:
    """Protagonists by name, each with a strategy and perhaps more lines after a semicolon."""
    found = ""
    for name, text in strategies.items():
        strategy, _, special = text.partition(";")
        usual = f'name = "{name}"\nstrategy = "{strategy}"\n{PROTAGONIST}'
        found += section("[protagonists]", usual, special)
    return found


CASES: Final = {
    "defaults": Case(days=20, accounts=120, lively=False),
    "lively": Case(days=14, threads=2),
    "burnt in": Case(days=10, burn_in=5),
    "chronological, ticks of 3 hours": Case(
        days=10, platform='ranking = "chronological"\ntick_hours = 3\nlag_hours = 3'
    ),
    "mixed, ticks of 12 hours": Case(
        days=14, platform='ranking = "mixed"\ntick_hours = 12\nlag_hours = 12\nreach = "follower"'
    ),
    "ticks of 24 hours": Case(
        days=22, platform="tick_hours = 24\nlag_hours = 24\nwindow_hours = 72\nreturn_hours = 30"
    ),
    "ticks of an hour, short window": Case(
        days=5, platform="tick_hours = 1\nlag_hours = 1\nwindow_hours = 6\nreturn_hours = 5"
    ),
    "proof by steps": Case(days=10, behaviour='social_proof_form = "step"\nsocial_proof = 2.0'),
    "no proof": Case(days=10, behaviour='social_proof_form = "none"\nsocial_proof = 2.0'),
    "counts hidden": Case(
        days=10,
        population="strategies = { casual = 1.0, organic = 1.0 }",
        behaviour="social_proof = 2.0\nsale_proof = 2.0\nimitation = 0.9\nimitation_factor = 1.0",
        platform="counts_visible = false",
    ),
    "begging and its placebo": Case(
        days=14,
        rest=people(
            beggar="beg;params = { milestones = [21, 23, 25, 30, 35, 40, 50, 60, 80] }",
            boosted="boosted;params = { milestones = [21, 23, 25, 30, 35, 40, 50, 60, 80] }",
        ),
    ),
    "follow for follow, limits bind": Case(
        days=14,
        platform="follow_cap = 15\nfollow_ratio = 0.9\nfollows_per_day = 8",
        rest=people(
            churner="follow_for_follow;params = { per_day = 10, grace_days = 2.0 }",
            keeper='follow_for_follow;params = { per_day = 5, keep = true, targeting = "anyone" }',
        ),
    ),
    "bought, swept and decayed": Case(
        days=20,
        accounts=80,
        platform="""sweep_every_days = 9
sweep_false_positives = 0.02
[[platform.vendors]]
name = "slow"
delivery_days = 7
decay_per_day = 0.02
[[platform.vendors]]
name = "burst"
delivery_days = 1
price_per_1000 = 3.0
""",
        rest=people(
            patient='buyer;params = { amount = 100, vendor = "slow", again_below = 0.9 }',
            hasty='buyer;params = { amount = 60, vendor = "burst", day = 3 }',
            poor='buyer;params = { amount = 90000, vendor = "burst" }',
            reformed='reformed;params = { amount = 60, vendor = "slow", until = 12 }',
        )
        + "[[events]]\nday = 8\nkind = 'sweep'\nrecall = 0.5\nfalse_positives = 0.05\n",
    ),
    "rivals": Case(
        days=10,
        accounts=120,
        behaviour="reply_factor = 3.0",
        burn_in=2,
        threads=3,
        rest=people(
            plain="organic",
            beggar="beg;params = { milestones = [22, 25, 30, 40, 50, 70] }",
            churner="follow_for_follow",
            buyer="buyer;params = { amount = 100 }",
            idle="idle;count = 2",
        ),
    ),
    "thousands of fakes": Case(
        days=4,
        accounts=40,
        platform="[[platform.vendors]]\nname = 'default'\ndelivery_days = 1\n",
        rest=people(rich="buyer;params = { amount = 4500 }"),
    ),
    "unruly": Case(
        days=12,
        accounts=90,
        platform="follow_cap = 25\nfollow_ratio = 1.0\nfollows_per_day = 3\nsweep_every_days = 3\n"
        "sweep_false_positives = 0.03\nrecommendation_weight = 0\n"
        "[[platform.vendors]]\nname = 'one'\ndelivery_days = 1\nother_customers = 0\n"
        "[[platform.vendors]]\nname = 'two'\ndelivery_days = 3\nprice_per_1000 = 2.0\n",
        population="strategies = { casual = 1.0, unruly = 1.0 }\nmoney = 0.02\n"
        "params = { unruly = { amount = 5 } }",
        behaviour="reply_factor = 3.0",
        rest=people(
            unruly="unruly;count = 3\nparams = { people = 90, follows = 6 }",
            hurried="unruly;count = 3\nminutes = 2.9\nparams = { follows = 30 }",
        ),
    ),
    "growing fast, few topics": Case(
        days=15,
        accounts=50,
        arrivals=0.05,
        seed=2**62,
        world="topics = 3\narrival_follows = 20\nfollows_per_account = 1",
        population="focus = 0.1",
    ),
    "hardly anybody there": Case(
        days=20,
        accounts=20,
        arrivals=0.05,
        world="arrival_follows = 100\nfollows_per_account = 3",
        rest=people(alone="idle"),
    ),
    "somebody arrives when the directory is full": Case(days=3, accounts=64, arrivals=0.05),
    "saturated": Case(
        days=10,
        behaviour="warmth_like = 1.0\nwarmth_reply = 1.0\nwarmth_half_life = 0.01\n"
        "irritation_half_life = 0.3\nexpectation_memory = 1\nlike_epsilon = 1e-9",
        platform="prior_impressions = 1e-3\nrecommendations = 20\nfriend_share = 0",
    ),
    "nobody reads": Case(days=3, population="attention = 0"),
    "long lag, short window": Case(
        days=5, platform="lag_hours = 24\nwindow_hours = 30\nrecommendations = 0"
    ),
    "paid by sponsors and buyers, people leave": Case(
        days=15,
        accounts=80,
        world="departures_per_day = 0.01",
        population="sellers = 0.4\nmoney = 1.5",
        behaviour="sale_pause_days = 0\nsale_dollars = 0.7",
        platform="[platform.sponsors]\nper_1000_followers = 3.0\nper_engagement = 0.1\n"
        "least_followers = 4",
        rest=people(rich="organic", poor="organic;offer = 0\nmoney = 0"),
    ),
    "imitation, popular accounts, no look at profiles": Case(
        days=16,
        accounts=80,
        arrivals=0.03,
        population="strategies = { casual = 1.0, idle = 1.0, organic = 0.2 }",
        behaviour="imitation = 0.8\nimitation_factor = 1.5",
        platform="friend_share = 0\npopularity_share = 1.0\nprofile_checks = 0",
    ),
    "crowded, hopeless, talked about": Case(
        days=12,
        accounts=80,
        population="attention = 4\nposts_median = 1.0\nreciprocity_seekers = 0.7",
        behaviour="overload = 1.0\nhope = 0.7\nhope_days = 2\nword_of_mouth = 4.0\n"
        "drop_noticed = 1.0\nmute = 0.3\nfollow_warmth = 20.0",
        platform="profile_checks = 0.5\npopularity_share = 0.3",
    ),
    "other customers, fakes are found": Case(
        days=15,
        accounts=60,
        arrivals=0.03,
        platform="""detection_per_day = 0.05
[[platform.vendors]]
name = "one"
clients = 0.5
other_customers = 40
[[platform.vendors]]
name = "two"
clients = 0.02
delivery_days = 5
""",
        rest=people(
            big='buyer;params = { amount = 150, vendor = "one", again_below = 0.9 }',
            small='buyer;params = { amount = 20, vendor = "two" }',
        ),
    ),
    "favours, needs, churners": Case(
        days=14,
        accounts=110,
        world="departures_per_day = 0.01",
        population="strategies = { casual = 3, unruly = 1 }\nneeds_per_day = 0.3\nmoney = 0.03\n"
        "params = { unruly = { amount = 6 } }",
        behaviour="arranged_warmth = 0.5\nimitation = 0.8\nimitate_by = 'engagements'\n"
        "imitation_factor = 1.0",
        platform="pods = 3\nchurn_limit = 1\nchurn_block_days = 2\nneed_hours = 24",
        rest=people(
            unruly="unruly", one="unruly;minutes = 1440\nparams = { favours = 60, follows = 40 }"
        ),
    ),
    "events": Case(
        days=12,
        accounts=80,
        rest=people(hit="organic;count = 2", other="idle")
        + """
[[events]]
day = 2
kind = "viral"
reach = 0.5
hours = 60
protagonist = "hit"
[[events]]
day = 3
kind = "viral"
reach = 1.0
[[events]]
day = 4
kind = "set"
set = { "platform.ranking" = "chronological", "behaviour.like_odds" = 1.0 }
[[events]]
day = 5
kind = "strategy"
strategy = "beg"
protagonist = "other"
[[events]]
day = 6
kind = "means"
craft = 0.35
minutes = 120
money = 3
protagonist = "hit"
[[events]]
day = 7
kind = "set"
set = { "platform.ranking" = "mixed", "behaviour.warmth_half_life" = 1.0 }
[[events]]
day = 8
kind = "strategy"
strategy = "unruly"
""",
    ),
    "everything at once": Case(
        days=12,
        accounts=70,
        arrivals=0.02,
        burn_in=2,
        threads=2,
        world="departures_per_day = 0.004",
        population="strategies = { casual = 2, unruly = 1, community = 1, pod = 1, lurker = 1 }\n"
        "needs_per_day = 0.2\nsellers = 0.2\nmoney = 0.02\nparams = { unruly = { amount = 5 } }",
        behaviour="arranged_warmth = 0.3\nimitation = 0.3\nword_of_mouth = 2.0\noverload = 0.5\n"
        "hope = 0.5\nhope_days = 1\nsale_dollars = 0.05",
        platform="""profile_checks = 0.8
popularity_share = 0.2
churn_limit = 2
churn_block_days = 3
detection_per_day = 0.01
pods = 5
sweep_every_days = 6
[platform.sponsors]
per_1000_followers = 1.0
per_engagement = 0.01
[[platform.vendors]]
clients = 0.1
""",
        rest=people(
            beggar="beg;params = { milestones = [21, 25, 30, 40] }",
            buyer="buyer;params = { amount = 50 }",
            churner="follow_for_follow",
            keeper="ratio_keeper",
            unruly="unruly",
        )
        + """
[[events]]
day = 3
kind = "viral"
hours = 30
protagonist = "beggar"
[[events]]
day = 4
kind = "set"
set = { "behaviour.social_proof_form" = "step", "platform.need_hours" = 24 }
[[events]]
day = 6
kind = "strategy"
strategy = "organic"
protagonist = "unruly"
""",
    ),
    "too much of everything": Case(
        days=5,
        accounts=60,
        platform="tick_hours = 12\nlag_hours = 12",
        population="attention = 60\nsessions_max = 24",
        behaviour="prices = { promotion = 0.1, self_talk = 0.1 }",
        rest=people(flood="unruly;params = { posts = 600, people = 60 }"),
    ),
}
