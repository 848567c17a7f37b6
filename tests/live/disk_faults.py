#!/usr/bin/env python3
"""A disk that is full, that cannot write, that cannot sync, at any moment: is a restart all that is needed?

    disk_faults.py                     a sample of the moments
    TOCSIN_FAULTS=all disk_faults.py   each of them
"""
import hashlib
import os
import pathlib
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

LIBRARY = pathlib.Path(os.environ.get("TOCSIN_BUILD", ".")) / "tests" / "live" / "libtocsin_faults.so"
ALL = os.environ.get("TOCSIN_FAULTS") == "all"
SAMPLE = 5  # moments of each kind
TO = ("rae@lab.test", "alice@acme.test", "bob@acme.test")


class ADiskThatFails(live.Test):
    def setUp(self):
        self.assertTrue(LIBRARY.exists(), f"{LIBRARY} is missing: build first")

    def run_with(self, site, fault, count=None):
        environment = {"LD_PRELOAD": str(LIBRARY), "TOCSIN_FAULT_BELOW": str(site.state.resolve())}
        if fault:
            environment["TOCSIN_FAULT"] = fault
        if count:
            environment["TOCSIN_FAULT_COUNT"] = str(count)
        return site.run("--once", environment=environment)

    def calls(self):
        """How many calls of each kind a run makes that nothing goes wrong in."""
        site = self.new_site()
        self.host.put(mails.critical_report())
        counts = site.folder / "counts"
        self.assertEqual(0, self.run_with(site, None, counts).returncode)
        self.host.settle()  # a letter that comes late would lie in the mailboxes of the next run
        words = counts.read_text().split()
        return {kind: int(count) for kind, count in zip(words[::2], words[1::2])}

    def moments(self, count):
        if ALL or count <= SAMPLE:
            return range(1, count + 1)
        return sorted({1 + round(step * (count - 1) / (SAMPLE - 1)) for step in range(SAMPLE)})

    def assert_all_is_well(self, site, fault):
        self.assertEqual("acknowledged", site.only_ticket()["state"], fault)
        for address in TO:
            letters = self.host.inbox(address)
            self.assertTrue(letters, f"{fault}: nothing for {address}")
            self.assertEqual(1, len({hashlib.sha256(one.sent_bytes).hexdigest() for one in letters}), fault)
        copies = sum(len(self.host.inbox(address)) for address in TO) - len(TO)
        self.assertLessEqual(copies, 1, f"{fault}: more copies than the one whose reply was lost")
        self.assertEqual(0, site.ctl("audit", "verify").returncode, fault)

    def fail_everywhere(self, kind, error, for_ever):
        ended = {}
        for moment in self.moments(self.counted[kind]):
            fault = f"{kind}:{moment}{'+' if for_ever else ''}:{error}"
            with self.subTest(fault):
                site = self.new_site()
                self.host.put(mails.critical_report())
                done = self.run_with(site, fault)
                ended[done.returncode] = ended.get(done.returncode, 0) + 1
                self.assertIn(done.returncode, (0, 74, 75), done.stderr[-2000:])
                self.host.settle()
                site.once()
                self.assert_all_is_well(site, fault)
        print(f"{kind} {error}{' for ever' if for_ever else ''}: ended with {ended}", flush=True)
        self.assertIn(74, ended, "no moment was met")

    def test_is_survived_at_each_moment(self):
        self.counted = self.calls()
        print(f"a run makes {self.counted}", flush=True)
        self.assertGreater(min(self.counted.values()), 10)
        self.fail_everywhere("write", "ENOSPC", True)
        self.fail_everywhere("write", "EIO", False)
        self.fail_everywhere("sync", "EIO", False)

    def test_full_ends_a_running_daemon_which_goes_on_after_it(self):
        site = self.new_site()
        site.once()
        os.environ.update({"LD_PRELOAD": str(LIBRARY), "TOCSIN_FAULT_BELOW": str(site.state.resolve()),
                           "TOCSIN_FAULT": "write:60+:ENOSPC"})
        try:
            daemon = site.daemon()
        finally:
            for name in ("LD_PRELOAD", "TOCSIN_FAULT_BELOW", "TOCSIN_FAULT"):
                del os.environ[name]
        for number in range(20):
            self.host.send(mails.numbered_report(number))
        self.assertEqual(74, daemon.process.wait(20), "a full disk ends it, with the code for the disk")
        self.assertIn("SQLITE_FULL", site.log.read_text())
        site.once()
        self.assertEqual(20, len(site.tickets()))


class ALockedDatabase(live.Test):
    def test_is_waited_for_and_then_told(self):
        site = self.new_site()
        site.once()
        self.host.put(mails.critical_report())
        other = sqlite3.connect(site.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        done = site.run("--once", seconds=60)
        self.assertEqual(75, done.returncode, done.stderr)
        self.assertGreater(time.monotonic() - begun, 4)
        other.execute("ROLLBACK")
        other.close()
        site.once()
        self.assertEqual(1, len(self.host.inbox("rae@lab.test")))


if __name__ == "__main__":
    live.main()
