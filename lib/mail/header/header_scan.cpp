#include "mail/header/header_scan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mail/defects.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_junk_lines = 3;  // in a row

constexpr std::string_view common_field_names[] = {"arc-seal",
                                                   "authentication-results",
                                                   "auto-submitted",
                                                   "bcc",
                                                   "cc",
                                                   "content-disposition",
                                                   "content-type",
                                                   "content-transfer-encoding",
                                                   "date",
                                                   "delivered-to",
                                                   "dkim-signature",
                                                   "envelope-to",
                                                   "errors-to",
                                                   "from",
                                                   "importance",
                                                   "in-reply-to",
                                                   "list-id",
                                                   "message-id",
                                                   "mime-version",
                                                   "original-recipient",
                                                   "precedence",
                                                   "received",
                                                   "received-spf",
                                                   "references",
                                                   "reply-to",
                                                   "return-path",
                                                   "sender",
                                                   "status",
                                                   "subject",
                                                   "to",
                                                   "user-agent"};

}  // namespace

std::size_t field_name_length(std::string_view line) {
    std::size_t length = 0;
    // RFC 5322 section 3.6.8: printable ASCII except the colon.
    while (length < line.size() && line[length] > ' ' && line[length] < 0x7F && line[length] != ':') ++length;
    auto colon = length;
    while (colon < line.size() && is_blank(line[colon])) ++colon;
    return colon < line.size() && line[colon] == ':' ? length : 0;
}

bool is_common_field_name(std::string_view name) {
    if (starts_ignoring_case(name, "x-")) return true;
    return std::ranges::any_of(common_field_names, [&](auto known) { return equal_ignoring_case(name, known); });
}

HeaderScan::Step HeaderScan::take(const Line& line, const Lines& after) {
    const auto text = line.of(bytes_);
    if (text.empty()) {
        // A blank line before the first field: some programs put one between a part's header and the message in it.
        const auto next = after.peek().of(bytes_);
        if (!seen_field_ && of_a_message_ && is_common_field_name(next.substr(0, field_name_length(next)))) {
            note_defect(defects_, "blank-line-before-header");
            return Step::More;
        }
        return Step::EndsWith;
    }
    seen_bytes_ += line.next - line.begin;
    if (is_blank(text.front()) && (open_ || seen_field_)) {
        if (open_) value_end_ = line.end;
        return Step::More;
    }
    const auto length = field_name_length(text);
    if (continues_without_blank(text, length)) {
        note_defect(defects_, "folding-broken");
        ++broken_lines_;
        value_end_ = line.end;
        return Step::More;
    }
    if (length > 0) {
        close_field();
        seen_field_ = true;
        open_field(line, length);
        return Step::More;
    }
    close_field();
    if (is_junk_between_fields(text, after)) {
        note_defect(defects_, "junk-in-header");
        ++broken_lines_;
        return Step::More;
    }
    note_defect(defects_, seen_field_ ? "header-not-ended" : "header-missing");
    return Step::EndsBefore;
}

// A line whose blank in front was lost: `boundary="..."` after a semicolon, or more of a list after a comma.
bool HeaderScan::continues_without_blank(std::string_view line, std::size_t name_length) const {
    if (!open_) return false;
    if (bytes_[value_end_ - 1] == ',') return name_length == 0 && !line.starts_with("--");
    if (bytes_[value_end_ - 1] != ';') return false;
    const auto equals = line.find('=');
    return equals != std::string_view::npos && equals > 0 && (name_length == 0 || equals < name_length);
}

// Junk between fields is passed over; junk that no field follows is the text of a mail without an empty line.
bool HeaderScan::is_junk_between_fields(std::string_view line, Lines after) const {
    const auto next = after.peek().of(bytes_);
    if (line.starts_with("--") && starts_ignoring_case(next, "content-")) return false;  // a delimiter
    if (seen_field_ && field_name_length(next) != 0) return true;
    // Where all folding was lost, the empty line alone ends the header.
    const bool folding_was_lost = broken_lines_ >= most_junk_lines;
    if (folding_was_lost && next.empty()) return true;
    Line ahead;
    for (std::size_t i = 0; i < most_junk_lines && after.next(ahead); ++i) {
        const auto text = ahead.of(bytes_);
        if (text.empty()) return folding_was_lost;
        if (is_common_field_name(text.substr(0, field_name_length(text)))) return seen_field_ || i == 0;
    }
    return false;
}

void HeaderScan::open_field(const Line& line, std::size_t name_length) {
    if (fields_.size() >= limits_.max_fields) {
        note_defect(defects_, "limit-fields");
        return;
    }
    if (seen_bytes_ > limits_.max_header_bytes) {
        note_defect(defects_, "limit-header-bytes");
        return;
    }
    open_ = true;
    name_begin_ = line.begin;
    name_end_ = line.begin + name_length;
    value_begin_ = bytes_.find(':', name_end_) + 1;
    value_end_ = line.end;
}

void HeaderScan::close_field() {
    if (!open_) return;
    open_ = false;
    if (value_end_ - value_begin_ > limits_.max_field_bytes) {
        note_defect(defects_, "limit-field-bytes");
        value_end_ = value_begin_ + limits_.max_field_bytes;
    }
    const auto name = bytes_.substr(name_begin_, name_end_ - name_begin_);
    const auto value = bytes_.substr(value_begin_, value_end_ - value_begin_);
    if (value.find('\0') != std::string_view::npos) note_defect(defects_, "nul-in-header");
    fields_.push_back({name, value});
}

Header HeaderScan::finish() {
    close_field();
    return Header{std::move(fields_)};
}

}  // namespace tocsin::mail
