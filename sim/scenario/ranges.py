"""The values that a parameter of a sweep takes."""

from math import exp, floor, log, log10
from typing import Any, Final

from sim.scenario import expect
from sim.scenario.catalogue import nodes
from sim.scenario.schema import Parameter

__all__ = ["Value", "at", "is_whole", "levels", "setting_of"]

Value = bool | int | float | str
DIGITS: Final = 12  # significant ones of a value that is computed


def levels(parameter: Parameter) -> tuple[Value, ...]:
    """The values between which a grid chooses; those of a range need a count or a step."""
    if parameter.values:
        return parameter.values
    assert parameter.low is not None
    assert parameter.high is not None
    if parameter.step is not None:
        number = floor((parameter.high - parameter.low) / parameter.step + 1e-9)
        found = [parameter.low + k * parameter.step for k in range(number + 1)]
    else:
        last = (parameter.count or 2) - 1
        found = [_between(parameter, k / last) for k in range(last + 1)]
    return tuple(dict.fromkeys(_rounded(parameter, value) for value in found))


def at(parameter: Parameter, share: float) -> Value:
    """The value at a share (0 to 1) of the way through the values or the range."""
    if parameter.values:
        number = len(parameter.values)
        return parameter.values[min(int(share * number), number - 1)]
    if is_whole(parameter) and parameter.scale == "linear":
        assert parameter.low is not None
        assert parameter.high is not None
        low, high = round(parameter.low), round(parameter.high)
        return min(low + int(share * (high - low + 1)), high)
    return _rounded(parameter, _between(parameter, share))


def is_whole(parameter: Parameter) -> bool:
    """Whether values of a range are rounded to whole numbers."""
    node = nodes().get(setting_of(parameter.key), {})
    return parameter.integer or expect.inner(node).get("type") == "integer"


def setting_of(key: str) -> str:
    """The key of the setting as the catalogue has it: without names or indices of list items."""
    setting = ""
    for part in key.split("."):
        longer = f"{setting}.{part}" if setting else part
        if longer in nodes() or not _is_list(setting):
            setting = longer
    return setting


def _is_list(setting: str) -> bool:
    node = nodes().get(setting, {})
    return expect.inner(node).get("type") == "array"


def _between(parameter: Parameter, share: float) -> float:
    low, high = parameter.low, parameter.high
    assert low is not None
    assert high is not None
    if share == 1:
        return high
    if parameter.scale == "log":
        return exp(log(low) + share * (log(high) - log(low))) if share else low
    return low + share * (high - low)


def _rounded(parameter: Parameter, value: float) -> Value:
    """The value as a person would write it: whole, or without the noise of the computation."""
    if is_whole(parameter):
        return round(value)
    if value == 0:
        return 0.0
    return round(value, DIGITS - 1 - floor(log10(abs(value))))


def shown(values: dict[str, Any]) -> str:
    """Values by dotted key, for people."""
    return ", ".join(f"{key} = {value}" for key, value in values.items())
