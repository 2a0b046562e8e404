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
    "defaults": Case(days=30, accounts=150, lively=False),
    "lively": Case(threads=2),
    "burnt in": Case(days=10, burn_in=5),
    "chronological, ticks of 3 hours": Case(
        days=15, platform='ranking = "chronological"\ntick_hours = 3\nlag_hours = 3'
    ),
    "mixed, ticks of 12 hours": Case(
        platform='ranking = "mixed"\ntick_hours = 12\nlag_hours = 12\nreach = "follower"'
    ),
    "ticks of 24 hours": Case(
        days=30, platform="tick_hours = 24\nlag_hours = 24\nwindow_hours = 72\nreturn_hours = 30"
    ),
    "ticks of an hour, short window": Case(
        days=6, platform="tick_hours = 1\nlag_hours = 1\nwindow_hours = 6\nreturn_hours = 5"
    ),
    "proof by steps": Case(behaviour='social_proof_form = "step"\nsocial_proof = 2.0'),
    "no proof": Case(days=10, behaviour='social_proof_form = "none"\nsocial_proof = 2.0'),
    "counts hidden": Case(
        days=10, behaviour="social_proof = 2.0\nsale_proof = 2.0", platform="counts_visible = false"
    ),
    "begging and its placebo": Case(
        rest=people(
            beggar="beg;params = { milestones = [21, 23, 25, 30, 35, 40, 50, 60, 80] }",
            boosted="boosted;params = { milestones = [21, 23, 25, 30, 35, 40, 50, 60, 80] }",
        ),
    ),
    "follow for follow, limits bind": Case(
        platform="follow_cap = 15\nfollow_ratio = 0.9\nfollows_per_day = 8",
        rest=people(
            churner="follow_for_follow;params = { per_day = 10, grace_days = 2.0 }",
            keeper='follow_for_follow;params = { per_day = 5, keep = true, targeting = "anyone" }',
        ),
    ),
    "bought, swept and decayed": Case(
        days=24,
        platform="""sweep_every_days = 11
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
            patient='buyer;params = { amount = 150, vendor = "slow", again_below = 0.9 }',
            hasty='buyer;params = { amount = 100, vendor = "burst", day = 3 }',
            poor='buyer;params = { amount = 90000, vendor = "burst" }',
            reformed='reformed;params = { amount = 60, vendor = "slow", until = 12 }',
        )
        + "[[events]]\nday = 8\nkind = 'sweep'\nrecall = 0.5\nfalse_positives = 0.05\n",
    ),
    "rivals": Case(
        days=15,
        accounts=160,
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
        days=5,
        accounts=40,
        platform="[[platform.vendors]]\nname = 'default'\ndelivery_days = 1\n",
        rest=people(rich="buyer;params = { amount = 4500 }"),
    ),
    "unruly": Case(
        days=15,
        accounts=120,
        platform="follow_cap = 25\nfollow_ratio = 1.0\nfollows_per_day = 3\nsweep_every_days = 3\n"
        "sweep_false_positives = 0.01\nrecommendation_weight = 0\n"
        "[[platform.vendors]]\nname = 'one'\ndelivery_days = 1\n"
        "[[platform.vendors]]\nname = 'two'\ndelivery_days = 3\nprice_per_1000 = 2.0\n",
        population="strategies = { casual = 1.0, unruly = 1.0 }",
        behaviour="reply_factor = 3.0",
        rest=people(
            unruly="unruly;count = 3\nparams = { people = 120, follows = 6 }",
            hurried="unruly;minutes = 2.9\nparams = { follows = 30 }",
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
    "too much of everything": Case(
        days=5,
        accounts=60,
        platform="tick_hours = 12\nlag_hours = 12",
        population="attention = 60\nsessions_max = 24",
        behaviour="prices = { promotion = 0.1, self_talk = 0.1 }",
        rest=people(flood="unruly;params = { posts = 600, people = 60 }"),
    ),
}
