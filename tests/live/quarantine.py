#!/usr/bin/env python3
"""Is a mail that the examiner cannot bear given up after the second try, told and kept?"""
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import programs

# The examiner with too little memory for a large mail, and enough for itself and for others.
POOR = """#!/bin/sh
ulimit -v {kilobytes}
exec "{program}" "$@"
"""
LARGE = ("From: Rae <rae@lab.test>\nTo: security@acme.test\nSubject: Remote code execution\n"
         "Message-ID: <large@lab.test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
         "--b\n\nSteps to reproduce:\n" + "Content of a recording.\n" * 20
         + "--b\nContent-Type: video/mp4\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.mp4\n\n"
         + "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2NpbmcgZWxp\n" * 580_000 + "--b--\n")


class Quarantine(live.Test):
    def poor_site(self):
        """An installation whose examiner is poor."""
        site = self.new_site()
        self.real = programs()
        site.bin = site.folder / "bin"
        site.bin.mkdir()
        for name in ("tocsind", "tocsinctl"):
            shutil.copy(self.real / name, site.bin / name)
        self.poor = site.bin / "tocsin-examine"
        self.poor.write_text(POOR.format(program=self.real / "tocsin-examine", kilobytes=self.just_enough(site)))
        self.poor.chmod(0o755)
        return site

    def just_enough(self, site):
        """What the examiner needs to start, and a bit: found by trying."""
        for megabytes in range(60, 400, 20):
            self.poor.write_text(POOR.format(program=self.real / "tocsin-examine", kilobytes=megabytes << 10))
            self.poor.chmod(0o755)
            if site.run("--once").returncode == 0:
                return (megabytes + 20) << 10
        self.skipTest("the examiner does not start in 400 MB")

    def test_is_given_up_after_the_second_try_and_delays_nobody(self):
        site = self.poor_site()
        self.host.put(LARGE.encode())
        self.host.put(mails.numbered_report(1))
        site.once(seconds=200)
        listed = site.json("quarantine", "list")["quarantine"]
        self.assertEqual(1, len(listed), site.last_log_lines())
        self.assertEqual(2, listed[0]["failures"])
        self.assertEqual(1, site.json("status")["journal"]["quarantined"])
        self.assertEqual(1, len(self.host.inbox("reporter1@lab.test")), "the other was answered")
        self.assertEqual([], self.host.inbox("rae@lab.test"))
        self.assertEqual(2, len(site.tickets()))
        self.assertEqual(1, len([one for one in self.host.inbox("alice@acme.test") if "could not be read" in one["Subject"] + one.text]))
        shown = site.ctl("quarantine", "show", listed[0]["id"]).stdout
        self.assertIn("Remote code execution", shown)
        raw = site.ctl("quarantine", "show", listed[0]["id"], "--raw").stdout
        self.assertEqual(LARGE, raw.replace("\r\n", "\n"))


if __name__ == "__main__":
    live.main()
