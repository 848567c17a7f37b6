#!/usr/bin/env python3
"""Does the daemon end, reload and live beside its service manager as it promises?"""
import os
import pathlib
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from tocsin import ROOT


class Ending(live.Test):
    def test_sigterm_ends_it_while_it_waits_in_idle(self):
        site = self.new_site()
        with site.daemon() as daemon:
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered")
            live.a_second_passes()  # now it waits for the server to speak
            self.assertEqual(0, daemon.terminate())
            self.assertLess(daemon.took_to_end, 5)
        live.wait_until(lambda: not site.processes(), "every process of the daemon ended", 5)

    def test_sigterm_at_work_loses_nothing(self):
        site = self.new_site()
        for number in range(1, 41):
            self.host.put(mails.numbered_report(number))
        with site.daemon() as daemon:
            time.sleep(0.3)
            self.assertEqual(0, daemon.terminate())
            self.assertLess(daemon.took_to_end, 5)
        site.once()
        self.assertEqual(40, len(site.tickets()))
        for number in range(1, 41):
            self.assertEqual(1, len(self.host.inbox(f"reporter{number}@lab.test")), number)

    def test_sigterm_before_a_server_answers(self):
        site = self.new_site(imap="imaps://localhost:1")
        with site.daemon(ready=False) as daemon:
            live.wait_until(lambda: "MAILBOX_UNREACHABLE" in site.log.read_text(), "it tried the server", 20)
            self.assertEqual(0, daemon.terminate())
            self.assertLess(daemon.took_to_end, 5)

    def test_sigint_does_the_same(self):
        site = self.new_site()
        with site.daemon() as daemon:
            daemon.signal(signal.SIGINT)
            self.assertEqual(0, daemon.process.wait(5))


class Reloading(live.Test):
    def site_with_own_rules(self):
        site = self.new_site()
        self.mine = site.folder / "rules.d"
        self.mine.mkdir()
        site.configure(rules=[ROOT / "rules", self.mine])
        return site

    def score_of(self, site, sender):
        self.host.send(mails.mail(f"R <{sender}>", subject="About turnstones", text="The turnstone page is odd.\n"))
        live.wait_until(lambda: self.host.inbox(sender), f"{sender} was answered")
        (row,) = [row for row in site.tickets() if row["reporter"] == sender]
        return row["score"]

    def rule(self, score, when="text contains \"turnstone\""):
        (self.mine / "mine.toml").write_text(
            f"[[rule]]\nid = \"turnstone\"\nwhy = \"Speaks of turnstones.\"\nscore = {score}\nwhen = '{when}'\n")

    def test_sighup_brings_new_rules(self):
        site = self.site_with_own_rules()
        self.rule(10)
        with site.daemon() as daemon:
            before = self.score_of(site, "first@lab.test")
            self.rule(35)
            daemon.forget_notices()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_notice("READY=1")
            self.assertEqual(before + 25, self.score_of(site, "second@lab.test"))

    def test_sighup_with_a_broken_rules_file_keeps_the_old_set(self):
        site = self.site_with_own_rules()
        self.rule(10)
        with site.daemon() as daemon:
            before = self.score_of(site, "first@lab.test")
            self.rule(99, when="text ~ /(/")
            daemon.signal(signal.SIGHUP)
            live.wait_until(lambda: "mine.toml:5:" in site.log.read_text(errors="replace"), "the mistake was told")
            self.assertEqual(before, self.score_of(site, "second@lab.test"))
            self.rule(20)
            daemon.forget_notices()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_notice("READY=1")
            self.assertEqual(before + 10, self.score_of(site, "third@lab.test"))

    def test_sighup_with_a_broken_configuration_keeps_the_old_one(self):
        site = self.site_with_own_rules()
        with site.daemon() as daemon:
            self.score_of(site, "first@lab.test")
            text = site.config.read_text()
            site.config.write_text(text.replace('mode = "live"', 'mode = "lively"'))
            daemon.signal(signal.SIGHUP)
            live.wait_until(lambda: "lively" in site.log.read_text(errors="replace")
                            or f"{site.config}:" in site.log.read_text(errors="replace"), "the mistake was told")
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered")
            site.config.write_text(text)

    def test_sighups_in_a_row_kill_nobody_and_the_last_counts(self):
        site = self.site_with_own_rules()
        self.rule(10)
        with site.daemon() as daemon:
            before = self.score_of(site, "first@lab.test")
            for score in range(11, 19):
                self.rule(score)
                daemon.signal(signal.SIGHUP)
                time.sleep(0.05)
                self.assertIsNone(daemon.process.poll(), "it died of SIGHUP")
            daemon.signal(signal.SIGHUP)
            self.assertEqual(before + 8, self.score_of(site, "second@lab.test"))
            daemon.signal(signal.SIGHUP)
            # Between two lives nothing is under way, and it ends by the signal itself.
            self.assertIn(daemon.terminate(), (0, -signal.SIGTERM), "SIGTERM while it reloads")
            self.assertLess(daemon.took_to_end, 5)

    def test_a_sighup_while_it_starts_kills_nobody(self):
        site = self.site_with_own_rules()
        daemon = site.daemon(ready=False)
        live.wait_until(lambda: site.database.exists(), "it has begun")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for_notice("READY=1")
        live.wait_until(lambda: daemon.read_notices().count("READY=1") == 2, "it reloaded", 30)
        self.assertEqual(0, daemon.terminate())

    def test_a_reload_waits_for_a_command_that_is_silent(self):
        site = self.site_with_own_rules()
        script = site.folder / "token"
        script.write_text("#!/bin/sh\nsleep 6\necho nothing\n")
        script.chmod(0o700)
        text = site.config.read_text()
        secret = f'{{ file = "{site.folder}/password" }}'
        site.config.write_text(text.replace(secret, f'{{ command = ["{script}"] }}', 1))
        with site.daemon() as daemon:
            site.config.write_text(text)
            daemon.forget_notices()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_notice("READY=1", 30)
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered")

    def test_sighup_brings_a_new_configuration(self):
        site = self.site_with_own_rules()
        with site.daemon() as daemon:
            self.score_of(site, "first@lab.test")
            site.configure(mode="team", rules=[ROOT / "rules", self.mine])
            daemon.forget_notices()
            daemon.signal(signal.SIGHUP)
            daemon.wait_for_notice("READY=1")
            self.host.send(mails.critical_report())
            live.wait_until(lambda: len(self.host.inbox("alice@acme.test")) == 2, "the team was told of both")
            live.a_second_passes()
            self.assertEqual([], self.host.inbox("rae@lab.test"))


