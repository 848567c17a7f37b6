#include "intake/decide/explain.hpp"

#include <nlohmann/json.hpp>

#include "intake/examine/examination_json.hpp"

namespace tocsin::intake {

namespace {

using ExplainJson = nlohmann::ordered_json;

ExplainJson hits_json(const rules::Evaluation& evaluation) {
    ExplainJson list = ExplainJson::array();
    for (const rules::Hit& hit : evaluation.hits)
        list.push_back({{"rule", hit.rule}, {"score", hit.score}, {"where", hit.where}});
    return list;
}

ExplainJson mail_json(const std::vector<Recipe>& mail, Mode mode, bool signs) {
    ExplainJson list = ExplainJson::array();
    for (const Recipe& recipe : mail) {
        if (mode == Mode::Shadow || (mode == Mode::Team && !recipe.to_team)) continue;
        list.push_back({{"template", recipe.template_name},
                        {"to", ExplainJson::array({recipe.to_address})},
                        {"encrypted", !recipe.encrypt_to.empty()},
                        {"signed", signs}});
    }
    return list;
}

ExplainJson clocks_json(const cvd::Ticket& ticket) {
    ExplainJson list = ExplainJson::array();
    for (const cvd::TicketClock& clock : ticket.clocks)
        if (clock.open()) list.push_back({{"name", clock.name}, {"due", to_rfc3339(clock.due)}});
    return list;
}

}  // namespace

ExplainJson explain_in_public(const Examination& examination, const Decision& decision,
                              const Organisation& organisation, bool signs) {
    ExplainJson json{{"message", message_in_public(examination)},
                     {"crypto", crypto_in_public(examination.crypto)},
                     {"kind", decision.kind},
                     {"reasons", decision.reasons}};
    if (decision.evaluation) {
        const rules::Evaluation& evaluation = *decision.evaluation;
        json["severity"] = cvd::to_text(evaluation.severity);
        json["score"] = evaluation.score;
        json["hits"] = hits_json(evaluation);
        json["could_not_tell"] = evaluation.could_not_tell;
        json["tags"] = evaluation.tags;
    } else {
        json["severity"] = nullptr;
        json["score"] = nullptr;
        json["hits"] = ExplainJson::array();
        json["could_not_tell"] = ExplainJson::array();
        json["tags"] = ExplainJson::array();
    }
    json["cvss"] = cvss_in_public(examination.facts);
    json["cve"] = examination.facts.cve;
    json["elements"] = {
        {"present", decision.evaluation ? decision.evaluation->elements_present : std::vector<std::string>{}},
        {"missing", decision.evaluation ? decision.evaluation->elements_missing : std::vector<std::string>{}}};
    json["ticket"] = {{"action", to_text(decision.action)},
                      {"number", !decision.after.number.empty() ? ExplainJson(decision.after.number) : ExplainJson{}},
                      {"claims", decision.claims ? ExplainJson(*decision.claims) : ExplainJson{}}};
    json["mail"] = mail_json(decision.mail, organisation.mode, signs);
    json["clocks"] = clocks_json(decision.after);
    return json;
}

ExplainJson examination_in_public(const Examination& examination, const Decision& decision,
                                  const Organisation& organisation, bool signs) {
    ExplainJson json = explain_in_public(examination, decision, organisation, signs);
    if (!examination.crypto.decrypted) return json;
    for (const char* inside : {"text", "reply_text", "language", "attachments"}) json["message"][inside] = nullptr;
    json["message"]["subject"] = examination.outer.subject;
    json["message"]["defects"] = nullptr;
    for (const char* inside : {"protected_subject", "signatures", "keys_offered"}) json["crypto"][inside] = nullptr;
    for (const char* inside : {"hits", "could_not_tell", "tags", "cvss", "cve", "elements"}) json[inside] = nullptr;
    return json;
}

}  // namespace tocsin::intake
