// Where mail comes from and where it goes: [[mailbox]], [submission].
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "daemon/configuration/configuration_parts.hpp"
#include "daemon/configuration/configured_values.hpp"

namespace tocsin::daemon {

using rules::TomlTable;
using rules::TomlValue;

namespace {

Start read_start(TomlTable& table) {
    const auto value = table.value("start");
    if (!value) return StartNow{};
    if (value->type() == TomlValue::Type::Time) return value->time().value_or(Instant{});
    const auto text = value->type() == TomlValue::Type::Text ? value->text() : std::nullopt;
    if (text == "now") return StartNow{};
    if (text == "all") return StartAll{};
    if (const auto at = text ? from_rfc3339(*text) : std::nullopt) return *at;
    refuse(table, "start", "accepted is \"now\", \"all\" or an instant such as 2026-01-01T00:00:00Z");
    return StartNow{};
}

AfterProcessing read_after(TomlTable& table) {
    const std::string text = table.text("after").value_or("keep");
    if (text == "keep") return {};
    if (text == "seen") return {AfterProcessing::What::Seen, {}};
    if (text.starts_with("move:") && text.size() > 5) return {AfterProcessing::What::Move, text.substr(5)};
    refuse(table, "after", "'" + text + "' is not accepted; one of \"keep\", \"seen\", \"move:FOLDER\"");
    return {};
}

}  // namespace

void read_mailboxes(TomlTable& root, Configuration& configuration) {
    std::set<std::string> names;
    for (TomlTable& table : root.tables("mailbox")) {
        const std::string name = table.required_text("name");
        if (!name.empty() && !names.insert(name).second)
            refuse(table, "name", "another mailbox is called '" + name + "' too");
        const auto server = read_server(table, transport::Protocol::Imap);
        const std::string user = table.required_text("user");
        const auto password = read_password_source(table);
        auto ca_file = read_ca_file(table);
        const std::string inbox = table.text("inbox").value_or("INBOX");
        const auto also = table.texts("also");
        const std::string sent = table.text("sent").value_or("");
        const AfterProcessing after = read_after(table);
        if (after.what == AfterProcessing::What::Move && after.folder == inbox)
            refuse(table, "after", "'" + after.folder + "' is the inbox itself; accepted is another folder");
        if (!sent.empty() && (sent == inbox || std::ranges::find(also, sent) != also.end()))
            refuse(table, "sent", "'" + sent + "' is watched for mail that comes in; accepted is another folder");
        const Start start = read_start(table);
        const std::string via_list = table.text("via_list").value_or("");
        const std::string policy = table.text("policy").value_or("default");
        table.done();
        if (!server || !password) continue;
        configuration.mailboxes.push_back({.rules = {.name = name, .policy = policy, .via_list = via_list},
                                           .server = *server,
                                           .user = user,
                                           .password = *password,
                                           .ca_file = std::move(ca_file),
                                           .inbox = inbox,
                                           .also = also,
                                           .sent = sent,
                                           .after = after,
                                           .start = start,
                                           .policy_place = table.place_of("policy"),
                                           .ca_place = table.place_of("ca_file")});
        if (const std::string complaint = complaint_about(*password); !complaint.empty())
            table.warn_at("password", complaint);
    }
    if (!root.has("mailbox")) root.mistake("[[mailbox]] is missing: at least one mailbox to watch");
}

void read_submission(TomlTable& root, Configuration& configuration) {
    auto table = root.table("submission");
    if (!table) {
        root.mistake("[submission] is missing, with 'server', 'user' and 'password'");
        return;
    }
    const auto server = read_server(*table, transport::Protocol::Submission);
    const std::string user = table->required_text("user");
    const auto password = read_password_source(*table);
    auto ca_file = read_ca_file(*table);
    table->done();
    if (!server || !password) return;
    configuration.submission = {*server, user, *password, std::move(ca_file), table->place_of("ca_file")};
    if (const std::string complaint = complaint_about(*password); !complaint.empty())
        table->warn_at("password", complaint);
}

}  // namespace tocsin::daemon