class BesideTheServiceManager(live.Test):
    def test_it_says_when_it_is_ready_and_when_it_stops(self):
        site = self.new_site()
        with site.daemon() as daemon:
            daemon.terminate()
            self.assertIn("READY=1", daemon.read_notices())
            self.assertIn("STOPPING=1", daemon.read_notices())

    def test_it_feeds_the_watchdog(self):
        site = self.new_site()
        os.environ["WATCHDOG_USEC"] = "1000000"
        self.addCleanup(os.environ.pop, "WATCHDOG_USEC")
        with site.daemon() as daemon:
            time.sleep(2.2)
            self.assertGreaterEqual(daemon.read_notices().count("WATCHDOG=1"), 3)

    def test_a_second_daemon_leaves_the_database_alone(self):
        site = self.new_site()
        with site.daemon():
            second = site.run("--once", seconds=15)
            self.assertEqual(75, second.returncode, second.stderr)
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the first one goes on")

    def test_the_examiner_is_started_again_when_it_dies(self):
        site = self.new_site()
        with site.daemon() as daemon:
            for pid in daemon.family():
                if pid != daemon.pid:
                    os.kill(pid, signal.SIGKILL)
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered", 40)
            self.assertIsNone(daemon.process.poll())

    def test_it_connects_again_when_the_server_ends_the_session(self):
        site = self.new_site()
        with site.daemon():
            self.host.send(mails.critical_report())
            live.wait_until(lambda: self.host.inbox("rae@lab.test"), "the reporter was answered")
            self.host.end_imap_sessions()
            self.host.send(mails.numbered_report(7))
            live.wait_until(lambda: self.host.inbox("reporter7@lab.test"), "the next one was answered too", 60)


if __name__ == "__main__":
    live.main()
