// The fields that templates can use; docs/RULES.md has the same list for people.
#include <algorithm>
#include <map>

#include "rules/template.hpp"

namespace tocsin::rules {

namespace {

using FieldNames = std::vector<std::string_view>;

const FieldNames common_fields{"ticket", "organisation", "address", "policy_url"};

// A mail about clocks is about one of them, or about several in `items`; at its top stand the words of the nearest.
const FieldNames clock_fields{"title",
                              "severity",
                              "state",
                              "owner",
                              "clock",
                              "due",
                              "promise",
                              "overdue",
                              "escalated",
                              "instead_of",
                              "late",
                              "merged",
                              "since",
                              "several",
                              "count",
                              "more",
                              "items",
                              "items.ticket",
                              "items.title",
                              "items.severity",
                              "items.state",
                              "items.owner",
                              "items.clock",
                              "items.due",
                              "items.promise",
                              "items.overdue",
                              "items.embargo_over",
                              "items.public_now",
                              "items.escalated",
                              "items.instead_of",
                              "items.late",
                              "items.merged",
                              "items.since"};

// What happened to a ticket, told to its reporter.
const FieldNames reporter_fields{"words",
                                 "signature",
                                 "severity",
                                 "eta",
                                 "moved",
                                 "until",
                                 "version",
                                 "publish_from",
                                 "embargo",
                                 "embargo_proposed",
                                 "embargo_of_yours",
                                 "is_late",
                                 "credit",
                                 "asks",
                                 "asks_credit",
                                 "asks_embargo",
                                 "waiting",
                                 "received",
                                 "promises",
                                 "promises.promise",
                                 "promises.due",
                                 "goals",
                                 "goals.promise",
                                 "has_promises",
                                 "has_goals",
                                 "state_new",
                                 "state_acknowledged",
                                 "state_triaged",
                                 "state_waiting",
                                 "state_fixing",
                                 "state_fixed",
                                 "state_disclosed",
                                 "state_closed",
                                 "reason_fixed",
                                 "reason_duplicate",
                                 "reason_not_a_vulnerability",
                                 "reason_out_of_scope",
                                 "reason_obsolete",
                                 "reason_other_vendor"};

// What stands in a list is named after it: "promises.due" is `due` inside {{#promises}}.
const std::map<std::string_view, FieldNames>& fields_by_template() {
    static const std::map<std::string_view, FieldNames> fields{
        {"acknowledgement",
         {"received", "promises", "promises.promise", "promises.due", "goals", "goals.promise", "missing",
          "missing.ask", "has_missing", "has_promises", "has_goals", "is_late", "asks_all", "no_key", "our_key"}},
        {"acknowledgement-several", {"numbers", "numbers.number", "no_key", "our_key"}},
        {"notice",
         {"reference",
          "severity",
          "subject_severity",
          "score",
          "state",
          "owner",
          "reporter_of_ticket",
          "proof_signed",
          "proof_domain",
          "proof_bad",
          "proof_none",
          "earlier_reports",
          "similar",
          "similar.number",
          "similar.state",
          "similar.opened_on",
          "similar.percent",
          "title",
          "reporter",
          "reporter_name",
          "received",
          "opened",
          "kind",
          "held",
          "claims",
          "crypto",
          "reasons",
          "reasons.reason",
          "hits",
          "hits.rule",
          "hits.score",
          "hits.why",
          "hits.words",
          "could_not_tell",
          "could_not_tell.rule",
          "could_not_tell_count",
          "missing",
          "missing.ask",
          "promises",
          "promises.name",
          "promises.promise",
          "promises.due",
          "attachments",
          "attachments.name",
          "attachments.type",
          "attachments.size",
          "attachments.file",
          "report",
          "cut",
          "unanswered",
          "alarms",
          "alarms.alarm",
          "withheld",
          "inner_subject",
          "reply_to",
          "colleagues",
          "colleagues.address",
          "keeps_quiet_until",
          "embargo_line",
          "relayed_by",
          "noted_by",
          "from_name"}},
        {"bounced", {"template", "recipient", "status", "what"}},
        {"alarm", {"what"}},
        {"cannot-decrypt",
         {"received", "promises", "promises.promise", "promises.due", "goals", "goals.promise", "has_promises",
          "has_goals", "is_late", "missing", "missing.ask", "has_missing", "asks_all", "no_key", "keys", "keys.key",
          "our_key"}},
        {"triaged", reporter_fields},
        {"eta", reporter_fields},
        {"delayed", reporter_fields},
        {"progress", reporter_fields},
        {"waiting", reporter_fields},
        {"fixed", reporter_fields},
        {"disclosed", reporter_fields},
        {"closed", reporter_fields},
        {"transcript",
         {"reference", "done", "lines", "lines.line", "lines.result", "lines.refused", "sent", "held", "help", "title",
          "state", "severity", "owner", "clocks", "clocks.name", "clocks.due", "clocks.paused"}},
        {"question",
         {"reference", "title", "commands", "commands.line", "relays", "why", "until", "report", "cut", "attachments",
          "attachments.name", "attachments.type", "attachments.size", "attachments.file"}},
        {"canary", {}},
        {"reminder", clock_fields},
        {"escalation", clock_fields},
        {"overdue", clock_fields},
        {"digest",
         {"today",
          "away",
          "overdue_count",
          "due_count",
          "held_back",
          "put_off",
          "collected",
          "deferred",
          "failed",
          "has_overdue",
          "overdue",
          "overdue.ticket",
          "overdue.title",
          "overdue.severity",
          "overdue.owner",
          "overdue.clock",
          "overdue.due",
          "has_due",
          "due",
          "due.ticket",
          "due.title",
          "due.severity",
          "due.owner",
          "due.clock",
          "due.due",
          "has_waiting",
          "waiting",
          "waiting.ticket",
          "waiting.title",
          "waiting.severity",
          "waiting.owner",
          "waiting.clock",
          "waiting.due",
          "has_unassigned",
          "unassigned",
          "unassigned.ticket",
          "unassigned.title",
          "unassigned.severity",
          "unassigned.owner",
          "unassigned.clock",
          "unassigned.due",
          "has_held",
          "held",
          "held.ticket",
          "held.title",
          "held.severity",
          "held.owner",
          "held.clock",
          "held.due"}},
        {"relay", {"subject", "words", "signature"}},
    };
    return fields;
}

}  // namespace

// Any other name stands in for the acknowledgement, the only template that a rule can choose.
std::string_view template_like(std::string_view name) {
    std::string_view longest;
    for (const auto& [known, fields] : fields_by_template())
        if (name == known || (name.starts_with(known) && name[known.size()] == '-'))
            if (known.size() > longest.size()) longest = known;
    return longest.empty() ? "acknowledgement" : longest;
}

std::vector<std::string_view> template_names() {
    std::vector<std::string_view> names;
    for (const auto& [name, fields] : fields_by_template()) names.push_back(name);
    return names;
}

std::vector<std::string_view> fields_of_template(std::string_view name) {
    FieldNames names = common_fields;
    const FieldNames& own = fields_by_template().at(template_like(name));
    names.insert(names.end(), own.begin(), own.end());
    return names;
}

}  // namespace tocsin::rules
