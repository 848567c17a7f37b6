#include "intake/decide/automatic_mail.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"

namespace tocsin::intake {

namespace {

constexpr std::size_t longest_hit = 60;

std::optional<AutomaticKind> automatic_kind_from(std::string_view word) {
    static constexpr std::array<std::string_view, 5> names{"bounce", "auto-reply", "bulk", "machine", "unattended"};
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) return std::nullopt;
    return static_cast<AutomaticKind>(found - names.begin());
}

// RFC 3834 section 2 ("MUST NOT") and RFC 6522: no file of rules can make these answerable.
void add_what_standards_forbid(const Examination& examination, AutomaticMail& automatic) {
    struct Forbidden {
        std::string_view sign;
        AutomaticKind kind;
        std::string_view why;
    };
    static constexpr Forbidden forbidden[] = {
        {"delivery-report", AutomaticKind::Bounce, "tells of a delivery (multipart/report)"},
        {"auto-replied", AutomaticKind::AutoReply, "Auto-Submitted says that a program answers"},
        {"auto-generated", AutomaticKind::Machine, "Auto-Submitted says that a program wrote it"},
        {"null-sender", AutomaticKind::Unattended, "Return-Path: <>, the null sender"},
    };
    for (const Forbidden& one : forbidden)
        if (has_sign(examination, one.sign)) {
            automatic.sent_by_a_program = true;
            if (std::ranges::none_of(automatic.signals, [&](const auto& known) { return known.kind == one.kind; }))
                automatic.signals.push_back({one.kind, std::string{one.why}});
        }
}

}  // namespace

std::optional<AutomaticKind> AutomaticMail::kind() const {
    if (signals.empty()) return std::nullopt;
    return std::ranges::min(signals, {}, &AutomaticSignal::kind).kind;
}

AutomaticMail automatic_mail(const Examination& examination, const rules::Evaluation& evaluation) {
    AutomaticMail automatic;
    for (const rules::Signal& signal : evaluation.signals) {
        const auto kind = automatic_kind_from(signal.kind);
        if (!kind || (came_encrypted(examination.crypto) && !signal.of_the_outside)) continue;
        std::string reason = signal.rule + ": " + signal.why;
        // A letter or two, as patterns for a field's first character hit, tell a reader nothing.
        if (signal.words.size() > 2 && signal.of_the_outside)
            reason += " (" + for_one_line(signal.words, longest_hit) + ")";
        if (*kind == AutomaticKind::AutoReply && !signal.of_the_outside) automatic.says_away = true;
        if (*kind == AutomaticKind::Bounce || (*kind == AutomaticKind::AutoReply && signal.of_the_outside))
            automatic.sent_by_a_program = true;
        automatic.signals.push_back({*kind, std::move(reason)});
    }
    add_what_standards_forbid(examination, automatic);
    return automatic;
}

}  // namespace tocsin::intake
