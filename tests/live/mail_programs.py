#!/usr/bin/env python3
"""Is what a member writes in a mail program what the reporter reads: all of it, and nothing else?

neomutt is driven in a terminal; other programs' replies are those of tests/golden/clients."""
import pathlib
import quopri
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
from neomutt import Neomutt

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/clients"
WORDS = "Grüße aus dem Büro.\n\nWe can see it too: 3 < 4 > 2, a > b.\n  * indented\n\nWhich version is it?\n"
RAE, ALICE = "rae@lab.test", "alice@acme.test"


def words_of(letter):
    return re.sub(r"\n+\Z", "\n", letter.text)


class AReplyFromNeomutt(live.Test):
    def relayed(self, posting, settings=()):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (notice,) = self.host.inbox(ALICE)
        with Neomutt(site.folder / "mutt", "Alice", ALICE, settings) as mutt:
            raw = mutt.answer(notice.sent_bytes, WORDS, posting)
        self.host.send(raw, sender=ALICE)
        site.once()
        relays = [letter for letter in self.host.inbox(RAE) if letter["X-Tocsin-Mail"] == "relay"]
        self.assertEqual(1, len(relays), [letter["X-Tocsin-Mail"] for letter in self.host.inbox(ALICE)])
        (relay,) = relays
        self.assertEqual(WORDS, words_of(relay))
        whole = relay.sent_bytes.decode("utf-8", "replace").lower()
        for ours in ("alice", "adams", "neomutt", "+49 30", "kingfisher", "a plain reply"):
            self.assertNotIn(ours, whole)
        self.assertIsNone(relay["Auto-Submitted"])
        return relay

    def test_above_the_quotation(self):
        self.relayed("top")

    def test_under_the_quotation(self):
        self.relayed("bottom")

    def test_with_soft_line_ends(self):
        self.relayed("top", ["text_flowed=yes"])


class RepliesOfOtherPrograms(live.Test):
    def golden(self, path):
        """The mail, and the words that stand beside it as newly written."""
        lines = path.with_suffix(".expected").read_text(encoding="utf-8").split("\n")
        begin = lines.index("written:") + 1
        words = []
        for line in lines[begin:]:
            if not line.startswith("  |"):
                break
            words.append(line[3:])
        return path.read_bytes(), "\n".join(words) + "\n"

    def test_reach_the_reporter_word_by_word(self):
        site = self.new_site()
        self.host.send(mails.critical_report())
        site.once()
        (notice,) = self.host.inbox(ALICE)
        written = {}
        # One language for each program: that all of them are read so is asked of tests/golden.
        chosen = [path for number, path in enumerate(sorted(GOLDEN.glob("*.eml"))) if number % 7 == 0]
        self.assertGreaterEqual(len(chosen), 5)
        for path in chosen:
            raw, words = self.golden(path)
            # The golden mails answer a notice of another day: this one's takes its place.
            raw = raw.replace(b"SEC-2026-0001.n.h@acme.test", notice.message_id.encode())
            # Outlook marks no quotation: what is below its header is compared with the notice itself.
            if path.stem.startswith("outlook"):
                raw = raw[:raw.index(b"A new report:")] + quopri.encodestring(notice.text.encode())
            written[path.stem] = words
            self.host.send(raw, sender=ALICE)
            site.once()
        relays = [letter for letter in self.host.inbox(RAE) if letter["X-Tocsin-Mail"] == "relay"]
        self.assertEqual(list(written.values()), [words_of(letter) for letter in relays],
                         [letter["X-Tocsin-Mail"] for letter in self.host.inbox(ALICE)])


if __name__ == "__main__":
    live.main()
