"""What a validation found, as Markdown, between marks in the README of the results."""

from collections.abc import Sequence
from pathlib import Path

from sim._version import model_version
from sim.marks import fill, table
from sim.plots.text import number
from sim.validation import histories, movement, page, shapes
from sim.validation.histories import History
from sim.validation.running import Validation
from sim.validation.shapes import Shape

__all__ = ["words", "write"]


def write(
    validation: Validation,
    command: str,
    readme: Path,
    real: Sequence[Shape] = (),
    archived: Sequence[History] = (),
) -> bool:
    """Put the words between the marks ``checks_<accounts>``; return whether there are any."""
    mark = f"checks_{validation.scenario.world.accounts}"
    return fill(readme, mark, words(validation, command, real, archived))


def words(
    validation: Validation,
    command: str,
    real: Sequence[Shape] = (),
    archived: Sequence[History] = (),
) -> str:
    """Return the checks and laws as Markdown, and what was laid beside the world."""
    parts = [_head(validation, command), _checks(validation), _laws(validation)]
    if real:
        every = [validation.shape, *real]
        parts.append(table(["", *(one.name for one in every)], shapes.table(every)))
    if archived:
        rows = movement.table(validation.moves, histories.statistics(archived))
        parts.append(table(["how counts move", "simulated", "archived"], rows))
    return "\n\n".join(parts)


def _head(validation: Validation, command: str) -> str:
    accounts = number(float(validation.scenario.world.accounts))
    return (
        f"`{command}`: {len(validation.seeds)} worlds of {accounts} accounts, watched for "
        f"{validation.plan.days} days; model {model_version()}. **{page.outcome(validation)}**"
    )


def _checks(validation: Validation) -> str:
    rows = [
        [key, what, values, band, verdict]
        for key, what, _, values, band, verdict, *_ in page.table(validation)
    ]
    return table(["check", "what", "by seed", "band", "verdict"], rows)


def _laws(validation: Validation) -> str:
    rows = [[key, what, off, verdict] for key, what, _, off, verdict in page.laws(validation)]
    accounts = number(float(validation.plan.law_accounts))
    return table(["law", f"what, {accounts} accounts", "standard errors off", "verdict"], rows)
