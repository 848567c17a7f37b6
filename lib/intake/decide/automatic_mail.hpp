// Whether a person wrote this mail and would read an answer (RFC 3834, 5230 section 4.6, 2369, 3464, 8098).
//
// What counts as a sign stands in the rules (rules/automatic.toml); those that a standard forbids to answer count
// without any rule. Signs suppress answers, never intake.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intake/examine/examination.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

enum class AutomaticKind {
    Bounce,      // tells of the delivery of another mail
    AutoReply,   // a program answers: out of office, a ticket system, a reaction
    Bulk,        // went to many through a list
    Machine,     // a program wrote it, but not as an answer
    Unattended,  // nobody would read an answer: the null sender, a remailer, a scanner
};

struct AutomaticSignal {
    AutomaticKind kind;
    std::string reason;  // for people
};

// In the order of the table above: the first one names what the mail is.
struct AutomaticMail {
    std::vector<AutomaticSignal> signals;
    bool says_away = false;  // by its words, not by a field alone
    // Its fields or its envelope say that no person wrote it (RFC 3834, 3464); words and lists never do.
    bool sent_by_a_program = false;
    bool answerable() const { return signals.empty(); }
    // It sounds like a program's answer, and nothing but its words say so: a person may have written it.
    bool only_sounds_so() const { return kind() == AutomaticKind::AutoReply && !sent_by_a_program; }
    std::optional<AutomaticKind> kind() const;
};

// Of an encrypted mail only what stands on its outside counts: an answer must not tell what lies in it.
AutomaticMail automatic_mail(const Examination& examination, const rules::Evaluation& evaluation);

}  // namespace tocsin::intake
