"""One part in this process: python -m benchmarks.apart PART '{"setting": value}'."""

import json
import sys
from importlib import import_module


def main(part: str, settings: str) -> None:
    found = import_module(f"benchmarks.{part}").measure(**json.loads(settings))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
