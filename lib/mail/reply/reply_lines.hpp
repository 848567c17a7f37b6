// What single lines of a reply look like: quotation marks, attributions, pasted headers, signatures, in the words
// of the mail programs and languages that are common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::mail {

// Length of the quotation mark that the line begins with ("> ", "| ", "AB> "), 0 for none.
std::size_t quotation_mark_length(std::string_view line);
// A mark that may as well be somebody's own ("|" of a table, "PS>" of a prompt): itself, without blanks. Empty for ">"
// and for none.
std::string_view doubtful_mark(std::string_view line);

// "-- ", "______", "* * *": a line of nothing but rules.
bool is_rule_line(std::string_view line);
// The separator of RFC 3676 section 4.3, with or without its blank.
bool is_signature_separator(std::string_view line);
// "Sent from my iPhone", and its kin.
bool is_device_signature(std::string_view line);

// "-----Original Message-----", "Begin forwarded message:", "Please type your reply above this line".
bool is_original_message_marker(std::string_view line);
// The same words without rules: a marker only above a pasted header.
bool is_bare_marker(std::string_view line);

// One of the fields that Outlook and others paste above what they quote.
enum class PastedField : std::uint8_t { None, From, Sent, To, Subject, Other };
PastedField pasted_field(std::string_view line);

// Whether an attribution ("On Monday, Alice wrote:") may begin with this line.
bool may_begin_attribution(std::string_view line);
// Whether the joined lines are one: an opening, someone or some time, and a word for "wrote". Where a quotation
// follows, less is asked of them.
bool is_attribution(std::string_view joined, bool quotation_follows);
// "On Monday, Alice <a@b> wrote: Hello": what it introduces begins in the same line.
bool begins_with_attribution(std::string_view line);
// Whether it tells a day and a time of day in figures, as a program does.
bool has_day_and_time(std::string_view line);

}  // namespace tocsin::mail
