#!/usr/bin/env python3
"""Does docs/OPERATIONS.md tell of every event that the daemon logs, with its fields, and of no other?

    check_events.py [ROOT]

Reads the names from daemon/event_log.hpp, the fields from where they are logged, and from the document every table
row whose first cell is a name in capitals: name, level, fields, what to do.
"""
import pathlib
import re
import sys

CONSTANT = re.compile(r'^inline constexpr std::string_view (\w+) = "([A-Z][A-Z_]*)";', re.MULTILINE)
ROW = re.compile(r"^\| `([A-Z][A-Z_]*)` \|([^|]*)\|([^|]*)\|(.*)\|\s*$", re.MULTILINE)
LOGGED = re.compile(r"\blog_event\(([^;]*);", re.DOTALL)
FIELD = re.compile(r'\{\s*"(\w+)"\s*,')


def logged_fields(sources, constants):
    """By constant: every field that some call gives it. A call that chooses among events gives its fields to each."""
    fields = {constant: set() for constant in constants}
    unnamed = []
    for path in sources:
        text = path.read_text()
        for call in LOGGED.finditer(text):
            named = set(re.findall(r"\bevent::(\w+)", call[1]))
            if not named and "Level level, std::string_view event" not in call[1]:
                # The event was chosen just before, into a variable.
                before = text[:call.start()].rpartition("\n}\n")[2]
                named = set(re.findall(r"\bevent::(\w+)", before))
                if not named:
                    unnamed.append(path)
            for constant in named & fields.keys():
                fields[constant] |= set(FIELD.findall(call[1]))
    return fields, unnamed


def mistakes_in(root):
    header = (root / "daemon/event_log.hpp").read_text()
    sources = sorted((root / "daemon").rglob("*.cpp"))
    constants = dict(CONSTANT.findall(header))
    if not constants:
        yield "daemon/event_log.hpp: no events found, has their form changed?"
    document = root / "docs/OPERATIONS.md"
    rows = {}
    for name, level, fields, _ in ROW.findall(document.read_text()):
        if name in rows:
            yield f"docs/OPERATIONS.md: {name} has two rows"
        rows[name] = set(re.findall(r"`(\w+)`", fields))

    used = "".join(path.read_text() for path in sources)
    fields, unnamed = logged_fields([path for path in sources if path.name != "event_log.cpp"], constants)
    for path in unnamed:
        yield f"{path.relative_to(root)}: logs an event that cannot be told from the source"
    for constant, name in constants.items():
        if name not in rows:
            yield f"docs/OPERATIONS.md: {name} is missing"
        elif rows[name] != fields[constant]:
            said, real = sorted(rows[name]), sorted(fields[constant])
            yield f"docs/OPERATIONS.md: {name} has the fields {real}, the table says {said}"
        if not re.search(rf"\bevent::{constant}\b", used):
            yield f"daemon/event_log.hpp: {name} is never logged"
    for name in rows.keys() - set(constants.values()):
        yield f"docs/OPERATIONS.md: {name} is no event of the daemon"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parents[2]
    mistakes = sorted(mistakes_in(root))
    for mistake in mistakes:
        print(mistake)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
