"""What a user writes: scenario files, their check, and what there is to know about their keys.

>>> from sim.scenario import loads
>>> scenario = loads('''
... [world]
... accounts = 500
... [[arms]]
... name = "organic"
... [[arms]]
... name = "begging"
... strategy = "beg"
... ''')
>>> scenario.arm_names
('organic', 'begging')
>>> scenario.for_arm("begging").protagonists[0].strategy
'beg'
"""

from sim.scenario.catalogue import Description, describe
from sim.scenario.documents import example, json_schema, parameter_tables, template
from sim.scenario.errors import Problem, ScenarioError, UnknownKey
from sim.scenario.loader import load, loads
from sim.scenario.memory import available_memory, memory_estimate, price
from sim.scenario.schema import NO_CLAIM, Arm, Event, Header, Protagonist, Scenario
from sim.scenario.source import shipped

__all__ = [
    "NO_CLAIM",
    "Arm",
    "Description",
    "Event",
    "Header",
    "Problem",
    "Protagonist",
    "Scenario",
    "ScenarioError",
    "UnknownKey",
    "available_memory",
    "describe",
    "example",
    "json_schema",
    "load",
    "loads",
    "memory_estimate",
    "parameter_tables",
    "price",
    "shipped",
    "template",
]
