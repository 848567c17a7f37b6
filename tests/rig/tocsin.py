"""One installation of Tocsin for a test: its configuration and state in a folder, its programs from TOCSIN_BIN.

    site = Tocsin(host, folder)
    site.configure(mode="shadow")
    site.once()                       # tocsind --once
    with site.daemon() as daemon: …   # tocsind in the foreground
    site.json("list")                 # tocsinctl list --json
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import processes
from waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Most tests are about something else than budgets.
MANY = """acknowledgements_per_sender_per_day = 100000
automatic_mail_per_domain_per_hour = 100000
automatic_mail_per_hour = 100000
"""
TEAM = (("Alice", "alice@acme.test"), ("Bob", "bob@acme.test"))


def programs():
    """The folder with the programs under test: TOCSIN_BIN, which ctest sets."""
    folder = pathlib.Path(os.environ.get("TOCSIN_BIN", "TOCSIN_BIN is not set"))
    for name in ("tocsind", "tocsinctl", "tocsin-examine"):
        if not os.access(folder / name, os.X_OK):
            sys.exit(f"{folder / name} is missing: build first, and name the folder in TOCSIN_BIN")
    return folder.resolve()


def has_crash_points():
    """Whether tocsind can be told to die at a named moment (-DTOCSIN_CRASH_POINTS=ON)."""
    return b"TOCSIN_CRASH_AT" in (programs() / "tocsind").read_bytes()


class Tocsin:
    def __init__(self, host, folder=None):
        self.host = host
        self.bin = programs()
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="site-", dir=host.folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "tocsin.toml"
        self.state = self.folder / "state"        # made by the daemon
        self.database = self.state / "tocsin.db"
        self.log = self.folder / "tocsind.log"    # what every run wrote to standard error
        self.daemons = []                         # process ids, each the leader of a session of its own
        (self.folder / "password").write_text(host.password + "\n")
        (self.folder / "password").chmod(0o600)
        self.configure()

    def configure(self, mode="live", start="all", team=TEAM, rules=None, mailbox="", limits=MANY, more="", **servers):
        """Writes tocsin.toml. `mailbox` and `limits` are further lines of those tables, `more` is put at the end;
        `imap` and `smtp` are other URLs than the host's."""
        secret = f'{{ file = "{self.folder}/password" }}'
        imap = servers.get("imap", f"imaps://localhost:{self.host.imaps}")
        smtp = servers.get("smtp", f"smtp://localhost:{self.host.submission}")
        folders = ", ".join(f'"{path}"' for path in (rules or [ROOT / "rules"]))
        members = "".join(f'\n[[team]]\nname = "{name}"\naddress = "{address}"\n' for name, address in team)
        self.config.write_text(f"""\
[organisation]
name = "ACME"
address = "security@acme.test"
aliases = ["psirt@acme.test"]
mode = "{mode}"
languages = ["en", "de"]
policy_url = "https://acme.test/security"

[[mailbox]]
name = "security"
server = "{imap}"
user = "security@acme.test"
password = {secret}
ca_file = "{self.host.ca}"
start = "{start}"
{mailbox}
[submission]
server = "{smtp}"
user = "security@acme.test"
password = {secret}
ca_file = "{self.host.ca}"

[store]
path = "{self.database}"

[rules]
path = [{folders}]
{members}
[limits]
{limits}
{more}""")

    # ---- the daemon

    def run(self, *arguments, seconds=60, environment=None):
        """tocsind with these arguments, to its end."""
        done = subprocess.run([self.bin / "tocsind", "--config", self.config, *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=seconds, env={**os.environ, **(environment or {})},
                              preexec_fn=processes.die_with_parent)
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(done.stderr)
        return done

    def once(self, *arguments, expect=0, seconds=60):
        done = self.run("--once", *arguments, seconds=seconds)
        if done.returncode != expect:
            raise AssertionError(f"tocsind --once ended with {done.returncode}, not {expect}:\n{done.stderr[-4000:]}")
        self.host.settle()
        return done

    def daemon(self, ready=True, outlives_us=False):
        return Daemon(self, ready, outlives_us)

    # ---- the administrator's command

    def ctl(self, *arguments, environment=None, seconds=30, text=None):
        return subprocess.run([self.bin / "tocsinctl", "--config", self.config, *map(str, arguments)],
                              input=text, stdin=subprocess.DEVNULL if text is None else None, capture_output=True,
                              text=True, timeout=seconds, env={**os.environ, **(environment or {})})

    def json(self, *arguments, text=None):
        done = self.ctl(*arguments, "--json", text=text)
        if done.returncode:
            raise AssertionError(f"tocsinctl {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def tickets(self):
        return self.json("list", "--limit", "100000")["tickets"]

    def ticket(self, number):
        return self.json("show", number)

    def only_ticket(self):
        rows = self.tickets()
        if len(rows) != 1:
            raise AssertionError(f"there should be one ticket, there are {len(rows)}: {rows}")
        return self.ticket(rows[0]["number"])

    def processes(self):
        """All that came of this installation's daemons, wherever they hang now."""
        return sorted(set(processes.naming(self.folder)) | set(processes.in_sessions(self.daemons)))

    def settled(self):
        """Nothing waits to be examined, nothing waits to go out."""
        status = self.json("status")
        return not (status["journal"]["pending"] or status["outbox"]["queued"] or status["outbox"]["deferred"])

    def last_log_lines(self, count=40):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:]) if self.log.exists() else ""


class Daemon:
    """tocsind in the foreground. Leaving the block ends it with SIGTERM and minds how it ended."""

    def __init__(self, site, ready, outlives_us=False):
        self.site = site
        self.notices = []
        # systemd's side of sd_notify(3): tells when it is ready, reloading, stopping.
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = tempfile.mktemp(prefix="notify-", dir=site.folder)
        self._notify.bind(path)
        self._notify.setblocking(False)
        with open(site.log, "ab") as log:
            self.process = subprocess.Popen(
                [site.bin / "tocsind", "--config", site.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": path}, start_new_session=True,
                preexec_fn=None if outlives_us else processes.die_with_parent)
        self.pid = self.process.pid
        site.daemons.append(self.pid)
        if ready:
            self.wait_for_notice("READY=1")

    def __enter__(self):
        return self

    def __exit__(self, kind, *exception):
        if self.process.poll() is None:
            code = self.terminate()
            if kind is None and code != 0:
                raise AssertionError(f"tocsind ended with {code} after SIGTERM:\n{self.site.last_log_lines()}")
        self._notify.close()

    def read_notices(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.notices += self._notify.recv(4096).decode().splitlines()
        return self.notices

    def wait_for_notice(self, text, seconds=20):
        def arrived():
            if self.process.poll() is not None:
                raise AssertionError(f"tocsind ended with {self.process.returncode}:\n{self.site.last_log_lines()}")
            return text in self.read_notices()
        wait_until(arrived, f"tocsind told the service manager {text}", seconds)

    def forget_notices(self):
        self.read_notices()
        self.notices.clear()

    def family(self):
        return processes.family(self.pid)

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self, seconds=10):
        """SIGTERM; gives the exit code, and kills what does not end."""
        self.signal(signal.SIGTERM)
        begun = time.monotonic()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"tocsind still ran {seconds} s after SIGTERM:\n{self.site.last_log_lines()}") from None
        self.took_to_end = time.monotonic() - begun
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._notify.close()
