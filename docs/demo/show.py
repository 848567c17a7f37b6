#!/usr/bin/env python3
"""Shows Tocsin at work to a person, and checks every fact that it shows. Started by docs/demo/run."""
import argparse
import contextlib
import email
import email.policy
import email.utils
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RIG = ROOT / "tests/rig"
sys.dont_write_bytecode = True
sys.path.insert(0, str(RIG))
import moments
import processes
import story
from terminal import on_terminal
from mail_host import MailHost
from tocsin import Tocsin
from waiting import wait_until

MEMBERS = {"alice@acme.test": "Alice", "bob@acme.test": "Bob"}
RAE, KIM = "rae@lab.test", "kim@lab.test"


class Paper:
    """What is shown: headings, lines, mails as pages, and facts with a mark each."""

    def __init__(self):
        on_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.colour = "always" if on_terminal else "never"
        self._codes = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "36"} if on_terminal else {}
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        self.begun = time.monotonic()
        self.true, self.false = 0, []
        self._chapters = 0

    def paint(self, text, colour):
        code = self._codes.get(colour)
        return f"\x1b[{code}m{text}\x1b[0m" if code else text

    def line(self, text="", colour=None):
        print("   " + self.paint(text, colour) if text else "", flush=True)

    def words(self, text):
        for line in textwrap.wrap(" ".join(text.split()), self.width - 6):
            self.line(line)

    def title(self, text):
        print("\n" + self.paint(text, "bold") + "\n" + self.paint("═" * len(text), "blue"), flush=True)

    def chapter(self, text):
        self._chapters += 1
        heading = f"{self._chapters}  {text}"
        print("\n" + self.paint(heading, "bold") + "\n" + self.paint("─" * len(heading), "blue"), flush=True)

    def fact(self, text, holds, seen=None):
        """A sentence that is true, or the demo fails. `seen` is told when it is not."""
        if holds:
            self.true += 1
            self.line(f"{self.paint('✓', 'green')} {text}")
        else:
            self.false.append(text)
            self.line(f"{self.paint('✗ not so:', 'red')} {text}" + (f"   (seen: {seen!r})" if seen is not None else ""))

    def wrapped(self, line):
        """As narrow as the page; what goes on below keeps the quotation mark or stands under the item's words."""
        quoting, item = re.match(r"([> ]*)((?:[-*•] |\d+\. )?)", line).groups()
        return textwrap.wrap(line, self.width - 10, subsequent_indent=quoting + " " * len(item)) or [""]

    def mail(self, letter, most_lines=60):
        """A mail as a mail client shows it, on a page with a margin."""
        edge = self.paint("│", "blue")
        def row(text="", colour=None):
            self.line(f"{edge} {self.paint(text, colour) if colour else text}")
        self.line(self.paint("┌" + "─" * (self.width - 8), "blue"))
        for name in ("From", "To", "Subject", "Date"):
            row(f"{name + ':':9}{letter[name]}", "bold" if name == "Subject" else "dim")
        row()
        lines = [piece for line in letter.text.rstrip().splitlines() for piece in self.wrapped(line)]
        for text in lines[:most_lines]:
            row(text, "dim" if text.startswith(">") else None)
        if len(lines) > most_lines:
            row(f"… {len(lines) - most_lines} more lines", "dim")
        self.line(self.paint("└" + "─" * (self.width - 8), "blue"))

    def run(self, site, *arguments, until=None):
        """A command as an administrator types it, with what it prints, up to a line that begins with `until`."""
        self.line(self.paint("$ tocsinctl " + " ".join(arguments), "yellow"))
        shown, code = on_terminal([site.bin / "tocsinctl", "--config", site.config, *arguments, "--color", self.colour],
                                  columns=self.width - 3)
        for line in shown.rstrip().splitlines():
            if until and re.sub("\x1b\\[[0-9;]*m", "", line).startswith(until):
                self.line("…", "dim")
                break
            self.line(line)
        if code:
            self.fact(f"tocsinctl {arguments[0]} ends well", False, code)


def as_sent_now(name):
    """A mail of docs/demo/mails with the date that the sender's program gives it."""
    raw = (HERE / "mails" / name).read_bytes()
    return b"Date: " + email.utils.formatdate(localtime=True).encode() + b"\n" + raw


def mails_of(host, address, template):
    return [letter for letter in host.inbox(address) if letter["X-Tocsin-Mail"] == template]


def items(text):
    """The lines of a text's lists."""
    return [line.strip() for line in text.splitlines() if re.match(r"\s*[-*•] ", line)]


