// Who writes and who is written to: [organisation], [[team]], [team_mail].
#include <algorithm>

#include "base/text.hpp"
#include "daemon/configuration/configuration_parts.hpp"
#include "daemon/configuration/configured_values.hpp"
#include "sla/span.hpp"

namespace tocsin::daemon {

using rules::TomlTable;
using rules::TomlValue;

namespace {

// RFC 5646 section 2.1: two or three letters, and subtags behind them.
bool is_language_code(std::string_view tag) {
    const std::string_view language = tag.substr(0, tag.find('-'));
    return (language.size() == 2 || language.size() == 3) &&
           std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; });
}

// "0 minutes" is none at all, which a span of a policy never is.
void read_relay_delay(TomlTable& table, const std::string& text, intake::TeamMail& ways) {
    if (text == "0" || text == "0 minutes" || text == "0 hours") return;
    const auto span = sla::parse_span(text);
    if (!span || span->counts_business_time()) {
        refuse(table, "relay_delay",
               "not a length of time; accepted is such as \"10 minutes\", \"1 hour\", \"0 minutes\"");
        return;
    }
    const std::chrono::hours day{24};
    ways.relay_delay = span->unit == sla::Unit::Minute ? Micros{std::chrono::minutes{span->count}}
                       : span->unit == sla::Unit::Hour ? Micros{std::chrono::hours{span->count}}
                                                       : Micros{day * span->count};
}

// "08:30": when the digest goes out on business mornings; "none": it does not.
void read_digest(TomlTable& table, intake::Organisation& organisation) {
    const auto text = table.text("digest");
    if (!text) return;
    organisation.digest.reset();
    if (*text == "none") return;
    const auto hour = text->size() == 5 ? to_whole_number(std::string_view{*text}.substr(0, 2)) : std::nullopt;
    const auto minute = text->size() == 5 ? to_whole_number(std::string_view{*text}.substr(3)) : std::nullopt;
    if (!hour || !minute || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || (*text)[2] != ':')
        return refuse(table, "digest", "'" + *text + "' is no time of day; accepted is such as \"08:30\", or \"none\"");
    organisation.digest = std::chrono::hours{*hour} + std::chrono::minutes{*minute};
}

}  // namespace

std::optional<mail::Address> read_organisation(TomlTable& root, Configuration& configuration) {
    auto table = root.table("organisation");
    if (!table) {
        root.mistake("[organisation] is missing, with at least 'name' and 'address'");
        return std::nullopt;
    }
    intake::Organisation& house = configuration.organisation;
    house.name = table->required_text("name");
    auto address = read_address(*table, "address", true);
    for (const std::string& text : table->texts("aliases")) {
        if (auto alias = mail::Address::from(text))
            house.aliases.push_back(*alias);
        else
            refuse(*table, "aliases", "'" + text + "' is no address; accepted is local-part@domain");
    }
    if (const auto mode = one_of(*table, "mode", {"live", "team", "shadow"}))
        house.mode = *mode == "live" ? intake::Mode::Live : *mode == "team" ? intake::Mode::Team : intake::Mode::Shadow;
    if (table->has("languages")) house.languages = table->texts("languages");
    if (house.languages.empty()) {
        refuse(*table, "languages", "at least one language, such as [\"en\"]");
        house.languages = {"en"};
    }
    for (const std::string& language : house.languages)
        if (!is_language_code(language))
            refuse(*table, "languages", "'" + language + "' is no language's code, such as en or de");
    if (const auto reply_address = table->text("reply_address");
        reply_address && reply_address->find("{token}") == std::string::npos)
        refuse(*table, "reply_address", "must hold {token}, as in security+{token}@example.org");
    house.reply_address = table->text("reply_address").value_or("");
    if (!house.reply_address.empty()) {
        std::string filled = house.reply_address;
        if (const auto token = filled.find("{token}"); token != std::string::npos)
            filled.replace(token, 7, "sec-2026-0001.0123456789abcdef");
        if (!mail::Address::from(filled))
            refuse(*table, "reply_address",
                   "'" + house.reply_address + "' makes no address; security+{token}@example.org does");
    }
    house.policy_url = table->text("policy_url").value_or("");
    house.numbers.prefix = table->text("ticket_prefix").value_or("SEC");
    if (house.numbers.prefix.empty() || house.numbers.prefix.size() > 12 ||
        !std::ranges::all_of(house.numbers.prefix, [](char c) { return is_letter(c) || is_digit(c); }))
        refuse(*table, "ticket_prefix", "1 to 12 letters and digits");
    house.numbers.random = one_of(*table, "ticket_numbers", {"sequential", "random"}) == "random";
    table->done();
    return address;
}

