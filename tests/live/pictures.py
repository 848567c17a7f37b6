#!/usr/bin/env python3
"""Can people see the pictures? The board and a policy are opened in a browser, light and dark, and looked at.

Skipped where there is no Chromium: `tests/provision --browser` installs it. TOCSIN_PICTURES=FOLDER keeps what it saw.
"""
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "rig"))
import live
import mails
import processes

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def pixels(png):
    """Width, height and the colours of an 8-bit PNG without interlacing: each colour's share of the picture."""
    data, at, idat = png.read_bytes(), 8, b""
    width = height = channels = 0
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            channels = {2: 3, 6: 4}[colour]
            assert depth == 8
        elif kind == b"IDAT":
            idat += body
        at += 12 + length
    raw, stride, before, counts = zlib.decompress(idat), width * channels, bytearray(width * channels), {}
    for row in range(height):
        start = row * (stride + 1)
        filter_kind, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride):
            left = line[i - channels] if i >= channels else 0
            up, corner = before[i], before[i - channels] if i >= channels else 0
            if filter_kind == 1:
                line[i] = line[i] + left & 255
            elif filter_kind == 2:
                line[i] = line[i] + up & 255
            elif filter_kind == 3:
                line[i] = line[i] + (left + up) // 2 & 255
            elif filter_kind == 4:
                p = left + up - corner
                near = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))[2]
                line[i] = line[i] + near & 255
        before = line
        for i in range(0, stride, channels):
            colour = tuple(line[i:i + 3])
            counts[colour] = counts.get(colour, 0) + 1
    return width, height, {colour: count / (width * height) for colour, count in counts.items()}


@unittest.skipUnless(BROWSER, "no Chromium here: tests/provision --browser installs it")
class InABrowser(live.Story):
    @classmethod
    def tell(cls, host, site):
        cls.folder = pathlib.Path(os.environ.get("TOCSIN_PICTURES") or tempfile.mkdtemp(prefix="pictures-", dir=host.folder))
        cls.folder.mkdir(parents=True, exist_ok=True)
        site.configure()
        for number in range(4):
            host.send(mails.numbered_report(number))
        host.send(mails.critical_report())
        site.once()
        cls.board, cls.picture = cls.folder / "board.html", cls.folder / "policy.svg"
        for arguments in (("board", "--html", cls.board), ("policy", "simulate", "default", "--received",
                                                           "2026-12-18T15:30:00+01:00", "--svg", cls.picture)):
            done = site.ctl(*arguments)
            if done.returncode:
                raise AssertionError(done.stderr)

    def shot(self, page, dark=False, size="1120,900"):
        png = self.folder / f"{page.stem}-{'dark' if dark else 'light'}.png"
        profile = tempfile.mkdtemp(prefix="browser-", dir=self.host.folder)
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             f"--user-data-dir={profile}", f"--window-size={size}", f"--screenshot={png}",
             *(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []), page.as_uri()],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, preexec_fn=processes.die_with_parent)
        self.assertTrue(png.exists(), done.stderr[-2000:])
        return png

    def test_the_pages_are_well_formed_and_ask_for_nothing(self):
        xml.etree.ElementTree.fromstring(self.picture.read_text())
        page = self.board.read_text()
        xml.etree.ElementTree.fromstring(re.search(r"<svg.*</svg>", page, re.S).group())
        for text in (page, self.picture.read_text()):
            self.assertNotIn("<script", text)
            self.assertNotRegex(text.replace("http://www.w3.org/2000/svg", ""), r"https?://")

    def test_the_board_shows_its_rows_in_light(self):
        width, height, colours = pixels(self.shot(self.board))
        self.assertEqual((1120, 900), (width, height))
        self.assertGreater(colours.get((255, 255, 255), 0), 0.5)
        self.assertGreater(len(colours), 20, "letters and bars")
        self.assertGreater(colours.get((230, 233, 237), 0), 0.01, "closed hours are grey")

    def test_the_board_is_dark_where_the_reader_wants_it(self):
        _, _, colours = pixels(self.shot(self.board, dark=True))
        dark = sum(share for (r, g, b), share in colours.items() if r + g + b < 250)
        self.assertGreater(dark, 0.7)

    def test_the_policy_shows_weeks_closed_days_and_deadlines(self):
        _, _, colours = pixels(self.shot(self.picture, size="1120,1600"))
        self.assertGreater(colours.get((230, 233, 237), 0), 0.05, "closed hours")
        self.assertGreater(colours.get((143, 29, 29), 0), 0.0001, "the first clock's bar")
        self.assertGreater(colours.get((17, 17, 17), 0), 0.00002, "a deadline")


if __name__ == "__main__":
    live.main()
