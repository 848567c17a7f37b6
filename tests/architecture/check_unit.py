#!/usr/bin/env python3
"""Is the service shut in as it should be, and does it fit the daemon?

    check_unit.py [ROOT]

Holds the exposure level that systemd-analyze works out below a limit, and what it cannot know: that the signals,
times and names in the unit are those of the code and of the files beside it. Without systemd-analyze the level is
not looked at, which is said.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# Tenths. What is left of it: the network, the sockets of the machine, no root directory of its own, no list of addresses.
HIGHEST_EXPOSURE = 12

WANTED = {
    "Type": "notify",
    "ExecStart": "/usr/sbin/tocsind --config /etc/tocsin/tocsin.toml",  # systemd/CMakeLists.txt puts the prefix in
    "ExecReload": "/bin/kill -HUP $MAINPID",
    "KillMode": "mixed",                 # the examiner belongs to the daemon, which ends it
    "RestartPreventExitStatus": "64 78",
    "StateDirectory": "tocsin",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
    "LimitCORE": "0",
    "OOMPolicy": "continue",             # a mail that eats the memory is no reason to end the daemon
}
FOR_THE_EXAMINER = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"}


def settings_of(path):
    """Every setting with its values in order; the key of a repeated one has several."""
    settings = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not line.startswith("#"):
            settings.setdefault(name, []).append(value)
    return settings


def seconds(text):
    units = {"": 1, "s": 1, "min": 60, "h": 3600}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)\s*(h|min|s|)", text) if count)


def mistakes_in(root):
    unit = root / "systemd/tocsin.service"
    settings = settings_of(unit)
    for name, value in WANTED.items():
        if settings.get(name) != [value]:
            yield f"{name} is {settings.get(name)}, not {value}"

    allowed = {word for line in settings.get("SystemCallFilter", []) if not line.startswith("~") for word in line.split()}
    for name in sorted(FOR_THE_EXAMINER - allowed):
        yield f"SystemCallFilter leaves out {name}"

    # The watchdog is fed at half of its time, and the loops stand still while the examiner loads the rules.
    found = re.search(r"loading_deadline\{(\d+)\}", (root / "daemon/examiner.cpp").read_text())
    watchdog = seconds(settings.get("WatchdogSec", [""])[0])
    if found is None:
        yield "daemon/examiner.cpp: no loading_deadline to hold WatchdogSec against"
    elif watchdog / 2 <= int(found[1]):
        yield f"WatchdogSec is {watchdog} s: half of it is not above the {found[1]} s of loading_deadline"

    user = settings.get("User", ["?"])[0]
    if not re.search(rf"^u {re.escape(user)} ", (root / "systemd/tocsin.sysusers").read_text(), re.MULTILINE):
        yield f"User is {user}, which tocsin.sysusers does not make"
    for line in (root / "systemd/tocsin.tmpfiles").read_text().splitlines():
        words = line.split()
        if words and words[0] == "d" and not {words[3], words[4]} <= {"root", user}:
            yield f"tocsin.tmpfiles: {words[1]} belongs to others than root and {user}"

    if shutil.which("systemd-analyze") is None:
        print("check_unit: no systemd-analyze here, the exposure level was not looked at", file=sys.stderr)
        return
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true",
                           f"--threshold={HIGHEST_EXPOSURE}", str(unit)], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        yield f"exposed above {HIGHEST_EXPOSURE / 10}:\n{done.stdout}{done.stderr}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parents[2]
    mistakes = list(mistakes_in(root))
    for mistake in mistakes:
        print(f"systemd/tocsin.service: {mistake}")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
