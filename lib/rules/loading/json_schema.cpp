#include "rules/loading/json_schema.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "cvd/event.hpp"
#include "cvd/severity.hpp"
#include "rules/conditions/field.hpp"
#include "rules/templates/template.hpp"

namespace tocsin::rules {

namespace {

using SchemaJson = nlohmann::ordered_json;

SchemaJson text(std::string_view what) { return {{"type", "string"}, {"description", what}}; }
SchemaJson yes_no(std::string_view what) { return {{"type", "boolean"}, {"description", what}}; }
SchemaJson whole(std::string_view what) { return {{"type", "integer"}, {"description", what}}; }
SchemaJson list_of(SchemaJson items) { return {{"type", "array"}, {"items", std::move(items)}}; }
SchemaJson one_of(const std::vector<std::string_view>& words) { return {{"type", "string"}, {"enum", words}}; }
SchemaJson some_of(SchemaJson items) { return {{"type", "array"}, {"items", std::move(items)}, {"minItems", 1}}; }
SchemaJson one_or_many(SchemaJson item) { return {{"anyOf", SchemaJson::array({item, list_of(item)})}}; }
SchemaJson one_or_some(SchemaJson item) { return {{"anyOf", SchemaJson::array({item, some_of(item)})}}; }
SchemaJson words_like(std::string_view pattern, std::string_view what) {
    return {{"type", "string"}, {"pattern", pattern}, {"description", what}};
}
SchemaJson refers_to(std::string_view name) { return {{"$ref", "#/$defs/" + std::string{name}}}; }

SchemaJson table_of(SchemaJson properties, const std::vector<std::string_view>& required = {}) {
    SchemaJson table{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) table["required"] = required;
    return table;
}

SchemaJson named(SchemaJson each) { return {{"type", "object"}, {"additionalProperties", std::move(each)}}; }

SchemaJson some_named(SchemaJson each) {
    return {{"type", "object"}, {"additionalProperties", std::move(each)}, {"minProperties", 1}};
}

std::vector<std::string_view> severities() {
    std::vector<std::string_view> names;
    for (const cvd::Severity severity : cvd::all_severities) names.push_back(cvd::to_text(severity));
    return names;
}

SchemaJson definitions() {
    const SchemaJson event = one_of(cvd::names_of_events_that_move_clocks());
    return {{"severity", one_of(severities())},
            {"event", event},
            {"kind", one_of(kind_of(Field::Kind).values)},
            {"id", {{"type", "string"}, {"pattern", "^[A-Za-z0-9._-]{1,64}$"}}},
            {"condition", text("A condition as a literal string: 'subject ~ /xss/i and not has attachment'")},
            {"by_language",
             {{"type", "object"},
              {"additionalProperties", {{"type", "string"}, {"pattern", "\\S"}}},
              {"description", "{ en = \"…\", de = \"…\" }"}}},
            {"span", words_like("^ *0*[1-9][0-9]* +(business +)?(minute|hour|day)s? *$", "3 business days")},
            {"mark", words_like("^ *(0*([1-9][0-9]?|100)%|due|(every +)?0*[1-9][0-9]* +(business "
                                "+)?(minute|hour|day)s? +(before|after)) *$",
                                "\"50%\", \"4 business hours before\", \"due\", \"every 1 business day after\"")},
            {"recipients",
             one_or_some(words_like("^(owner|team|role:.+|.+@.+)$", "owner, team, role:NAME or an address"))}};
}

SchemaJson severity_table() {
    const SchemaJson level{{"anyOf", SchemaJson::array({whole("The lowest score that earns it"), one_of({"none"})})}};
    return table_of({{"critical", level},
                     {"high", level},
                     {"medium", level},
                     {"low", whole("The lowest score that earns it")},
                     {"unreadable", one_of({"none", "low", "medium", "high", "critical"})},
                     {"cvss", one_of({"raise", "decide", "ignore"})}});
}

SchemaJson rule_table() {
    return table_of({{"id", refers_to("id")},
                     {"why", text("For people: what the rule has seen")},
                     {"score", {{"type", "integer"}, {"minimum", -1000}, {"maximum", 1000}}},
                     {"floor", refers_to("severity")},
                     {"cap", refers_to("severity")},
                     {"tag", one_or_many(words_like("\\S", "Shown to the team"))},
                     {"kind", one_of({"report", "auto-reply", "bounce", "bulk"})},
                     {"language", text("The language of the acknowledgement")},
                     {"template", text("Another template for the acknowledgement")},
                     {"acknowledge", yes_no("false: no acknowledgement")},
                     {"signal", one_of({"bounce", "auto-reply", "bulk", "machine", "unattended"})},
                     {"when", refers_to("condition")},
                     {"override", yes_no("Replaces the one with this id; what is not said here stays")}},
                    {"id"});
}

SchemaJson clock_table() {
    const SchemaJson event = refers_to("event");
    return table_of(
        {{"id", refers_to("id")},
         {"promise", refers_to("by_language")},
         {"start", event},
         {"stop",
          {{"anyOf", SchemaJson::array({event, table_of({{"all", some_of(event)}}, {"all"}),
                                        table_of({{"any", some_of(event)}}, {"any"})})}}},
         {"within", refers_to("span")},
         {"calendar", text("The id of a calendar; none counts elapsed time")},
         {"severity", one_or_some(refers_to("severity"))},
         {"pause", event},
         {"goal", yes_no("Told to the reporter as an aim, without a date")},
         {"remind", one_or_many(refers_to("mark"))},
         {"to", refers_to("recipients")},
         {"escalate", list_of(table_of({{"at", refers_to("mark")}, {"to", refers_to("recipients")}}, {"at", "to"}))},
         {"override", yes_no("Replaces the one with this id")}},
        {"id", "start", "stop", "within"});
}

SchemaJson calendar_table() {
    return table_of({{"zone", text("Of the tz database: Europe/Berlin")},
                     {"hours", some_named(text("\"09:00-12:30 13:30-18:00\" for \"mon\" or \"mon-thu\""))},
                     {"closed", list_of(SchemaJson{{"description", "2026-12-24, or 12-26 for every year"}})},
                     {"holidays", list_of(text("An iCalendar file (RFC 5545) beside this one"))},
                     {"override", yes_no("Replaces the one with this id")}},
                    {"zone", "hours"});
}

SchemaJson test_table_schema() {
    const SchemaJson words = one_or_many({{"type", "string"}});
    const SchemaJson attachment = table_of(
        {{"name", text("Its file name")}, {"type", text("text/plain")}, {"text", text("Its content")}}, {"name"});
    const SchemaJson parts = table_of({{"file", text("A mail beside this file")},
                                       {"from", text("Its author")},
                                       {"to", text("Its recipient")},
                                       {"subject", text("Its subject")},
                                       {"text", text("Its text")},
                                       {"header", named({{"type", "string"}})},
                                       {"attachments", list_of(attachment)}});
    return table_of({{"name", words_like("\\S", "What is expected, in words")},
                     {"mail", {{"anyOf", SchemaJson::array({text("A whole mail"), parts})}}},
                     {"at", {{"description", "When it arrives: 2026-03-06T15:30:00+01:00"}}},
                     {"policy", text("The policy it is rated by")},
                     {"expect", table_of({{"kind", refers_to("kind")},
                                          {"severity", refers_to("severity")},
                                          {"score", whole("The sum")},
                                          {"rules", words},
                                          {"not_rules", words},
                                          {"tags", words},
                                          {"present", words},
                                          {"missing", words},
                                          {"acknowledge", yes_no("Whether it is acknowledged")},
                                          {"due", named(SchemaJson::object())}})},
                     {"override", yes_no("Replaces the one with this name")}},
                    {"name", "mail", "expect"});
}

}  // namespace

std::string json_schema() {
    const SchemaJson words = one_or_many({{"type", "string"}});
    const SchemaJson list{
        {"anyOf", SchemaJson::array({words, table_of({{"words", words},
                                                      {"file", text("One entry a line, beside this file")},
                                                      {"add", yes_no("Adds to the list of this name")},
                                                      {"override", yes_no("Replaces the list of this name")}})})}};
    const SchemaJson product = table_of({{"name", words_like("\\S", "As people call it")},
                                         {"cpe", words_like("^cpe:2\\.3:", "cpe:2.3:…")},
                                         {"purl", words_like("^pkg:", "pkg:…")}},
                                        {"name"});
    const SchemaJson element = table_of({{"id", refers_to("id")},
                                         {"ask", refers_to("by_language")},
                                         {"when", refers_to("condition")},
                                         {"optional", yes_no("Never asked for, only noted")},
                                         {"override", yes_no("Replaces the one with this id")}},
                                        {"id", "ask", "when"});
    const SchemaJson guard =
        table_of({{"id", refers_to("id")},
                  {"event", refers_to("event")},
                  {"after", some_of(refers_to("event"))},
                  {"why", {{"anyOf", SchemaJson::array({text("For people"), refers_to("by_language")})}}},
                  {"override", yes_no("Replaces the one for this event")}},
                 {"event", "after", "why"});
    SchemaJson lists = named(list);
    lists["propertyNames"] = {{"pattern", "^[A-Za-z0-9._-]+$"}};
    SchemaJson templates = named(text("The template that stands in for it"));
    templates["propertyNames"] = {{"enum", template_names()}};
    const SchemaJson domains = one_or_many(words_like("^[^/@: *.][^/@: *]*$", "acme.test, and what lies below it"));
    SchemaJson schema = table_of({{"severity", severity_table()},
                                  {"list", lists},
                                  {"assets", table_of({{"domains", domains}, {"products", list_of(product)}})},
                                  {"rule", list_of(rule_table())},
                                  {"element", list_of(element)},
                                  {"calendar", named(calendar_table())},
                                  {"clock", list_of(clock_table())},
                                  {"guard", list_of(guard)},
                                  {"test", list_of(test_table_schema())},
                                  {"templates", templates},
                                  {"promise", refers_to("by_language")},
                                  {"disable", list_of({{"type", "string"}})}});
    SchemaJson whole_schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Rules of Tocsin"}};
    whole_schema.update(schema);
    whole_schema["$defs"] = definitions();
    return whole_schema.dump(2) + "\n";
}

}  // namespace tocsin::rules
