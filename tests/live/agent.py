#!/usr/bin/env python3
"""What becomes of encrypted mail while the agent or our key is gone?"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import keys
import live
import mails
import processes
from openpgp import TEXT, openpgp


class TheAgent(live.Test):
    def agents_of(self, home):
        return [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()
                and self.words_of(path)[:4] == ["gpg-agent", "--homedir", str(home), "--supervised"]]

    @staticmethod
    def words_of(path):
        try:
            return (path / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []

    def test_killed_stopped_and_the_key_away(self):
        house = keys.Person("ACME Security", "security@acme.test")
        rae = keys.Person("Rae Lindqvist", "rae@lab.test")
        rae.take(house)
        site = self.new_site()
        openpgp(site, house)
        answered = lambda count: (lambda: len(self.host.inbox("rae@lab.test")) == count)
        with site.daemon():
            (agent,) = self.agents_of(house.path)
            os.kill(agent, signal.SIGKILL)
            self.host.put(rae.encrypted(TEXT, house, subject="killed"))
            live.wait_until(answered(1), "the agent was replaced after it was killed", 40)
            (other,) = self.agents_of(house.path)
            self.assertNotEqual(agent, other)
            os.kill(other, signal.SIGSTOP)
            self.host.put(rae.encrypted(TEXT, house, subject="stopped"))
            live.wait_until(answered(2), "the agent was replaced after it was stopped", 60)
            away = house.path.with_name(house.path.name + "-away")
            shutil.move(house.path / "private-keys-v1.d", away)
            self.host.put(rae.encrypted(TEXT, house, subject="away"))
            self.host.put(mails.mail("Kim <kim@lab.test>", subject="plain", text="Cross-site scripting.\n"))
            live.wait_until(lambda: any("OpenPGP is out of order" in letter.text.replace("\n", " ")
                                        for letter in self.host.inbox("alice@acme.test")), "the team was told", 60)
            live.wait_until(lambda: any(row["title"] == "plain" for row in site.tickets()), "other mail goes on", 30)
            told = [letter for letter in self.host.inbox("alice@acme.test") if "out of order" in letter.text]
            self.assertEqual(1, len(told))
            self.assertEqual(2, len([row for row in site.tickets() if row["title"] in ("killed", "stopped")]))
            shutil.move(away, house.path / "private-keys-v1.d")
            live.wait_until(answered(3), "what waited was opened", 60)
            told = [letter for letter in self.host.inbox("alice@acme.test") if "out of order" in letter.text]
            self.assertEqual(1, len(told), "the team hears once")
        for row in site.tickets():
            if row["title"] != "plain":
                self.assertIsNone(site.ticket(row["number"])["examination"]["crypto"]["error"])


if __name__ == "__main__":
    live.main()
