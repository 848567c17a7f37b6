#include "intake/examine/frame.hpp"

#include <nlohmann/json.hpp>

#include "intake/examine/examination_json.hpp"
#include "intake/outgoing/compose.hpp"

namespace tocsin::intake {

namespace {

using FrameJson = nlohmann::json;

std::string dumped(const FrameJson& json) { return json.dump(-1, ' ', false, FrameJson::error_handler_t::replace); }

bool is_nested_deeper(std::string_view json, int most) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (c == '"') quoted = !quoted;
        if (quoted && c == '\\') ++at;  // and what it stands before, be it a quotation mark
        if (quoted) continue;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (depth > most) return true;
    }
    return false;
}

// Nesting costs the one who reads it: an examiner that a mail took over may send any.
FrameJson answer_json(const Frame& answer) {
    constexpr int deepest = 12;
    if (is_nested_deeper(answer.json, deepest)) throw FrameJson::other_error::create(502, "nested too deeply", nullptr);
    return FrameJson::parse(answer.json);
}

Frame failure(std::string_view what) { return {dumped({{"error", std::string{what}}}), {}}; }

// Words of ours alone, no number and no text of a mail: what a mail's process says lands in a log.
Frame out_of_order() { return {dumped({{"out_of_order", true}}), {}}; }

// What stands one behind the other in the bytes of a frame, cut off length by length.
class Pieces {
public:
    explicit Pieces(std::string_view bytes) : left_{bytes} {}
    std::string_view next(const FrameJson& length) {
        const auto size = length.get<std::size_t>();
        if (size > left_.size()) throw FrameJson::other_error::create(501, "lengths do not fit", nullptr);
        const std::string_view piece = left_.substr(0, size);
        left_.remove_prefix(size);
        return piece;
    }
    bool at_end() const { return left_.empty(); }

private:
    std::string_view left_;
};

ExamineOptions options_in(const FrameJson& request) {
    ExamineOptions options;
    request.at("recipient").get_to(options.recipient);
    request.at("via_list").get_to(options.via_list);
    request.at("authserv_id").get_to(options.authserv_id);
    request.at("addresses").get_to(options.addresses);
    for (const FrameJson& one : request.at("certificates"))
        options.certificates.push_back({one.at(0).get<std::string>(), one.at(1).get<std::string>()});
    request.at("with_text").get_to(options.with_text);
    return options;
}

Frame examine_as_asked(const FrameJson& request, std::string_view bytes, const rules::RuleSet& rule_set,
                       const ExaminationLimits& limits, openpgp::Engine& engine) {
    const auto examination = examine(bytes, rule_set, limits, options_in(request), engine);
    return examination ? Frame{to_json(*examination), {}} : out_of_order();
}

Frame examine_all_as_asked(const FrameJson& request, std::string_view bytes, const rules::RuleSet& rule_set,
                           const ExaminationLimits& limits, openpgp::Engine& engine) {
    const ExamineOptions options = options_in(request);
    Pieces mails{bytes};
    FrameJson lengths = FrameJson::array();
    Frame answer;
    for (const FrameJson& length : request.at("mails")) {
        const auto examination = examine(mails.next(length), rule_set, limits, options, engine);
        const std::string one = examination ? to_json(*examination) : out_of_order().json;
        lengths.push_back(one.size());
        answer.bytes += one;
    }
    answer.json = dumped({{"examinations", std::move(lengths)}});
    return answer;
}

