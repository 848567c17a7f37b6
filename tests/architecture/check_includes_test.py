#!/usr/bin/env python3
"""Does check_includes.py see each kind of breach, and nothing where there is none?"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_includes

LAYERS = """\
tocsin_layer(base      ON                    WRAPS PkgConfig::gnutls)
tocsin_layer(mail      ON base               WRAPS)
tocsin_layer(transport ON base mail          WRAPS PkgConfig::libetpan)
tocsin_layer(store     ON mail)
"""


class ThePlainPreset(unittest.TestCase):
    def test_hides_no_include_that_is_missing(self):
        root = pathlib.Path(__file__).resolve().parents[2]
        presets = json.loads((root / "CMakePresets.json").read_text())["configurePresets"]
        plain = next(preset for preset in presets if preset["name"] == "plain")["cacheVariables"]
        self.assertEqual(("OFF", "OFF"), (plain["CMAKE_UNITY_BUILD"], plain["TOCSIN_PRECOMPILE"]))


class CheckIncludes(unittest.TestCase):
    def found(self, place, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "lib").mkdir()
            (root / "lib/CMakeLists.txt").write_text(LAYERS)
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            return list(check_includes.breaches(root))

    def assert_breach(self, place, text, line, word):
        found = self.found(place, text)
        self.assertEqual(1, len(found), found)
        self.assertTrue(found[0].startswith(f"{place}:{line}: "), found)
        self.assertIn(word, found[0])

    def assert_sound(self, place, text):
        self.assertEqual([], self.found(place, text))

    def test_a_layer_may_include_what_stands_below(self):
        self.assert_sound("lib/store/a.cpp", '#include "store/a.hpp"\n#include "mail/b.hpp"\n#include "base/c.hpp"\n')
        self.assert_sound("daemon/main.cpp", '#include "store/a.hpp"\n#include "wiring.hpp"\n')

    def test_but_not_what_stands_above_or_beside(self):
        self.assert_breach("lib/base/a.hpp", '\n#include "mail/b.hpp"\n', 2, "base may not include mail")
        self.assert_breach("lib/store/a.cpp", '#include "transport/b.hpp"\n', 1, "store may not include transport")
        self.assert_breach("lib/store/a.cpp", '#include "daemon/b.hpp"\n', 1, "daemon")

    def test_a_folder_that_is_no_layer(self):
        self.assert_breach("lib/extra/a.cpp", "", 1, "no layer")

    def test_a_layer_that_stands_on_a_later_one(self):
        with self.assertRaises(SystemExit):
            check_includes.layers_of("tocsin_layer(base ON mail WRAPS)\ntocsin_layer(mail ON WRAPS)\n")

    def test_walls_around_libraries(self):
        self.assert_sound("lib/store/a.cpp", "#include <sqlite3.h>\n#include <unistd.h>\n#include <vector>\n")
        self.assert_breach("lib/mail/a.cpp", "#include <sqlite3.h>\n", 1, "lib/store")
        self.assert_breach("lib/store/a.hpp", "#include <sqlite3.h>\n", 1, "may not stand in a header")
        self.assert_breach("daemon/a.cpp", "#include <libetpan/libetpan.h>\n", 1, "lib/transport")
        self.assert_breach("lib/mail/a.cpp", "#include <strange/thing.h>\n", 1, "behind no wall")

    def test_lib_knows_neither_asio_nor_logging(self):
        self.assert_breach("lib/store/a.cpp", "#include <boost/asio.hpp>\n", 1, "daemon")
        self.assert_breach("lib/store/a.cpp", "void f() { spdlog::info(1); }\n", 1, "logging")
        self.assert_sound("daemon/a.cpp", "void f() { spdlog::info(1); }\n")

    def test_mutexes_clocks_and_shared_ownership(self):
        self.assert_breach("daemon/a.cpp", "std::mutex lock;\n", 1, "mutex")
        self.assert_breach("daemon/a.cpp", "#include <mutex>\n", 1, "mutex")
        self.assert_breach("lib/mail/a.cpp", "auto t = std::chrono::system_clock::now();\n", 1, "time")
        self.assert_breach("lib/mail/a.cpp", "auto t = time(nullptr);\n", 1, "time")
        self.assert_sound("lib/base/clock.cpp", "auto t = std::chrono::system_clock::now();\n")
        self.assert_breach("lib/mail/a.cpp", "std::shared_ptr<int> p;\n", 1, "shared")

    def test_comments_and_strings_are_no_code(self):
        self.assert_sound("lib/mail/a.cpp", "// std::mutex\n/* shared_ptr\n std::mutex */ auto s = \"std::mutex\";\n")
        self.assert_breach("lib/mail/a.cpp", "// one\n/* two\n */ std::mutex m;\n", 3, "mutex")

    def test_lambdas_with_captures_in_co_await(self):
        for text in ("co_await f([s] { g(s); });", "co_await co_spawn(w, [&]() -> awaitable<void> { co_return; }, u);",
                     "auto x = co_await f(\n    [=, n = 1](int) mutable { return n; });"):
            self.assert_breach("daemon/a.cpp", text + "\n", 1, "lambda")

    def test_other_brackets_in_co_await(self):
        for text in ("co_await f([] { g(); });", "auto x = co_await f(list[n]);", "auto step = [s] { g(s); };\nco_await f(step);",
                     "auto [a, b] = co_await f();", "f(co_await g(), [s] { h(s); });"):
            self.assert_sound("daemon/a.cpp", text + "\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
