// What goes to `tocsin-examine` and what comes back: one JSON text and some bytes, each with its length before it.
//
// The one who answers may be owned by the mail that it reads: lengths are bounded, every value is checked for its
// type, and a frame that does not hold is an Error that costs that mail one try.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "intake/decide/organisation.hpp"
#include "intake/examine/examination.hpp"
#include "intake/examine/examine.hpp"
#include "intake/examine/shared_words.hpp"
#include "intake/outgoing/recipe.hpp"
#include "openpgp/engine.hpp"
#include "rules/rule_set.hpp"

namespace tocsin::intake {

struct Frame {
    std::string json;
    std::string bytes;
};

// Two 32-bit lengths, least significant byte first; the JSON; the bytes.
inline constexpr std::size_t frame_head_bytes = 8;
using FrameHead = std::array<std::uint8_t, frame_head_bytes>;

struct FrameLengths {
    std::uint32_t json = 0;
    std::uint32_t bytes = 0;
};
inline constexpr FrameLengths largest_request{8u << 20, 128u << 20};
inline constexpr FrameLengths largest_answer{32u << 20, 128u << 20};

FrameHead head_of(std::uint64_t json_bytes, std::uint64_t other_bytes);
inline FrameHead head_of(const Frame& frame) { return head_of(frame.json.size(), frame.bytes.size()); }
// Nothing where a length is above what is allowed.
std::optional<FrameLengths> lengths_of(const FrameHead& head, const FrameLengths& most);

// Asked by the daemon.
Frame ask_to_examine(const ExamineOptions& options, std::string bytes);
// Of mails for which no decision stands or falls: they are read one after the other by one process, so that each might
// change what is said of those behind it.
Frame ask_to_examine_all(const ExamineOptions& options, const std::vector<std::string>& mails);
Frame ask_to_compose(const std::vector<std::string>& recipes, std::string mail, bool with_mail);

// Whether a member's words hold what only the team has seen.
Frame ask_to_compare(const ComparedMails& mails, const Comparison& comparison);
// The engine failed, and not the mail: it is put off, and does not count as a try.
bool is_out_of_order(const Error& error);

// Done by the examiner: never throws on what a mail brings.
Frame carry_out(const Frame& request, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                openpgp::Engine& engine);
Frame carry_out(const Frame& request, const rules::RuleSet& rule_set, const ExaminationLimits& limits);

// Read by the daemon.
Result<Examination> examination_in(const Frame& answer);
// And it was made with these rules: what it answers can be asked for.
Result<Examination> examination_in(const Frame& answer, const rules::RuleSet& rule_set);
Result<std::vector<Result<Examination>>> examinations_in(const Frame& answer, std::size_t expected);
Result<std::vector<Result<std::string>>> mails_in(const Frame& answer, std::size_t expected);

Result<RelayVerdict> relay_verdict_in(const Frame& answer);

// How the examiner is told what to load, and what it says when it has.
struct ExaminerSetup {
    std::vector<std::string> rules_path;
    std::vector<std::string> languages;
    ExaminationLimits limits;
    std::string keys{};      // the folder below which homes of public keys lie; empty: none
    std::string workshop{};  // a home with secret keys in it, that an administrator works on; empty: none
};
std::string to_json(const ExaminerSetup& setup);
Result<ExaminerSetup> setup_from_json(std::string_view json);

}  // namespace tocsin::intake
