#!/usr/bin/env python3
"""People read, flag, copy, move and delete in the mailbox while reports arrive: is nothing hidden, nothing doubled?

    other_client.py                     ten seconds
    TOCSIN_CLIENT_SECONDS=60 …          as long as that
    TOCSIN_SEED=… …                     the choices of an earlier run
"""
import collections
import imaplib
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

SECONDS = float(os.environ.get("TOCSIN_CLIENT_SECONDS", "10"))
SEED = int(os.environ.get("TOCSIN_SEED", random.SystemRandom().randrange(10**6)))


class Client:
    """Another client at random. It deletes, and moves or copies to a folder that is never answered, only what the
    daemon has: what nobody saw is not promised."""

    def __init__(self, host, site):
        self.session, self.site = host.imap_session("security@acme.test"), site
        self.chance = random.Random(SEED)
        self.done = collections.Counter()
        self.session.create("Elsewhere")

    def uids(self, folder):
        self.session.select(folder)
        return self.session.uid("SEARCH", "ALL")[1][0].split()

    def is_known(self, uid):
        header = self.session.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (FROM)])")[1]
        text = header[0][1].decode() if header and isinstance(header[0], tuple) else ""
        return any(f"<{row['reporter']}>" in text for row in self.site.tickets())

    def step(self):
        folder = "Elsewhere" if self.chance.random() < 0.2 else "INBOX"
        uids = self.uids(folder)
        if not uids:
            return
        uid, choice = self.chance.choice(uids), self.chance.choice(
            ["read", "flag", "unflag", "copy", "copy out", "move", "delete", "mark deleted", "expunge"])
        other = "INBOX" if folder == "Elsewhere" else "Elsewhere"
        if choice == "read":
            self.session.uid("FETCH", uid, "(BODY[])")
        elif choice in ("flag", "unflag"):
            self.session.uid("STORE", uid, "+FLAGS" if choice == "flag" else "-FLAGS",
                             self.chance.choice(["\\Seen", "\\Answered", "\\Flagged", "$Junk"]))
        elif choice == "copy":
            self.session.uid("COPY", uid, folder)
        elif not self.is_known(uid):
            return
        elif choice == "copy out":
            self.session.uid("COPY", uid, other)
        elif choice == "move":
            self.session.uid("MOVE", uid, other)
        elif choice == "expunge":
            self.session.expunge()
        else:
            self.session.uid("STORE", uid, "+FLAGS", "\\Deleted")
            if choice == "delete":
                self.session.expunge()
        self.done[choice] += 1


class BesideAnotherClient(live.Story):
    @classmethod
    def tell(cls, host, site):
        print(f"seed {SEED}: TOCSIN_SEED={SEED} runs it again", flush=True)
        site.configure(mailbox='also = ["Elsewhere"]')
        cls.reports, stop = 0, threading.Event()

        def arrive():
            chance = random.Random(SEED + 1)
            while not stop.is_set():
                host.send(mails.numbered_report(cls.reports), settle=False)
                cls.reports += 1
                time.sleep(chance.uniform(0.0, 0.5))
        client = Client(host, site)
        with site.daemon() as daemon:
            sender = threading.Thread(target=arrive)
            sender.start()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                try:
                    client.step()
                except imaplib.IMAP4.error as error:
                    print(f"the client was refused: {error}", flush=True)
            stop.set()
            sender.join()
            host.settle()
            live.wait_until(lambda: site.settled() and (len(site.tickets()), cls.reports),
                            "nothing is under way", 60)
            live.wait_until(lambda: len(site.tickets()) == cls.reports and site.settled(),
                            f"all {cls.reports} reports are answered: {sorted(row['reporter'] for row in site.tickets())}", 60)
            cls.alive = daemon.process.poll() is None
        site.once()
        host.settle()
        cls.tickets, cls.did = site.tickets(), client.done
        cls.status = site.json("status")
        print(f"{cls.reports} reports; {dict(cls.did)}", flush=True)

    def test_the_client_was_busy(self):
        self.assertGreater(sum(self.did.values()), SECONDS)
        self.assertGreater(len(self.did), 5)

    def test_nothing_is_hidden_and_nothing_doubled(self):
        self.assertEqual(sorted(f"reporter{number}@lab.test" for number in range(self.reports)),
                         sorted(row["reporter"] for row in self.tickets))

    def test_each_reporter_is_answered_once(self):
        for number in range(self.reports):
            self.assertEqual(1, len(self.host.inbox(f"reporter{number}@lab.test")), number)

    def test_status_knows_of_no_gap(self):
        self.assertEqual({0}, {folder["missing"] for folder in self.status["mailboxes"]})
        self.assertTrue(self.alive)


if __name__ == "__main__":
    live.main()