void read_team(TomlTable& root, Configuration& configuration) {
    for (TomlTable& table : root.tables("team")) {
        const std::string name = table.required_text("name");
        const auto address = read_address(table, "address", true);
        std::string key;
        for (const char c : table.text("key").value_or(""))
            if (c != ' ') key += c;
        if (key.starts_with("0x")) key.erase(0, 2);
        if (!key.empty() && (key.size() < 16 || key.size() > 64 ||
                             key.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos))
            refuse(table, "key", "'" + key + "' is no fingerprint; accepted are its 40 hexadecimal digits");
        std::string smime;
        for (const char c : table.text("smime").value_or(""))
            if (c != ' ' && c != ':') smime += c;
        if (!smime.empty() &&
            (smime.size() != 64 || smime.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos))
            refuse(table, "smime",
                   "'" + smime +
                       "' is no fingerprint; accepted are the 64 hexadecimal digits of the certificate's SHA-256 "
                       "(openssl x509 -noout -fingerprint -sha256)");
        const auto roles = table.texts("roles");
        table.done();
        if (!address) continue;
        if (configuration.organisation.member(address->text()) != nullptr)
            refuse(table, "address", "another member has this address too");
        configuration.organisation.team.push_back({name, *address, roles, key, smime});
        if (configuration.openpgp) configuration.openpgp->member_places[address->text()] = table.place_of("key");
    }
    if (!root.has("team")) root.mistake("[[team]] is missing: nobody would hear of a report");
    if (auto table = root.table("team_mail")) {
        intake::TeamMail& ways = configuration.organisation.team_mail;
        if (table->has("accept"))
            ways.accept_openpgp = ways.accept_smime = ways.accept_notice = ways.accept_authentication_results = false;
        for (const std::string& way : table->texts("accept")) {
            if (way == "openpgp")
                ways.accept_openpgp = true;
            else if (way == "smime")
                ways.accept_smime = true;
            else if (way == "notice")
                ways.accept_notice = true;
            else if (way == "authentication-results")
                ways.accept_authentication_results = true;
            else
                refuse(*table, "accept",
                       "'" + way + "' is not accepted; \"openpgp\", \"smime\", \"notice\", \"authentication-results\"");
        }
        if (ways.accept_authentication_results && !table->has("authserv_id"))
            refuse(*table, "accept",
                   "\"authentication-results\" needs 'authserv_id', the name of your own mail server in that field");
        const auto& team = configuration.organisation.team;
        const bool only_smime =
            ways.accept_smime && !ways.accept_openpgp && !ways.accept_notice && !ways.accept_authentication_results;
        for (const intake::Member& member : team)
            if (only_smime && member.smime.empty())
                table->warn_at("accept", "\"smime\" alone lets " + member.name +
                                             " do nothing: the roster names no certificate; give 'smime' in [[team]], "
                                             "or add \"openpgp\" or \"notice\"");
        configuration.organisation.authserv_id = table->text("authserv_id").value_or("");
        configuration.organisation.plain_to_team = one_of(*table, "encrypted", {"withhold", "plain"}) == "plain";
        read_digest(*table, configuration.organisation);
        if (const auto delay = table->text("relay_delay")) read_relay_delay(*table, *delay, ways);
        ways.sign_with_name = one_of(*table, "sign", {"none", "name"}) == "name";
        table->done();
    }
}

}  // namespace tocsin::daemon
