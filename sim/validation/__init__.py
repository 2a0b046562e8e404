"""The stylised facts as checks that can be run: `validate`.

What each check measures stands in `checks.py`; `evidence.py` lives through a world once for all of
them.
"""

from sim.validation.running import QUICK, QUICK_ACCOUNTS, Plan, Validation, validate

__all__ = ["QUICK", "QUICK_ACCOUNTS", "Plan", "Validation", "validate"]