Frame compose_as_asked(const FrameJson& request, std::string_view bytes, const rules::RuleSet& rule_set,
                       const ExaminationLimits& limits, openpgp::Engine& engine) {
    std::optional<std::string_view> mail;
    if (request.at("with_mail").get<bool>()) mail = bytes;
    FrameJson mails = FrameJson::array();
    Frame answer;
    for (const FrameJson& text : request.at("recipes")) {
        const auto recipe = recipe_from_json(text.get_ref<const std::string&>());
        const Result<std::string> composed = recipe ? compose(*recipe, mail, rule_set, limits, engine)
                                                    : Result<std::string>{tl::unexpected{recipe.error()}};
        if (composed) {
            mails.push_back(composed->size());
            answer.bytes += *composed;
        } else if (composed.error().permanence == Permanence::Temporary) {
            mails.push_back(nullptr);
        } else {
            mails.push_back(composed.error().what);
        }
    }
    answer.json = dumped({{"mails", std::move(mails)}});
    return answer;
}

// The mails stand one behind the other in the bytes.
Frame compare_as_asked(const FrameJson& request, std::string_view bytes, const rules::RuleSet& rule_set,
                       const ExaminationLimits& limits, openpgp::Engine& engine) {
    Comparison comparison;
    request.at("secret_recipes").get_to(comparison.secret_recipes);
    request.at("known_recipes").get_to(comparison.known_recipes);
    Pieces pieces{bytes};
    ComparedMails mails;
    mails.mail = pieces.next(request.at("mail"));
    mails.answered = pieces.next(request.at("answered"));
    request.at("answered_recipe").get_to(comparison.answered_recipe);
    for (const auto& [name, list] :
         {std::pair{"secret", &mails.secret}, {"known", &mails.known}, {"relayed", &mails.relayed}})
        for (const FrameJson& length : request.at(name)) list->emplace_back(pieces.next(length));
    request.at("member_names").get_to(mails.member_names);
    const auto verdict = judge_words(mails, comparison, rule_set, limits, engine);
    if (!verdict) return out_of_order();
    return {dumped({{"shares", verdict->shares},
                    {"names_member", verdict->names_member},
                    {"nothing", verdict->nothing},
                    {"too_large", verdict->too_large},
                    {"buried", verdict->buried},
                    {"bares", verdict->bares}}),
            {}};
}

FrameJson examining(std::string_view job, const ExamineOptions& options) {
    FrameJson certificates = FrameJson::array();
    for (const NamedCertificate& one : options.certificates)
        certificates.push_back(FrameJson::array({one.address, one.fingerprint}));
    return {{"job", job},
            {"recipient", options.recipient},
            {"via_list", options.via_list},
            {"authserv_id", options.authserv_id},
            {"addresses", options.addresses},
            {"certificates", std::move(certificates)},
            {"with_text", options.with_text}};
}

// The Error that an answer reports of itself.
std::optional<Error> error_in(const FrameJson& json) {
    const auto error = json.find("error");
    if (json.find("out_of_order") != json.end())
        return Error{Code::System, Permanence::Temporary, "OpenPGP is out of order"};
    if (error == json.end()) return std::nullopt;
    // Not its words: a mail that took the examiner over would speak through them into the log.
    return Error{Code::BadInput, Permanence::Permanent, "the examiner says that it failed"};
}

}  // namespace

FrameHead head_of(std::uint64_t json_bytes, std::uint64_t other_bytes) {
    FrameHead head{};
    const std::array sizes{json_bytes, other_bytes};
    for (std::size_t i = 0; i < head.size(); ++i) head[i] = static_cast<std::uint8_t>(sizes[i / 4] >> (8 * (i % 4)));
    return head;
}

std::optional<FrameLengths> lengths_of(const FrameHead& head, const FrameLengths& most) {
    const auto length_at = [&](std::size_t at) {
        std::uint32_t length = 0;
        for (std::size_t i = 4; i > 0; --i) length = length << 8 | head[at + i - 1];
        return length;
    };
    const FrameLengths lengths{length_at(0), length_at(4)};
    if (lengths.json > most.json || lengths.bytes > most.bytes) return std::nullopt;
    return lengths;
}

Frame ask_to_examine(const ExamineOptions& options, std::string bytes) {
    return {dumped(examining("examine", options)), std::move(bytes)};
}

