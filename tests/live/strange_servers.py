#!/usr/bin/env python3
"""A server that counts backwards, forgets, hides and falls silent: is nothing lost, nothing answered twice, all told?"""
import base64
import os
import pathlib
import re
import sys
import threading
import time
import unittest
import unittest.mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
import processes
from imap_peer import ImapPeer
from tocsin import has_crash_points


def raw(number):
    return mails.numbered_report(number).as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def setUpModule():
    """A command that never gives its secret: its 30 seconds pass while the other tests run."""
    global silent
    silent = live.new_site()
    script = silent.folder / "token"
    script.write_text('#!/bin/sh\ntail -f "$0" >/dev/null &\nwait\n')
    script.chmod(0o700)
    text = silent.config.read_text()
    silent.config.write_text(text.replace(f'{{ file = "{silent.folder}/password" }}', f'{{ oauth2_command = ["{script}"] }}', 1))
    silent.run_to_its_end = threading.Thread(target=lambda: setattr(silent, "done", silent.run("--once", seconds=120)))
    silent.run_to_its_end.start()


class Tokens(live.Test):
    def test_a_command_that_is_silent_is_given_up_with_all_that_it_started(self):
        silent.run_to_its_end.join()
        self.assertEqual(69, silent.done.returncode, silent.done.stderr)
        self.assertIn("gave no secret in time", silent.done.stderr)
        self.assertIn("gave no secret in time", silent.ctl("status").stdout)
        self.assertEqual([], processes.naming(silent.folder), "what it started lives on")

    def test_one_that_is_refused_is_asked_for_again_at_once(self):
        peer = ImapPeer(self.host)
        self.addCleanup(peer.close)
        peer.mails = {1: raw(1)}
        site = self.new_site(imap=peer.url)
        script = site.folder / "token"
        script.write_text(f"#!/bin/sh\necho x >> {site.folder}/asked\necho token-$(wc -l < {site.folder}/asked)\n")
        script.chmod(0o700)
        secret = f'{{ file = "{site.folder}/password" }}'
        site.config.write_text(site.config.read_text().replace(secret, f'{{ oauth2_command = ["{script}"] }}', 1))
        shown = []

        def authenticate(command):
            shown.append(base64.b64decode(command.split()[2]).decode())
            return b"% OK in\r\n" if "token-2" in shown[-1] else b"% NO [AUTHENTICATIONFAILED] it has run out\r\n"
        peer.lies["CAPABILITY"] = lambda command: b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n% OK done\r\n"
        peer.lies["AUTHENTICATE"] = authenticate
        site.once()
        self.assertEqual(1, len(site.tickets()))
        self.assertEqual(["token-1", "token-2"], [one.split("Bearer ")[1].split("\x01")[0] for one in shown])


