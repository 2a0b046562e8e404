"""The plain-Python twin of the model: an independent reading of ``sim/README.md``."""

from .compare import DivergenceError
from .twin import Twin

__all__ = ["DivergenceError", "Twin"]
