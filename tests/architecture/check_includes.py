#!/usr/bin/env python3
"""Do the layers keep their order, and do the libraries stay behind their walls?

    check_includes.py [ROOT]

Reads the layers from lib/CMakeLists.txt and says each breach as FILE:LINE: what is wrong. What it holds:
- a layer includes itself, the layers after its ON, and what stands below those; daemon/ includes any of them
- a library's headers appear in the folders that wrap it, and nearly all of them in .cpp files alone
- lib/ knows neither Asio nor logging; no thread waits for another: there is no mutex
- the machine is asked for the time in base/clock.cpp; nothing is owned by several
- no lambda with captures within a co_await expression, which gcc 12.2 miscompiles
"""
import pathlib
import re
import sys

# Header prefix: folders that may include it, and whether a .hpp may.
WALLS = [
    (r"sqlite3\.h", {"lib/store"}, False),
    (r"gnutls/", {"lib/base", "lib/crypto", "lib/transport"}, False),
    (r"libetpan/", {"lib/transport"}, False),
    (r"gpgme\.h", {"lib/crypto"}, False),
    (r"uchardet", {"lib/mail"}, False),
    (r"(cld2/|compact_lang_det|encodings\.h)", {"lib/mail"}, False),
    (r"(iconv\.h|libxml/)", {"lib/mail"}, False),
    (r"absl/", {"lib/sla"}, False),
    (r"re2/", {"lib/rules"}, True),
    (r"toml", {"lib/rules", "daemon"}, False),
    (r"(kainjow/)?mustache\.hpp", {"lib/rules"}, False),
    (r"nlohmann/json_fwd\.hpp", {"lib/rules", "lib/store", "lib/intake", "lib/report", "daemon"}, True),
    (r"nlohmann/", {"lib/rules", "lib/store", "lib/intake", "lib/report", "daemon"}, False),
    (r"libpsl\.h", {"lib/mail", "lib/transport", "lib/cvd"}, False),
    (r"(ytnef|tnef)", {"lib/mail"}, False),
    (r"boost/", {"daemon"}, True),
    (r"spdlog/", {"daemon"}, False),
    (r"CLI/", {"daemon"}, False),
    (r"systemd/", {"daemon"}, False),
    (r"(seccomp\.h|linux/(seccomp|landlock|filter|audit)\.h)", {"daemon", "lib/crypto"}, False),
    (r"fmt/", {"lib", "daemon"}, True),
    (r"tl/expected\.hpp", {"lib/base"}, True),
]