class StrangeNumbers(live.Test):
    def setUp(self):
        self.peer = ImapPeer(self.host)
        self.addCleanup(self.peer.close)
        self.site = self.new_site(imap=self.peer.url)

    def inbox(self):
        return next(folder for folder in self.site.json("status")["mailboxes"] if folder["folder"] == "INBOX")

    def assert_each_answered_once(self, count):
        self.assertEqual(count, len(self.site.tickets()))
        for number in range(1, count + 1):
            self.assertEqual(1, len(self.host.inbox(f"reporter{number}@lab.test")), number)

    def test_numbers_that_go_back_and_forth(self):
        first, second, third, fourth = (raw(number) for number in range(1, 5))
        steps = [
            ("as it should be", {5: first, 6: second}, 7, None),
            ("UIDVALIDITY goes up, the numbers begin anew", {1: first, 2: second}, 8, None),
            ("UIDVALIDITY goes down again, as from a backup", {5: first, 6: second, 7: third}, 7, None),
            ("UIDNEXT goes down", {5: first, 6: second, 7: third}, 7, 6),
            ("a number that was used before names another mail", {5: first, 6: second, 7: third, 3: fourth}, 7, None),
            ("emptied", {}, 7, 1),
            ("filled again in another order", {11: fourth, 12: first, 13: third, 14: second}, 9, None),
        ]
        for name, lying, validity, following in steps:
            with self.subTest(name):
                self.peer.mails, self.peer.uid_validity, self.peer.uid_next = lying, validity, following
                self.site.once()
                self.assertEqual(0, self.inbox()["missing"])
                self.assertIsNone(self.inbox()["trouble"])
        self.assert_each_answered_once(4)

    def test_a_number_that_was_given_before_names_another_mail(self):
        """A server that came back from a backup: under the same UIDVALIDITY it counts from where it was then."""
        first, second, third, fourth, fifth = (raw(number) for number in range(1, 6))
        steps = [
            ("as it should be", {1: first, 2: second}, 7, None),
            ("UIDNEXT fell, and the next mail has the number of one that is gone", {1: first, 2: third}, 7, 2),
            ("another UIDVALIDITY for a while", {1: first, 2: third}, 9, None),
            ("and back, with other mail", {1: fourth, 2: third}, 7, None),
        ]
        for name, lying, validity, following in steps:
            with self.subTest(name):
                self.peer.mails, self.peer.uid_validity, self.peer.uid_next = lying, validity, following
                self.site.once()
                self.assertEqual(0, self.inbox()["missing"])
        self.assert_each_answered_once(4)
        # It fell and rose again while nobody looked: the date of a mail tells.
        self.peer.mails[1], self.peer.dates[1] = fifth, "21-Nov-2026 11:00:00 +0000"
        self.site.once()
        self.assert_each_answered_once(5)
        total = self.site.json("status")["journal"]["total"]
        self.site.once()
        self.assertEqual(total, self.site.json("status")["journal"]["total"], "what is known is not fetched again")

    def test_a_date_in_the_servers_own_language_delays_nobody(self):
        self.peer.mails = {uid: raw(uid) for uid in (1, 2, 3)}
        self.peer.dates[2] = "22-Kas-2026 10:00:00 +0300"
        for _ in range(2):
            self.site.once()
            self.assertEqual(0, self.inbox()["missing"])
            self.assert_each_answered_once(3)
        # What was there before us stays unanswered, whatever its date; what comes later does not.
        self.setUp()
        self.site.config.write_text(self.site.config.read_text().replace('start = "all"', 'start = "now"'))
        self.peer.mails, self.peer.dates = {1: raw(1), 2: raw(2)}, {2: "22-Kas-2026 10:00:00 +0300"}
        self.site.once()
        self.assertEqual([], self.site.tickets())
        self.peer.mails[3], self.peer.dates[3] = raw(3), "23-Kas-2026 10:00:00 +0300"
        self.site.once()
        self.assertEqual(["reporter3@lab.test"], [row["reporter"] for row in self.site.tickets()])

    def test_a_small_mail_at_which_the_server_always_stumbles_delays_nobody(self):
        for name, lie in {"a no": b"% NO [SERVERBUG] this one is damaged\r\n", "a farewell": b"* BYE I am lost\r\n",
                          "a literal without end": b"* 2 FETCH (UID 2 BODY[] {4294967295}\r\n"}.items():
            with self.subTest(name):
                self.setUp()
                self.peer.mails = {1: raw(1), 2: raw(2), 3: raw(3)}

                def fetch(command):
                    if "BODY" in command and 2 in self.peer.asked(command):
                        return lie
                    return self.peer.answer("UID FETCH", command) + b"% OK done\r\n"
                self.peer.lies["UID FETCH"] = fetch
                self.site.once()
                self.assertEqual(1, self.inbox()["missing"])
                self.assertEqual(sorted(["reporter1@lab.test", "reporter3@lab.test"]),
                                 sorted(row["reporter"] for row in self.site.tickets()))
                del self.peer.lies["UID FETCH"]
                self.site.once()
                self.assertEqual(0, self.inbox()["missing"])
                self.assert_each_answered_once(3)

    @unittest.skipUnless(has_crash_points(), "wants -DTOCSIN_CRASH_POINTS=ON")
    def test_what_was_not_given_is_asked_for_again_soon(self):
        self.peer.mails = {1: raw(1)}
        truth = self.peer.fetched
        self.peer.fetched = lambda uid, with_body: b"" if with_body and uid == 2 else truth(uid, with_body)
        with unittest.mock.patch.dict(os.environ, TOCSIN_PACE="20"), self.site.daemon():  # an hour in 3 minutes
            live.wait_until(lambda: len(self.site.tickets()) == 1, "the first was answered", 20)
            self.peer.mails[2] = raw(2)
            live.wait_until(lambda: self.inbox()["missing"] == 1, "the gap was told", 40)
            self.peer.fetched = truth
            live.wait_until(lambda: self.host.inbox("reporter2@lab.test"), "the second was answered", 30)
            live.wait_until(lambda: self.inbox()["missing"] == 0, "the gap is closed", 10)
        self.assert_each_answered_once(2)

    def test_mail_that_is_counted_and_not_named_is_a_gap(self):
        self.peer.mails = {1: raw(1), 2: raw(2)}
        self.peer.lies["UID SEARCH"] = lambda command: b"* SEARCH 1\r\n% OK done\r\n"
        self.site.once()
        self.assertEqual(1, self.inbox()["missing"])
        del self.peer.lies["UID SEARCH"]
        self.site.once()
        self.assertEqual(0, self.inbox()["missing"])
        self.assert_each_answered_once(2)

    def test_one_that_speaks_of_news_at_every_turn_is_asked_in_peace(self):
        self.peer.mails = {1: raw(1)}
        rumour = b"* 1 EXISTS\r\n% OK done\r\n"
        self.peer.lies["NOOP"] = lambda command: rumour
        self.peer.lies["UID SEARCH"] = lambda command: b"* SEARCH 1\r\n" + rumour
        with self.site.daemon():
            live.wait_until(lambda: len(self.site.tickets()) == 1, "it was answered", 20)
            heard = len(self.peer.heard)
            time.sleep(3)
            self.assertLess(len(self.peer.heard) - heard, 40)

    def test_a_mail_that_is_named_and_not_given_is_told_and_delays_nobody(self):
        self.peer.mails = {1: raw(1), 2: raw(2), 3: raw(3)}
        truth = self.peer.fetched
        self.peer.fetched = lambda uid, with_body: b"" if with_body and uid == 2 else truth(uid, with_body)
        done = self.site.once()
        self.assertIn("MAILBOX_GAP", done.stderr)
        self.assertEqual(1, self.inbox()["missing"])
        self.assertIn("1 mails", self.site.ctl("status").stdout)
        self.assertEqual(2, len(self.site.tickets()))
        self.peer.fetched = truth
        self.site.once()
        self.assertEqual(0, self.inbox()["missing"])
        self.assert_each_answered_once(3)

    def test_a_size_of_nothing_is_not_believed(self):
        self.peer.mails = {1: raw(1), 2: b"", 3: raw(3)}
        truth = self.peer.fetched
        self.peer.fetched = lambda uid, with_body: truth(uid, with_body) if with_body else re.sub(
            rb"RFC822.SIZE \d+", b"RFC822.SIZE 0", truth(uid, with_body))
        self.assertIn("MAIL_EMPTY", self.site.once().stderr)
        self.assertEqual(0, self.inbox()["missing"])
        self.assertEqual({"reporter1@lab.test", "reporter3@lab.test"},
                         {row["reporter"] for row in self.site.tickets() if row["reporter"]})
        self.peer.lies["SELECT"] = lambda command: b"* 3 EXISTS\r\n% OK nothing else\r\n"
        self.assertIn("no UIDVALIDITY", self.site.once(expect=69).stderr)

    def test_a_large_mail_that_never_comes_whole_delays_nobody(self):
        large = raw(2) + b"x" * 76 * 20_000 + b"\r\n"
        self.peer.mails = {1: raw(1), 2: large, 3: raw(3)}
        truth = self.peer.fetched
        self.peer.fetched = lambda uid, with_body: b"" if with_body and uid == 2 else truth(uid, with_body)
        with self.site.daemon():
            live.wait_until(lambda: len(self.site.tickets()) == 2, "the others were answered", 40)
        self.peer.fetched = truth
        self.site.once()
        self.assert_each_answered_once(3)

    def test_a_mailbox_that_may_only_be_read_is_read_and_says_so(self):
        self.site.configure(imap=self.peer.url, mailbox='after = "seen"')
        self.peer.mails, self.peer.read_only = {1: raw(1)}, True
        self.site.once()
        self.site.once()
        self.assert_each_answered_once(1)
        self.assertIn("read only", self.inbox()["trouble"])
        self.assertFalse([one for one in self.peer.heard if "STORE" in one])
        self.assertEqual(1, self.site.json("status")["server_actions"][0]["waiting"])

    def test_silence_in_the_middle_is_no_reason_to_wait_with_what_is_there(self):
        self.peer.mails = {1: raw(1)}
        self.site.once()
        self.peer.mails[2] = raw(2)
        self.peer.lies["UID FETCH"] = lambda command: None
        with self.site.daemon() as daemon:
            live.wait_until(lambda: any("UID FETCH" in one for one in self.peer.heard[-3:]), "it asked", 20)
            self.assertEqual(0, self.site.ctl("status").returncode)
            self.assertEqual(0, daemon.terminate())
            self.assertLess(daemon.took_to_end, 5)
        del self.peer.lies["UID FETCH"]
        self.site.once()
        self.assert_each_answered_once(2)

    @unittest.skipUnless(has_crash_points(), "wants -DTOCSIN_CRASH_POINTS=ON")
    def test_one_that_never_speaks_up_is_looked_at_all_the_same(self):
        self.peer.mails = {5: raw(1)}
        with unittest.mock.patch.dict(os.environ, TOCSIN_PACE="900"), self.site.daemon():  # 5 minutes in 0.3 s, an hour in 4
            live.wait_until(lambda: len(self.site.tickets()) == 1, "the first was answered", 20)
            self.peer.mails[6] = raw(2)  # in IDLE nobody says so
            live.wait_until(lambda: len(self.site.tickets()) == 2, "the second was answered", 20)
            # Below what was read already: no look for new mail finds it, the comparison of all does.
            self.peer.mails[3] = raw(3)
            live.wait_until(lambda: self.host.inbox("reporter3@lab.test"), "the third was answered", 30)
        self.assert_each_answered_once(3)

    def test_one_that_hangs_up_is_left_alone_for_a_while_and_longer_each_time(self):
        asked = []

        def hang_up(command):
            asked.append(time.monotonic())
            return b"* BYE not today\r\n"
        self.peer.lies["CAPABILITY"] = hang_up
        self.peer.mails = {1: raw(1)}
        with self.site.daemon():
            live.wait_until(lambda: len(asked) == 2, "it asked again", 30)
            self.assertGreater(asked[1] - asked[0], 3.2, "5 seconds, up to a third shorter")
            self.assertIn("BYE", self.inbox()["trouble"])
            del self.peer.lies["CAPABILITY"]
            live.wait_until(lambda: self.site.tickets(), "it asked once more", 40)
            self.assertGreater(time.monotonic() - asked[1], 6.5, "10 seconds, up to a third shorter")
            live.wait_until(lambda: self.inbox()["trouble"] is None, "all is well again", 10)

    def test_a_refused_move_is_tried_later_and_told(self):
        self.site.configure(imap=self.peer.url, mailbox='after = "move:Archive"')
        self.peer.mails = {1: raw(1)}
        self.peer.lies["UID MOVE"] = lambda command: b"% NO [OVERQUOTA] the folder is full\r\n"
        self.site.once(expect=69)
        self.assert_each_answered_once(1)
        self.assertEqual(1, self.site.json("status")["server_actions"][0]["waiting"])
        self.assertIn("SERVER_NOT_CHANGED", self.site.log.read_text())
        del self.peer.lies["UID MOVE"]
        self.site.once("--now", "2027-01-01T00:00:00Z")
        self.assertEqual(0, self.site.json("status")["server_actions"][0]["waiting"])


if __name__ == "__main__":
    live.main()
