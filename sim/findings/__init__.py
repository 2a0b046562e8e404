"""Findings: every claim of the essays, tested in many worlds and across the premises."""