def send_the_mails(paper, host):
    paper.chapter("Four mails arrive at security@acme.test")
    paper.words("A real Postfix takes them from outside, a real Dovecot keeps the mailbox. Tocsin waits in IMAP IDLE.")
    paper.line()
    sent_at = time.monotonic()
    for path in sorted((HERE / "mails").glob("[1-4]-*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        host.send(as_sent_now(path.name))
        extra = " + " + ", ".join(part.get_filename() for part in mail.iter_attachments()) if mail.is_multipart() else ""
        paper.line(f"✉  {str(mail['From']):33} {mail['Subject']}{extra}")
    wait_until(lambda: mails_of(host, RAE, "acknowledgement") and mails_of(host, KIM, "acknowledgement"),
               "both reporters were answered", 20, every=0.01)
    answered_after = time.monotonic() - sent_at
    for member in MEMBERS:
        wait_until(lambda: len(mails_of(host, member, "notice")) >= 2, f"{member} was told", 20)
    paper.line()
    paper.fact(f"both acknowledgements lie in their mailboxes {answered_after:.1f} s after the first mail left",
               answered_after < 20)


def show_the_tickets(paper, host, site):
    paper.chapter("Two of them are reports")
    wait_until(lambda: site.settled() and [row["state"] for row in site.tickets()] == ["acknowledged"] * 2,
               "both tickets were acknowledged", 10)
    rows = {row["reporter"]: row for row in site.tickets()}
    paper.run(site, "list")
    paper.line()
    paper.fact("Rae's and Kim's mails became tickets, and nobody else's", sorted(rows) == [KIM, RAE], sorted(rows))
    rae, kim = rows[RAE], rows[KIM]
    paper.fact(f"Rae's report of a remote code execution is rated {rae['severity']}", rae["severity"] in ("critical", "high"))
    paper.fact(f"Kim's, which says nothing yet, is rated {kim['severity']}", kim["severity"] in ("low", "medium"),
               kim["severity"])
    for address, what in (("jo@lab.test", "Jo's out-of-office note"), ("news@lab.test", "the newsletter")):
        paper.fact(f"{what} got no answer", not host.inbox(address))
    return rae["number"], kim["number"]


def show_the_acknowledgement(paper, host, site, number, kims_number):
    paper.chapter("What Rae reads")
    (letter,) = mails_of(host, RAE, "acknowledgement")
    paper.mail(letter)
    report = email.message_from_bytes((HERE / "mails/1-critical.eml").read_bytes())
    paper.fact("it answers her mail, so that her mail program shows both together",
               letter["In-Reply-To"].strip() == report["Message-ID"], letter["In-Reply-To"])
    paper.fact("its subject carries the number once", letter["Subject"].count(number) == 1, letter["Subject"])
    paper.fact("it is marked as automatic, so that no machine answers it", letter["Auto-Submitted"] == "auto-replied",
               letter["Auto-Submitted"])
    everything = (letter.raw.decode("utf-8", "replace") + letter.text).lower()
    paper.fact("it repeats nothing of her report", not any(word in everything for word in
               ("thumbnail", "portal", "shell", "injection", "remote code", "owned", "poc.py")))
    clocks = site.ticket(number)["clocks"]
    due = [moments.instant(clock["due"]) for clock in clocks]
    promised = [one for one in moments.named(letter.text) if one > moments.instant(clocks[0]["started"])]
    paper.fact("every date that it promises is the one in the database",
               promised and all(any(abs((one - kept).total_seconds()) < 60 for kept in due) for one in promised),
               [str(one) for one in promised])
    (kims,) = mails_of(host, KIM, "acknowledgement")
    missing = {who: site.ticket(which)["examination"]["elements"]["missing"]
               for who, which in (("Rae", number), ("Kim", kims_number))}
    asked = [line for line in items(kims.text) if line not in items(letter.text)]
    paper.line()
    paper.line("Kim wrote two lines. Her acknowledgement asks for what would help:")
    for line in asked:
        paper.line("  " + line, "dim")
    paper.fact(f"she is asked for {len(asked)} things, which her report lacks; Rae, who gave all, for none",
               len(asked) == len(missing["Kim"]) > 0 and "steps-to-reproduce" in missing["Kim"] and not missing["Rae"],
               missing)


def show_the_notice(paper, host, number):
    paper.chapter("What the team reads")
    letters = {member: [one for one in mails_of(host, member, "notice") if one["X-Tocsin-Ticket"] == number]
               for member in MEMBERS}
    paper.mail(letters["alice@acme.test"][0], most_lines=80)
    paper.fact("Alice and Bob got one notice each, addressed to them alone",
               all(len(got) == 1 and member in got[0]["To"] and got[0]["Cc"] is None for member, got in letters.items()))
    notice = letters["alice@acme.test"][0]
    paper.fact("its sender shows where an answer would go", "(outside) via ACME" in notice["From"], notice["From"])
    words = " ".join(line.removeprefix("> ") for line in notice.text.split("\n"))
    paper.fact("it brings the report", "hands the name of an uploaded picture to a shell" in " ".join(words.split()))
    paper.fact("its foot says how to answer", "A plain reply goes to rae@lab.test" in notice.text and "/help" in notice.text)


def show_the_clocks(paper, site, number):
    paper.chapter("What was promised, and how it stands")
    paper.run(site, "show", number, until="AT ")
    paper.line()
    clocks = {clock["name"]: clock for clock in site.ticket(number)["clocks"]}
    acknowledge = clocks.get("acknowledge", {})
    took = (moments.instant(acknowledge["stopped"]) - moments.instant(acknowledge["started"])).total_seconds() \
        if acknowledge.get("stopped") else -1
    paper.fact(f"the promise to acknowledge was kept {max(took, 0):.1f} s after her mail came, when the mail server had "
               "accepted the answer", acknowledge.get("state") == "met" and 0 <= took < 30, acknowledge)
    running = {name: clock for name, clock in clocks.items() if clock["state"] == "running"}
    paper.fact(f"{len(running)} more are running, none is late", len(running) == len(clocks) - 1
               and not site.ticket(number).get("overdue"), clocks)


def show_the_follow_up(paper, host, site, number):
    paper.chapter("Rae adds something")
    before = len(host.inbox(RAE))
    told = {member: len(mails_of(host, member, "notice")) for member in MEMBERS}
    host.send(as_sent_now("5-follow-up.eml"), settle=False)
    paper.line("✉  Rae Lindqvist answers her own mail: One thing more: Portal 4.1 has the same hole.")
    for member in MEMBERS:
        wait_until(lambda: len(mails_of(host, member, "notice")) > told[member], f"{member} was told of it", 20)
    wait_until(site.settled, "nothing waited any more", 10)
    incoming = [one for one in site.ticket(number)["messages"] if one["direction"] == "in"]
    paper.fact(f"it joined {number}, which now holds two mails of hers", len(incoming) == 2, incoming)
    paper.fact("the team got it", all("Portal 4.1 has the same hole" in mails_of(host, member, "notice")[-1].text
                                      for member in MEMBERS))
    paper.fact("there are still two tickets, and Rae was not acknowledged twice",
               len(site.tickets()) == 2 and len(host.inbox(RAE)) == before)


CALLED = {"acknowledgement": "an acknowledgement", "notice": "a notice", "transcript": "a transcript of what was done",
          "question": "a question", "relay": "the words", "alarm": "an alarm"}


def show_the_story(paper, host, site):
    paper.chapter("Nobody learns a tool: the team answers its notices, and the researcher hears from security@")
    paper.words("A line that begins with a slash does something; all else that Alice and Bob newly write goes to Rae, without "
                "their names, quotations and signatures. After each step all three mailboxes are compared with what should "
                "lie in them.")
    report = email.message_from_bytes((HERE / "mails/1-critical.eml").read_bytes())
    for chapter in story.Story(host, site, report).chapters():
        paper.line()
        paper.line(paper.paint(chapter.title, "bold") + f"   ({chapter.state})")
        who = story.NAMES.get(chapter.writer, "A mail server").split()[0]
        for line in [line for line in chapter.text.splitlines() if line]:
            paper.line(f"  {who + ':':15}{line}", "yellow")
        for letter in chapter.came[RAE]:
            body = [line for line in letter.text.rstrip().splitlines() if not line.startswith(">")]
            paper.line(f"  {'Rae reads:':15}{letter['Subject']}", "dim")
            for line in [piece for line in body[:14] for piece in textwrap.wrap(line, paper.width - 26) if line]:
                paper.line(" " * 17 + line, "dim")
            if len(body) > 14:
                paper.line(" " * 17 + "…", "dim")
        told = [f"{story.NAMES[address].split()[0]} got " + ", ".join(CALLED.get(one["X-Tocsin-Mail"], "the mail `" + one["X-Tocsin-Mail"] + "`")
                                                                     for one in letters)
                for address, letters in chapter.came.items() if letters]
        paper.fact(("; ".join(told) or "nobody got anything") + ", and nothing else came", not chapter.wrong, chapter.wrong)


def show_why(paper, site):
    paper.chapter("Why Rae's mail was rated so: explain, which writes and sends nothing")
    before = site.json("status")["tickets"]
    paper.run(site, "explain", str((HERE / "mails/1-critical.eml").relative_to(ROOT)))
    found = site.json("explain", HERE / "mails/1-critical.eml")
    paper.line()
    paper.fact(f"the scores of its {len(found['hits'])} rules add up to {found['score']}",
               found["score"] == sum(hit["score"] for hit in found["hits"]), found["score"])
    paper.fact("it changed nothing", site.json("status")["tickets"] == before)


def show_that_nothing_comes_twice(paper, host, site, daemon):
    paper.chapter("Nothing comes twice")
    addresses = [*MEMBERS, RAE, KIM]
    before = {address: len(host.inbox(address)) for address in addresses}, site.tickets()
    daemon.kill()
    paper.line("kill -9, and a new tocsind over the same mailbox …")
    for pid in site.processes():
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the old processes ended", 5)
    site.once()
    after = {address: len(host.inbox(address)) for address in addresses}, site.tickets()
    paper.fact("it changed no ticket and sent no mail", before == after, after)


def things_to_try(paper, site, folder, number):
    ctl = f"{site.bin}/tocsinctl --config {site.config}"
    paper.line("It runs on. Try:")
    for command in (f"alias tocsinctl='{ctl}'", "tocsinctl status", "tocsinctl list", f"tocsinctl show {number}",
                    "tocsinctl explain docs/demo/mails/4-newsletter.eml",
                    f"tocsinctl template preview acknowledgement --ticket {number} --language de",
                    f"{RIG.relative_to(ROOT)}/mailhost send {folder}/servers YOUR-MAIL.eml",
                    f"tail -f {site.log}"):
        paper.line("  " + command, "yellow")
    paper.line("and when you are done:")
    paper.line(f"  docs/demo/run --stop {folder}", "yellow")


def where_it_lies(paper, site, host, folder):
    for what, where in (("configuration", site.config), ("database", site.database), ("what tocsind logged", site.log),
                        ("every mailbox, as Maildir", host.mail), ("logs of Postfix and Dovecot", f"{folder}/servers/*.log"),
                        ("the mails that were sent", HERE / "mails")):
        paper.line(f"{what:28} {where}", "dim")


def show(paper, folder, keep):
    paper.title("Tocsin: what happens to a vulnerability report")
    host = MailHost(folder=folder, detached=keep)
    daemon = None
    try:
        site = Tocsin(host, folder / "site")
        daemon = site.daemon(outlives_us=keep)
        paper.words(f"Dovecot, Postfix and tocsind are running on 127.0.0.1, {time.monotonic() - paper.begun:.1f} s after "
                    "the start. ACME's team is Alice and Bob; Rae and Kim are researchers.")
        send_the_mails(paper, host)
        number, kims_number = show_the_tickets(paper, host, site)
        show_the_acknowledgement(paper, host, site, number, kims_number)
        show_the_notice(paper, host, number)
        show_the_clocks(paper, site, number)
        show_the_follow_up(paper, host, site, number)
        show_the_story(paper, host, site)
        show_why(paper, site)
        show_that_nothing_comes_twice(paper, host, site, daemon)
        if keep:
            daemon = site.daemon(outlives_us=True)
            (folder / "tocsind.pid").write_text(str(daemon.pid))
        took = time.monotonic() - paper.begun
        paper.title(f"{paper.true + len(paper.false)} facts were checked in {took:.0f} s, and " +
                    (f"these are NOT true: {len(paper.false)}" if paper.false else "all of them are true"))
        for text in paper.false:
            paper.line(f"✗ {text}", "red")
        where_it_lies(paper, site, host, folder)
        if keep:
            paper.line()
            things_to_try(paper, site, folder, number)
    except BaseException:
        keep = False
        print(site.last_log_lines(15) if "site" in locals() else "", file=sys.stderr)
        raise
    finally:
        if not keep:
            if daemon and daemon.process.poll() is None:
                daemon.kill()
            host.stop()
            subprocess.run([*host.as_root, RIG / "mailhost", "stop", folder / "servers"], check=False)
    return 1 if paper.false else 0


def stop(folder):
    """Ends what --keep left: the daemon that was started for this folder, and its servers."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder / "tocsind.pid").read_text())
        if pid in processes.naming(folder / "site"):
            os.kill(pid, signal.SIGTERM)
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    return subprocess.run([*as_root, RIG / "mailhost", "stop", folder / "servers"], check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", type=pathlib.Path, metavar="DIR")
    given = parser.parse_args()
    os.chdir(ROOT)
    if given.stop:
        return stop(given.stop.resolve())
    return show(Paper(), pathlib.Path(tempfile.mkdtemp(prefix="tocsin-demo-", dir="/tmp")), given.keep)


if __name__ == "__main__":
    sys.exit(main())
