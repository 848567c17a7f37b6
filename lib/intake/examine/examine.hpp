// From bytes to what is known of them: no store, no network, no clock. Runs in `tocsin-examine`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"
#include "openpgp/engine.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

struct ExamineOptions {
    std::string recipient;                         // the mailbox's address
    std::string via_list;                          // as MailboxRules has it
    std::string authserv_id{};                     // as Organisation has it, for the rules' auth.* alone
    std::vector<std::string> addresses{};          // all of ours, the reply address without its token
    std::vector<NamedCertificate> certificates{};  // of the team
    bool with_text = false;                        // keep the words in the result, for `explain`
};

// An Error where the engine failed: nothing is known of the mail, which is examined again later.
Result<Examination> examine(std::string_view bytes, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                            const ExamineOptions& options, openpgp::Engine& engine);
// In a house without keys.
Examination examine(std::string_view bytes, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                    const ExamineOptions& options);

// Examines the mails of the rules' own [[test]] tables, so that what patterns build on first use is built: where those
// lead, most mails do.
void warm_up(const rules::RuleSet& rule_set, const ExaminationLimits& limits);

}  // namespace tocsin::intake
