// All tests of a rule set, ready to be asked of a mail: the patterns of each field in one set.
//
// Only read once it is built; may then be asked from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rules/asset.hpp"
#include "rules/conditions/condition.hpp"
#include "rules/conditions/facts.hpp"

namespace tocsin::rules {

class TestTable {
public:
    // `showing` are the tests whose words are wanted. Throws when a pattern is too large: each was checked before.
    // Not for mail, it knows the tests and keeps no pattern.
    TestTable(std::vector<Test> tests, const std::vector<std::uint32_t>& showing, const Assets& assets, bool for_mail);
    TestTable(TestTable&&) noexcept;
    TestTable& operator=(TestTable&&) noexcept;
    ~TestTable();

    std::size_t size() const;
    const Test& test(std::size_t place) const;
    Answers ask(const MailFacts& facts) const;  // of a table that is not for mail: a bug, and throws
    // The answer of a test that the store or the elements tell.
    static Answer ask(const Test& test, const ThreadFacts& facts);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tocsin::rules
