"""What the kernel knows about a program and all the processes below it."""
import contextlib
import ctypes
import os
import pathlib
import signal

_libc = ctypes.CDLL(None)  # loaded here, since little may be done between fork and exec
TICKS = os.sysconf("SC_CLK_TCK")


def die_with_parent():
    """For a child between fork and exec: it is killed when the process that started it ends."""
    _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _stat(pid):
    """The fields after the name: state is [0], parent [1], session [3], times [11:15] (proc(5))."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _all():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def family(pid):
    """The process and all below it, at this moment."""
    parents = {}
    for one in _all():
        with contextlib.suppress(OSError):
            fields = _stat(one)
            if fields[0] != "Z":
                parents[one] = int(fields[1])
    found, fresh = [], [pid] if pid in parents else []
    while fresh:
        found += fresh
        fresh = [child for child, parent in parents.items() if parent in fresh]
    return found


def in_sessions(sessions):
    """Processes of these sessions; a session's number is its leader's pid."""
    found = []
    for pid in _all():
        with contextlib.suppress(OSError):
            fields = _stat(pid)
            if fields[0] != "Z" and int(fields[3]) in sessions:
                found.append(pid)
    return found


def naming(path):
    """Processes whose command line holds this path."""
    found = []
    for pid in _all():
        with contextlib.suppress(OSError):
            if str(path).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def cpu_seconds(pids):
    """User and system time, with that of children that ended and were waited for."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            total += sum(int(field) for field in _stat(pid)[11:15])
    return total / TICKS


def cpu_by_part(pids):
    """Where cpu_seconds come from: each program's own, and that of the children that it waited for."""
    parts = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
            user, system, user_below, system_below = (int(field) / TICKS for field in _stat(pid)[11:15])
            for part, amount in (("user", user), ("system", system), ("its children, user", user_below),
                                 ("its children, system", system_below)):
                parts[f"{name}: {part}"] = parts.get(f"{name}: {part}", 0) + amount
    return parts


def memory_kib(pids):
    """(PSS, RSS): shared pages divided among those who share them, and counted for each. Programs that hold secrets
    show it to root alone."""
    pss = rss = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in ("Pss", "Rss"):
                    amount = int(rest.split()[0])
                    pss, rss = (pss + amount, rss) if name == "Pss" else (pss, rss + amount)
    return pss, rss


def context_switches(pids):
    """Of all threads; a process that sleeps undisturbed has none."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                for line in pathlib.Path(f"/proc/{pid}/task/{thread}/status").read_text().splitlines():
                    if "ctxt_switches" in line:
                        total += int(line.split()[1])
    return total
