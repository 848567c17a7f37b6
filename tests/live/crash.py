#!/usr/bin/env python3
"""Is every report answered exactly once when the daemon is killed at random moments?

    crash.py                   300 times kill -9, or as often as a minute allows
    TOCSIN_SEED=… crash.py     the moments of an earlier run
    TOCSIN_KILLS=2000 crash.py as often as that, however long it takes (ctest --preset crash)
"""
import collections
import hashlib
import os
import pathlib
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails

REPORTS = 120
KILLS = int(os.environ.get("TOCSIN_KILLS", "300"))
SECONDS = None if "TOCSIN_KILLS" in os.environ else 60
FEWEST = min(KILLS, 40)  # on a machine that is slow or busy
# Most lives end while it starts and connects: in parts of the time that it takes to be ready, which is another one on
# a busy machine. The others end a moment after a mail was journaled, while it decides and sends.
SHORT, LONG = (0.1, 1.2), 4.5
MOMENT = 0.1  # seconds
PACE = 0.8 * (SECONDS or 25) / REPORTS  # so that mail arrives until the end
SEED = int(os.environ.get("TOCSIN_SEED", random.SystemRandom().randrange(10**6)))


class KilledAtRandomMoments(live.Story):
    @classmethod
    def tell(cls, host, site):
        print(f"seed {SEED}: TOCSIN_SEED={SEED} runs it again", flush=True)
        chance = random.Random(SEED)
        moments = random.Random(SEED + 1)

        def arrive():
            for number in range(1, REPORTS + 1):
                host.send(mails.numbered_report(number), settle=False)
                time.sleep(chance.uniform(0.0, 2 * PACE))

        started = time.monotonic()
        with site.daemon():
            to_be_ready = time.monotonic() - started
        sender = threading.Thread(target=arrive)
        sender.start()
        cls.kills, cls.alive, cls.interrupted = 0, 0, 0
        begun = time.monotonic()

        def enough():
            return cls.kills >= KILLS or (SECONDS and cls.kills >= FEWEST and time.monotonic() - begun > SECONDS)
        while not enough() or sender.is_alive():
            at_work = moments.random() < 0.3
            said_before = site.log.stat().st_size if site.log.exists() else 0
            daemon = site.daemon(ready=False)
            if at_work:
                cls.wait_for_a_mail(site.log, said_before, LONG * to_be_ready)
                time.sleep(moments.uniform(0, MOMENT))
            else:
                time.sleep(to_be_ready * moments.uniform(*SHORT))
            cls.alive += daemon.process.poll() is None
            daemon.kill()
            cls.kills += 1
            if at_work:
                # Before its first migration is committed there is no status to ask for.
                cls.interrupted += site.ctl("status").returncode != 0 or not site.settled()
        sender.join()
        host.settle()
        # One more run, left alone, finishes what is to do.
        site.once(seconds=120)
        live.wait_until(site.settled, "nothing waited any more", 10)
        cls.tickets = site.tickets()
        cls.reporters = [f"reporter{number}@lab.test" for number in range(1, REPORTS + 1)]
        cls.inboxes = {address: host.inbox(address)
                       for address in (*cls.reporters, "alice@acme.test", "bob@acme.test")}

    @staticmethod
    def wait_for_a_mail(log, said_before, seconds):
        until = time.monotonic() + seconds
        with log.open("rb") as words:
            words.seek(said_before)
            said = b""
            while b"MAIL_JOURNALED" not in said and time.monotonic() < until:
                time.sleep(0.002)
                said += words.read()

    def same_mail(self, letters):
        """Copies of one mail: one Message-ID, the same bytes."""
        self.assertEqual(1, len({one.message_id for one in letters}), [one["Subject"] for one in letters])
        self.assertEqual(1, len({hashlib.sha256(one.sent_bytes).hexdigest() for one in letters}),
                         "a second copy has other bytes")

    def test_it_was_killed_often_enough_and_while_it_lived(self):
        self.assertGreaterEqual(self.kills, FEWEST if SECONDS else KILLS)
        self.assertEqual(self.kills, self.alive, "it ended by itself before it was killed")

    def test_it_had_work_to_do_when_it_was_killed(self):
        print(f"{self.kills} kills; {self.interrupted} times that we looked there was mail half done", flush=True)
        self.assertGreaterEqual(self.interrupted, 2)

    def test_each_report_is_a_ticket(self):
        self.assertEqual(REPORTS, len(self.tickets))
        self.assertEqual(sorted(self.reporters), sorted(row["reporter"] for row in self.tickets))
        self.assertEqual(REPORTS, len({row["number"] for row in self.tickets}))

    def test_each_ticket_is_acknowledged(self):
        self.assertEqual({"acknowledged"}, {row["state"] for row in self.tickets})

    def test_each_reporter_was_answered_and_never_in_two_ways(self):
        numbers = {row["reporter"]: row["number"] for row in self.tickets}
        copies = 0
        for address in self.reporters:
            with self.subTest(address):
                letters = self.inboxes[address]
                self.assertTrue(letters, "no acknowledgement")
                self.same_mail(letters)
                self.assertEqual(numbers[address], letters[0]["X-Tocsin-Ticket"])
                copies += len(letters) - 1
        self.assertLessEqual(copies, self.kills)
        print(f"{copies} second copies of acknowledgements", flush=True)

    def test_each_member_was_told_of_each_ticket(self):
        for address in ("alice@acme.test", "bob@acme.test"):
            of_ticket = collections.defaultdict(list)
            for letter in self.inboxes[address]:
                of_ticket[letter["X-Tocsin-Ticket"]].append(letter)
            self.assertEqual({row["number"] for row in self.tickets}, set(of_ticket))
            for number, letters in of_ticket.items():
                with self.subTest(f"{number} to {address}"):
                    self.same_mail(letters)

    def test_all_second_copies_together_are_no_more_than_the_kills(self):
        second = sum(len(letters) - len({one.message_id for one in letters}) for letters in self.inboxes.values())
        self.assertLessEqual(second, self.kills)

    def test_no_process_of_a_killed_daemon_lives_on(self):
        live.wait_until(lambda: not self.site.processes(), "all processes of the killed daemons ended", 10)


if __name__ == "__main__":
    live.main()