Frame ask_to_examine_all(const ExamineOptions& options, const std::vector<std::string>& mails) {
    Frame frame;
    FrameJson json = examining("examine-all", options);
    FrameJson& lengths = json["mails"] = FrameJson::array();
    for (const std::string& bytes : mails) {
        lengths.push_back(bytes.size());
        frame.bytes += bytes;
    }
    frame.json = dumped(json);
    return frame;
}

Frame ask_to_compose(const std::vector<std::string>& recipes, std::string mail, bool with_mail) {
    return {dumped({{"job", "compose"}, {"recipes", recipes}, {"with_mail", with_mail}}), std::move(mail)};
}

Frame ask_to_compare(const ComparedMails& mails, const Comparison& comparison) {
    Frame frame;
    frame.bytes = mails.mail + mails.answered;
    FrameJson json{{"job", "compare"},
                   {"member_names", mails.member_names},
                   {"mail", mails.mail.size()},
                   {"answered", mails.answered.size()},
                   {"answered_recipe", comparison.answered_recipe},
                   {"secret_recipes", comparison.secret_recipes},
                   {"known_recipes", comparison.known_recipes}};
    for (const auto& [name, list] :
         {std::pair{"secret", &mails.secret}, {"known", &mails.known}, {"relayed", &mails.relayed}}) {
        FrameJson& lengths = json[name] = FrameJson::array();
        for (const std::string& bytes : *list) {
            lengths.push_back(bytes.size());
            frame.bytes += bytes;
        }
    }
    frame.json = dumped(json);
    return frame;
}

bool is_out_of_order(const Error& error) {
    return error.code == Code::System && error.permanence == Permanence::Temporary;
}

Frame carry_out(const Frame& request, const rules::RuleSet& rule_set, const ExaminationLimits& limits) {
    openpgp::NoEngine none;
    return carry_out(request, rule_set, limits, none);
}

Frame carry_out(const Frame& request, const rules::RuleSet& rule_set, const ExaminationLimits& limits,
                openpgp::Engine& engine) {
    try {
        const FrameJson json = FrameJson::parse(request.json);
        const std::string job = json.at("job").get<std::string>();
        if (job == "examine") return examine_as_asked(json, request.bytes, rule_set, limits, engine);
        if (job == "examine-all") return examine_all_as_asked(json, request.bytes, rule_set, limits, engine);
        if (job == "compose") return compose_as_asked(json, request.bytes, rule_set, limits, engine);
        if (job == "compare") return compare_as_asked(json, request.bytes, rule_set, limits, engine);
        return failure("unknown job");
    } catch (const std::exception& error) {
        return failure(error.what());
    }
}

Result<Examination> examination_in(const Frame& answer) {
    try {
        const FrameJson json = answer_json(answer);
        if (auto error = error_in(json)) return tl::unexpected{std::move(*error)};
        return examination_from_json(json);
    } catch (const FrameJson::exception&) {
        return permanent(Code::BadInput, "the examiner's answer is no examination");
    }
}

Result<Examination> examination_in(const Frame& answer, const rules::RuleSet& rule_set) {
    auto examination = examination_in(answer);
    if (!examination) return examination;
    if (examination->rules_hash != rule_set.hash())
        return permanent(Code::BadInput, "it was examined with other rules than it would be decided with");
    if (!rule_set.fits(examination->answers) ||
        (examination->crypto.encrypted && !rule_set.fits(examination->outer_answers)))
        return permanent(Code::BadInput, "the examiner's answer does not answer what the rules ask");
    return examination;
}

