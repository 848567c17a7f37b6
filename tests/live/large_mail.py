#!/usr/bin/env python3
"""Does a mail of 50 MB pass through the daemon without being held whole, and does it hold up nobody?"""
import pathlib
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

MOST_ABOVE_REST = 16 << 20
SIZE = 47 << 20  # as received; the limit is 50 MiB


def large_report():
    line = b"TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxp\r\n"
    head = (b"From: Rae <rae@lab.test>\r\nTo: security@acme.test\r\nSubject: Remote code execution, with a recording\r\n"
            b"Message-ID: <large@lab.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            b"--b\r\nContent-Type: text/plain\r\n\r\nRemote code execution. Steps to reproduce are in the recording.\r\n"
            b"--b\r\nContent-Type: video/mp4; name=proof.mp4\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename=proof.mp4\r\n\r\n")
    return head + line * ((SIZE - len(head)) // len(line)) + b"\r\n--b--\r\n"


def memory(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) << 10


class ALargeMail(live.Story):
    @classmethod
    def tell(cls, host, site):
        with site.daemon() as daemon:
            host.send(mails.numbered_report(1))
            live.wait_until(lambda: len(host.inbox("reporter1@lab.test")) == 1, "the daemon is at work")
            time.sleep(1)
            cls.rest = memory(daemon.pid, "VmRSS")
            pathlib.Path(f"/proc/{daemon.pid}/clear_refs").write_text("5")  # the peak begins anew
            host.put(large_report().replace(b"\r\n", b"\n"))
            host.send(mails.numbered_report(2))
            live.wait_until(lambda: len(host.inbox("reporter2@lab.test")) == 1 and len(host.inbox("rae@lab.test")) == 1,
                            "both reports were answered", 120)
            cls.peak = memory(daemon.pid, "VmHWM")
        cls.tickets = site.tickets()
        cls.wal = pathlib.Path(f"{site.database}-wal")

    def test_is_a_ticket_like_any_other(self):
        self.assertEqual(3, len(self.tickets))
        self.assertIn("rae@lab.test", [row["reporter"] for row in self.tickets])

    def test_is_never_held_whole(self):
        print(f"at rest {self.rest >> 20} MiB, at most {self.peak >> 20} MiB", flush=True)
        self.assertLessEqual(self.peak - self.rest, MOST_ABOVE_REST)

    def test_is_kept_as_it_came(self):
        database = sqlite3.connect(f"file:{self.site.database}?mode=ro", uri=True)
        try:
            identity, size = database.execute("SELECT id, size FROM journal ORDER BY size DESC LIMIT 1").fetchone()
            kept = b"".join(row[0] for row in database.execute(
                "SELECT bytes FROM chunk WHERE journal = ? ORDER BY part", (identity,)))
        finally:
            database.close()
        self.assertEqual(size, len(kept))
        self.assertEqual(large_report(), kept)


if __name__ == "__main__":
    live.main()