# The C++ standard library, C, POSIX and the C library's own: everybody's.
PLATFORM = re.compile(r"[a-z_0-9]+|(std)?(assert|ctype|errno|fcntl|grp|inttypes|limits|locale|malloc|math|netdb|poll|pwd|"
                      r"sched|setjmp|signal|spawn|stddef|stdint|stdio|stdlib|string|strings|sysexits|syslog|termios|time|"
                      r"unistd|wchar|wctype)\.h|(sys|arpa|net|netinet|linux|bits|asm)/[a-z_0-9]+\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
LAYER = re.compile(r"^\s*tocsin_layer\(\s*(\w+)\s+ON\s*(.*?)\s*(?:WRAPS|\))", re.MULTILINE)

# Outside of comments and strings; the folder or file in which it is in order.
WORDS = [
    (r"\bstd::(recursive_|shared_|timed_)?mutex\b|\bpthread_mutex|\b(lock_guard|unique_lock|scoped_lock)\b", (),
     "a mutex: one thread owns all state"),
    (r"\b(std::)?(shared_ptr|make_shared|enable_shared_from_this)\b", (), "shared ownership"),
    (r"\bsystem_clock::now\b|(?<!SCMP_SYS\()\bgettimeofday\b|\b(std::)?time\(\s*(nullptr|NULL|0)\s*\)|\bCLOCK_REALTIME\b",
     ("lib/base/clock.cpp",), "asks the machine for the time: pass an Instant"),
    (r"\basio::|\bspdlog::", ("daemon/",), "lib/ knows neither Asio nor logging"),
]


def layers_of(text):
    """Each layer with all that it may include: lib/CMakeLists.txt lists them lowest first."""
    allowed = {}
    for name, below in LAYER.findall(text):
        direct = below.split()
        unknown = [layer for layer in direct if layer not in allowed]
        if unknown:
            raise SystemExit(f"lib/CMakeLists.txt: {name} stands ON {', '.join(unknown)}, not listed before it")
        allowed[name] = {name}.union(*(allowed[layer] for layer in direct)) if direct else {name}
    return allowed


def without_comments_and_strings(text):
    """The same lines, with blanks for what the compiler does not read as code."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def capturing_lambdas_in_co_await(code):
    """Offsets of co_await expressions that hold a lambda with captures."""
    for found in re.finditer(r"\bco_await\b", code):
        depth, end = 0, found.end()
        while end < len(code) and (depth or code[end] not in ";)},"):
            depth += (code[end] in "([{") - (code[end] in ")]}")
            if depth < 0:
                break
            end += 1
        if re.search(r"(?<![\w)\]])\[\s*[^\]\s\[][^\]]*\]\s*(\(|\{|mutable|<)", code[found.end():end]):
            yield found.start()


def breaches(root):
    allowed = layers_of((root / "lib/CMakeLists.txt").read_text())
    if not allowed:
        yield "lib/CMakeLists.txt:1: names no layer"
    for folder in ("lib", "daemon"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            place = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            yield from breaches_of_includes(place, text, allowed)
            yield from breaches_of_words(place, text)


def breaches_of_includes(place, text, allowed):
    home = place.split("/")[1] if place.startswith("lib/") else None
    if home and home not in allowed:
        yield f"{place}:1: {home} is no layer of lib/CMakeLists.txt"
        return
    reach = allowed[home] if home else set(allowed)
    is_header = place.endswith(".hpp")
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        mark, header = found.groups()
        first = header.split("/")[0]
        if mark == '"':
            if "/" in header and first in allowed:
                if first not in reach:
                    yield f"{place}:{number}: {home} may not include {first}: it does not stand ON it"
            elif first == "daemon" or "/" not in header:
                if home:
                    yield f"{place}:{number}: \"{header}\" is named without its layer"
            else:
                yield f"{place}:{number}: \"{header}\" is of no layer"
            continue
        wall = next((one for one in WALLS if re.match(one[0], header)), None)
        if wall:
            _, folders, in_headers = wall
            if not any(place.startswith(one + "/") for one in folders):
                yield f"{place}:{number}: <{header}> belongs into {' and '.join(sorted(folders))} alone"
            elif is_header and not in_headers:
                yield f"{place}:{number}: <{header}> may not stand in a header"
        elif not PLATFORM.fullmatch(header):
            yield f"{place}:{number}: <{header}> is behind no wall yet: name its folder in {pathlib.Path(__file__).name}"
        elif header in ("mutex", "shared_mutex"):
            yield f"{place}:{number}: a mutex: one thread owns all state"


def breaches_of_words(place, text):
    code = without_comments_and_strings(text)
    for pattern, at_home, why in WORDS:
        if any(place.startswith(one) for one in at_home):
            continue
        for found in re.finditer(pattern, code):
            yield f"{place}:{code.count(chr(10), 0, found.start()) + 1}: {why}"
    if place.endswith(".hpp"):
        for found in re.finditer(r"^using namespace\b", code, re.MULTILINE):
            yield f"{place}:{code.count(chr(10), 0, found.start()) + 1}: using namespace in a header"
    for offset in capturing_lambdas_in_co_await(code):
        yield f"{place}:{code.count(chr(10), 0, offset) + 1}: a lambda with captures within co_await: name it first"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    found = list(breaches(root))
    for line in found:
        print(line)
    print(f"{len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