Result<std::vector<Result<Examination>>> examinations_in(const Frame& answer, std::size_t expected) {
    try {
        const FrameJson json = answer_json(answer);
        if (auto error = error_in(json)) return tl::unexpected{std::move(*error)};
        const FrameJson& lengths = json.at("examinations");
        if (!lengths.is_array()) return permanent(Code::BadInput, "examinations: no list");
        Pieces pieces{answer.bytes};
        std::vector<Result<Examination>> examinations;
        for (const FrameJson& length : lengths)
            examinations.push_back(examination_in(Frame{std::string{pieces.next(length)}, {}}));
        if (examinations.size() != expected || !pieces.at_end())
            return permanent(Code::BadInput, "examinations: not as many as were asked for");
        return examinations;
    } catch (const FrameJson::exception&) {
        return permanent(Code::BadInput, "the examiner's answer holds no examinations");
    }
}

Result<std::vector<Result<std::string>>> mails_in(const Frame& answer, std::size_t expected) {
    try {
        const FrameJson json = answer_json(answer);
        if (auto error = error_in(json)) return tl::unexpected{std::move(*error)};
        const FrameJson& list = json.at("mails");
        if (!list.is_array()) return permanent(Code::BadInput, "composed mail: no list");
        std::vector<Result<std::string>> mails;
        std::size_t at = 0;
        for (const FrameJson& entry : list) {
            if (entry.is_string()) {
                mails.emplace_back(
                    permanent(Code::Configuration, "it could not be composed; `tocsinctl template preview` says why"));
                continue;
            }
            if (entry.is_null()) {
                mails.emplace_back(temporary(Code::System, "OpenPGP is out of order"));
                continue;
            }
            if (!entry.is_number_unsigned()) return permanent(Code::BadInput, "composed mail: a length is no number");
            const auto size = entry.get<std::size_t>();
            if (size > answer.bytes.size() - at) return permanent(Code::BadInput, "composed mail: lengths do not fit");
            mails.emplace_back(answer.bytes.substr(at, size));
            at += size;
        }
        if (mails.size() != expected || at != answer.bytes.size())
            return permanent(Code::BadInput, "composed mail: not as many as were asked for");
        return mails;
    } catch (const FrameJson::exception&) {
        return permanent(Code::BadInput, "the examiner's answer holds no mail");
    }
}

Result<RelayVerdict> relay_verdict_in(const Frame& answer) {
    try {
        const FrameJson json = answer_json(answer);
        if (auto error = error_in(json)) return tl::unexpected{std::move(*error)};
        RelayVerdict verdict;
        json.at("shares").get_to(verdict.shares);
        json.at("names_member").get_to(verdict.names_member);
        json.at("nothing").get_to(verdict.nothing);
        json.at("too_large").get_to(verdict.too_large);
        json.at("buried").get_to(verdict.buried);
        json.at("bares").get_to(verdict.bares);
        return verdict;
    } catch (const FrameJson::exception&) {
        return permanent(Code::BadInput, "the examiner's answer is no comparison");
    }
}

std::string to_json(const ExaminerSetup& setup) {
    const mail::ParseLimits& parse = setup.limits.parse;
    return dumped({{"rules_path", setup.rules_path},
                   {"languages", setup.languages},
                   {"max_depth", parse.max_depth},
                   {"max_parts", parse.max_parts},
                   {"max_plaintext_bytes", setup.limits.max_plaintext_bytes},
                   {"keys", setup.keys},
                   {"workshop", setup.workshop}});
}

Result<ExaminerSetup> setup_from_json(std::string_view text) {
    try {
        const FrameJson json = FrameJson::parse(text);
        ExaminerSetup setup;
        json.at("rules_path").get_to(setup.rules_path);
        json.at("languages").get_to(setup.languages);
        json.at("max_depth").get_to(setup.limits.parse.max_depth);
        json.at("max_parts").get_to(setup.limits.parse.max_parts);
        json.at("max_plaintext_bytes").get_to(setup.limits.max_plaintext_bytes);
        json.at("keys").get_to(setup.keys);
        json.at("workshop").get_to(setup.workshop);
        return setup;
    } catch (const FrameJson::exception& error) {
        return permanent(Code::BadInput, std::string{"examiner setup: "} + error.what());
    }
}

}  // namespace tocsin::intake
