"""What settings must be to one another.

Each check takes a scenario and notes what is wrong. The same checks run on the scenario as
it stands and on each of its arms.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from sim.conditions import NAMES, ConditionError, condition
from sim.metrics import MEASURES
from sim.scenario import toml
from sim.scenario.close import closest
from sim.scenario.findings import Finding
from sim.scenario.report import Reporter
from sim.scenario.schema import MAX_HOURS, MAX_PROTAGONISTS, Scenario

__all__ = ["CHECKS", "OF_CHANGES", "check_all"]

Check: TypeAlias = Callable[[Scenario], Iterator[Finding]]

MAX_VENDORS: Final = 255  # a vendor's number is stored in a byte
_CONDITION: Final = 'Write a measure or "day", a sign and a number, as in "followers >= 1000".'
NEEDED: Final = ("claim", "hypothesis", "primary", "expected", "refuted_by")  # by a claim


def check_all(scenario: Scenario, reporter: Reporter) -> None:
    """Run every check."""
    for check in CHECKS:
        for found in check(scenario):
            reporter.check(found)


def _lag(scenario: Scenario) -> Iterator[Finding]:
    platform = scenario.platform
    if platform.lag_hours < platform.tick_hours:
        yield Finding(
            ("platform.lag_hours", "platform.tick_hours"),
            f"the lag ({platform.lag_hours} hours) is shorter than a tick "
            f"({platform.tick_hours} hours)",
            fix="Set platform.lag_hours to at least platform.tick_hours.",
        )


def _window(scenario: Scenario) -> Iterator[Finding]:
    platform = scenario.platform
    least = platform.lag_hours + platform.tick_hours
    if platform.window_hours < least:
        yield Finding(
            ("platform.window_hours", "platform.lag_hours", "platform.tick_hours"),
            f"no post would ever be read: the window ({platform.window_hours} hours) must be at "
            f"least the lag and a tick ({least} hours)",
            fix=f"Set platform.window_hours to at least {least}.",
        )


def _hours(scenario: Scenario) -> Iterator[Finding]:
    days = scenario.world.burn_in_days + scenario.scenario.days
    most = MAX_HOURS // 24
    if days > most:
        yield Finding(
            ("scenario.days", "world.burn_in_days"),
            f"burn-in and experiment take {days:,} days together; at most {most:,} are possible",
            fix=f"Reduce scenario.days or world.burn_in_days by {days - most:,}.",
        )


def _follows(scenario: Scenario) -> Iterator[Finding]:
    world = scenario.world
    if world.network != "file" and world.follows_per_account >= world.accounts:
        yield Finding(
            ("world.follows_per_account", "world.accounts"),
            f"accounts cannot follow {world.follows_per_account:g} others where there are "
            f"{world.accounts:,} accounts",
            fix="Reduce world.follows_per_account or increase world.accounts.",
        )


def _file(scenario: Scenario) -> Iterator[Finding]:
    world, path = scenario.world, scenario.network_path
    keys = ("world.file", "world.network")
    if world.network == "file" and world.file is None:
        fix = 'Add file = "follows.csv" to [world], or choose another network.'
        yield Finding(keys[::-1], 'network = "file" needs world.file', fix=fix)
    elif world.network != "file" and world.file is not None:
        fix = 'Set world.network = "file", or remove world.file.'
        yield Finding(keys, f'is not used with network = "{world.network}"', fix=fix)
    elif path is not None and not _is_file(str(path)):
        fix = "Name it relative to the scenario file."
        yield Finding(keys, "there is no such file", toml.shown(str(world.file)), fix=fix)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _crafts(scenario: Scenario) -> Iterator[Finding]:
    low, high = scenario.population.craft_low, scenario.population.craft_high
    if low >= high:
        yield Finding(
            ("population.craft_low", "population.craft_high"),
            f"craft_low ({low:g}) must be below craft_high ({high:g})",
            fix="Reduce population.craft_low or increase population.craft_high.",
        )


def _medians(scenario: Scenario) -> Iterator[Finding]:
    people = scenario.population
    for name, median, most in (
        ("sessions", people.sessions_median, people.sessions_max),
        ("posts", people.posts_median, people.posts_max),
    ):
        if median > most:
            yield Finding(
                (f"population.{name}_median", f"population.{name}_max"),
                f"{name}_median ({median:g}) is above {name}_max ({most:g})",
                fix=f"Reduce population.{name}_median or increase population.{name}_max.",
            )


def _weights(scenario: Scenario) -> Iterator[Finding]:
    if not any(weight > 0 for weight in scenario.population.strategies.values()):
        yield Finding(
            ("population.strategies",),
            "no strategy of the population has a share above 0",
            fix="Write strategies = { casual = 1.0 }.",
        )


def _vendors(scenario: Scenario) -> Iterator[Finding]:
    vendors = scenario.platform.vendors
    yield from _twice("platform.vendors", [vendor.name for vendor in vendors])
    if len(vendors) > MAX_VENDORS:
        message = f"there are {len(vendors)} vendors, but at most {MAX_VENDORS} are possible"
        yield Finding(("platform.vendors",), message, fix="Remove some.")


def _twice(key: str, names: list[str]) -> Iterator[Finding]:
    """Names that differ from all before them in nothing but case."""
    fix = "Names become parts of file names: let them differ in more than case."
    taken: set[str] = set()
    for index, name in enumerate(names):
        if name.casefold() in taken:
            yield Finding((f"{key}.{index}.name",), "this name is taken", toml.shown(name), fix=fix)
        taken.add(name.casefold())


def _arm_names(scenario: Scenario) -> Iterator[Finding]:
    return _twice("arms", [arm.name for arm in scenario.arms])


def _protagonist_names(scenario: Scenario) -> Iterator[Finding]:
    names = [one.name for one in scenario.protagonists]
    yield from _twice("protagonists", names)
    for index, one in enumerate(scenario.protagonists):
        taken = {f"{one.name}-{number}" for number in range(2, one.count + 1)} & set(names)
        if taken:
            yield Finding(
                (f"protagonists.{index}.name", f"protagonists.{index}.count"),
                f"the {one.count} accounts of this name would include {', '.join(sorted(taken))}, "
                "which is taken",
                fix="Choose another name.",
            )


def _protagonist_number(scenario: Scenario) -> Iterator[Finding]:
    total = sum(one.count for one in scenario.protagonists)
    if total > MAX_PROTAGONISTS:
        counts = [f"protagonists.{i}.count" for i in range(len(scenario.protagonists))]
        yield Finding(
            (*counts, "protagonists"),
            f"there are {total} protagonists in all, but at most {MAX_PROTAGONISTS} are possible",
            fix="Reduce their counts.",
        )


def _followers(scenario: Scenario) -> Iterator[Finding]:
    world = scenario.world
    for index, one in enumerate(scenario.protagonists):
        if world.network != "file" and one.followers > world.accounts:
            yield Finding(
                (f"protagonists.{index}.followers", "world.accounts"),
                f"{one.name} cannot have {one.followers:,} followers where there are "
                f"{world.accounts:,} accounts",
                fix="Reduce its followers or increase world.accounts.",
            )


def _topics(scenario: Scenario) -> Iterator[Finding]:
    topics = scenario.world.topics
    for index, one in enumerate(scenario.protagonists):
        if one.focus is not None and one.focus >= topics:
            yield Finding(
                (f"protagonists.{index}.focus", "world.topics"),
                f"there are {topics} topics, numbered 0 to {topics - 1}",
                toml.shown(one.focus),
                fix="Choose one of them or increase world.topics.",
            )


def _recommendations(scenario: Scenario) -> Iterator[Finding]:
    friends, popular = scenario.platform.friend_share, scenario.platform.popularity_share
    if friends + popular > 1:
        yield Finding(
            ("platform.friend_share", "platform.popularity_share"),
            f"friend_share ({friends:g}) and popularity_share ({popular:g}) are more than 1 "
            "together",
            fix="Reduce platform.friend_share or platform.popularity_share.",
        )


def _reference(scenario: Scenario) -> Iterator[Finding]:
    if scenario.scenario.reference is not None:
        yield from _arm(scenario, "scenario.reference", scenario.scenario.reference)


def _arm(scenario: Scenario, key: str, name: str) -> Iterator[Finding]:
    """The key names an arm that does not exist."""
    if name not in scenario.arm_names:
        close = closest(name, scenario.arm_names)
        yield Finding(
            (key, *(f"arms.{i}.name" for i in range(len(scenario.arms)))),
            "there is no such arm",
            toml.shown(name),
            toml.value(close) if close else None,
            None if close else f"The arms are {', '.join(scenario.arm_names)}.",
        )


def _claim(scenario: Scenario) -> Iterator[Finding]:
    """A claim is declared as a whole: who tests it must say beforehand what would refute it."""
    header = scenario.scenario
    given = [name for name in NEEDED if getattr(header, name)]
    for name in NEEDED if given else ():
        if name not in given:
            yield Finding(
                (f"scenario.{name}", f"scenario.{given[0]}"),
                f"{given[0]} without {name}",
                fix=f"Add {name} to [scenario]; a claim needs {', '.join(NEEDED)}.",
                on_key=True,
            )


def _measures(scenario: Scenario) -> Iterator[Finding]:
    header = scenario.scenario
    named = {f"scenario.secondary.{index}": name for index, name in enumerate(header.secondary)}
    if header.primary is not None:
        named["scenario.primary"] = header.primary
    for key, name in named.items():
        if name not in MEASURES:
            yield _no_measure(key, name)


def _no_measure(key: str, name: str) -> Finding:
    close = closest(name, MEASURES)
    return Finding(
        (key,),
        "there is no such measure",
        toml.shown(name),
        toml.value(close) if close else None,
        None if close else f"Measures: {', '.join(MEASURES)}.",
    )


def _tested(scenario: Scenario) -> Iterator[Finding]:
    header = scenario.scenario
    if header.tested is not None:
        yield from _arm(scenario, "scenario.tested", header.tested)
    if header.tested == scenario.reference:
        fix = "Choose another arm or another scenario.reference."
        keys = ("scenario.tested", "scenario.reference")
        yield Finding(keys, "this arm would be tested against itself", fix=fix)
    if scenario.tested is None and header.claim:
        fix = "Add the arm with which it is compared."
        yield Finding(("scenario.claim", "arms"), "a claim about one arm only", fix=fix)


def _recorded(scenario: Scenario) -> Iterator[Finding]:
    for index, name in enumerate(scenario.record.measures):
        if name not in MEASURES:
            yield _no_measure(f"record.measures.{index}", name)


def _conditions(scenario: Scenario) -> Iterator[Finding]:
    for key, text in (("record.when", scenario.record.when), ("stop.when", scenario.stop.when)):
        try:
            if text:
                condition(text)
        except ConditionError as error:
            close = closest(error.name, NAMES) if error.name else None
            fix = f"Write {close}." if close else _CONDITION
            yield Finding((key,), str(error), toml.shown(text), fix=fix)


CHECKS: Final[tuple[Check, ...]] = (
    _lag,
    _window,
    _recommendations,
    _hours,
    _follows,
    _file,
    _crafts,
    _medians,
    _weights,
    _vendors,
    _arm_names,
    _protagonist_names,
    _protagonist_number,
    _followers,
    _topics,
    _reference,
    _claim,
    _measures,
    _tested,
    _recorded,
    _conditions,
)
OF_CHANGES: Final[tuple[Check, ...]] = (_recommendations,)
"""Those that settings can fail which change while the world lives."""
