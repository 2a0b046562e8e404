"""The report of results: one page of HTML that stands by itself."""

from sim.report.whole import NAME, changed_settings, page, write

__all__ = ["NAME", "changed_settings", "page", "write"]
