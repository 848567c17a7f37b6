#!/usr/bin/env python3
"""Holds what lib/mail reads against Python's email package and GMime, over the corpora of TOCSIN_CORPORA.

Every disagreement must be explained in disagreements.txt (PEER FILE FIELD REASON, one a line; FILE may be a
pattern), or this fails. Without TOCSIN_CORPORA it says so and exits 77, which CTest counts as skipped.
"""
import argparse
import email
import email.header
import email.policy
import email.utils
import fnmatch
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import warnings

FIELDS = ("from", "to", "cc", "subject", "date", "message-id", "types", "names", "contents", "texts")


def squeezed(text):
    return " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in text).split())


def header_text(value):
    """RFC 2047 undone by Python's own decoder, raw 8-bit as UTF-8 or Latin-1."""
    if value is None:
        return ""
    pieces = []
    try:
        decoded = email.header.decode_header(value)
    except Exception:
        return str(value)
    for piece, charset in decoded:
        if isinstance(piece, str):
            pieces.append(piece)
            continue
        try:
            pieces.append(piece.decode("utf-8" if charset in (None, "unknown-8bit") else charset))
        except (LookupError, UnicodeDecodeError):
            pieces.append(piece.decode("latin-1"))
    return "".join(pieces)


def python_addresses(message, name):
    values = [str(value) for value in message.get_all(name, [])]
    return [[header_text(shown), address] for shown, address in email.utils.getaddresses(values) if shown or address]


def python_leaf(part):
    payload = part.get_payload(decode=True)
    payload = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")
    name = part.get_filename() or ""
    leaf = {"type": part.get_content_type(), "name": header_text(email.utils.collapse_rfc2231_value(name)),
            "sha256": hashlib.sha256(payload).hexdigest()}
    if leaf["type"] == "text/plain":
        try:
            leaf["text"] = payload.decode(part.get_content_charset() or "utf-8")
        except (LookupError, UnicodeDecodeError):
            leaf["text"] = payload.decode("latin-1")
    return leaf


def python_leaves(part):
    """Python makes a multipart of message/delivery-status, which is one part with fields in it."""
    opaque = part.get_content_maintype() == "message" and part.get_content_type() not in ("message/rfc822", "message/global")
    if part.is_multipart() and not opaque:
        return [leaf for child in part.get_payload() for leaf in python_leaves(child)]
    # A multipart in which no part was found: a leaf to Python, none to us and to GMime.
    return [] if part.get_content_maintype() == "multipart" else [python_leaf(part)]


def python_view(path):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    date = ""
    try:
        parsed = email.utils.parsedate_tz(message["Date"] and str(message["Date"]))
        if parsed:
            at = email.utils.mktime_tz(parsed)
            import datetime
            date = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError):
        pass
    leaves = python_leaves(message)
    return {"from": python_addresses(message, "from"), "to": python_addresses(message, "to"),
            "cc": python_addresses(message, "cc"), "subject": header_text(message["Subject"]), "date": date,
            "message-id": str(message["Message-ID"] or "").strip().strip("<>"), "leaves": leaves}


def program_views(program, files):
    views = {}
    for start in range(0, len(files), 200):
        some = [str(file) for file in files[start:start + 200]]
        out = subprocess.run([program, *some], capture_output=True, check=True).stdout.decode("utf-8", "replace")
        for line in out.splitlines():
            view = json.loads(line)
            views[view.pop("file")] = view
    return views


def name_of(leaf):
    return squeezed(leaf["name"]).replace("\\", "/").split("/")[-1].strip(". ")


def compared(view):
    """A view as values that can be compared: white space and the order of nothing matter."""
    people = lambda field: [[squeezed(name), squeezed(address)] for name, address in view[field]]
    leaves = view["leaves"]
    return {"from": people("from"), "to": people("to"), "cc": people("cc"), "subject": squeezed(view["subject"]),
            "date": view["date"], "message-id": squeezed(view["message-id"]),
            "types": [leaf["type"] for leaf in leaves], "names": [name_of(leaf) for leaf in leaves],
            "contents": [leaf["sha256"] for leaf in leaves if not leaf["type"].startswith(("text/", "message/"))],
            "texts": [squeezed(leaf.get("text", "")) for leaf in leaves if leaf["type"] == "text/plain"]}


def read_explanations(path):
    rows = []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            peer, file, field, reason = line.split(None, 3)
            rows.append((peer, file, field, reason))
    return rows


def main():
    warnings.simplefilter("ignore")
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ours", required=True)
    options.add_argument("--gmime", required=True)
    options.add_argument("--show", help="print both values where the file's name matches")
    options = options.parse_args()
    root = os.environ.get("TOCSIN_CORPORA")
    if not root:
        print("TOCSIN_CORPORA is not set: nothing to compare")
        return 77
    root = pathlib.Path(root)
    files = sorted(root.glob("**/*.eml"))
    ours = program_views(options.ours, files)
    gmime = program_views(options.gmime, files)
    explanations = read_explanations(pathlib.Path(__file__).with_name("disagreements.txt"))
    counts = {}
    unexplained = []
    for file in files:
        here = compared(ours[str(file)])
        short = str(file.relative_to(root))
        for peer, view in (("python", python_view(file)), ("gmime", gmime[str(file)])):
            fields = ["refused"] if view.get("refused") else [f for f in FIELDS if compared(view)[f] != here[f]]
            for field in fields:
                reason = next((why for who, pattern, what, why in explanations
                               if who == peer and what in (field, "*") and fnmatch.fnmatch(short, pattern)), None)
                counts[peer, reason or "UNEXPLAINED"] = counts.get((peer, reason or "UNEXPLAINED"), 0) + 1
                if reason is None:
                    unexplained.append((peer, short, field))
                if field != "refused" and options.show and fnmatch.fnmatch(short, options.show):
                    print(f"{short} {field}\n  ours  {here[field]!r}\n  {peer:5} {compared(view)[field]!r}")
    print(f"{len(files)} mails, {len(FIELDS)} fields, two peers")
    for (peer, reason), count in sorted(counts.items()):
        print(f"  {count:4} {peer}: {reason}")
    for peer, short, field in unexplained:
        print(f"unexplained: {peer} {short} {field}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
