#include "mail/header_scan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mail/defects.hpp"

namespace tocsin::mail {
namespace {

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

HeaderScan::Step HeaderScan::take(const Line& line, const Line& following) {
    const auto text = line.of(bytes_);
    const auto next = following.of(bytes_);
    if (text.empty()) {
        // A blank line before the first field: some programs put one between a part's header and the message in it.
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
    if (const auto length = field_name_length(text)) {
        close_field();
        seen_field_ = true;
        open_field(line, length);
        return Step::More;
    }
    close_field();
    // Junk between fields is passed over; junk that no field follows is the text of a mail without an empty line.
    const auto next_name = field_name_length(next);
    const bool delimiter = text.starts_with("--") && starts_ignoring_case(next, "content-");
    if (!delimiter && next_name != 0 && (seen_field_ || is_common_field_name(next.substr(0, next_name)))) {
        note_defect(defects_, "junk-in-header");
        return Step::More;
    }
    note_defect(defects_, seen_field_ ? "header-not-ended" : "header-missing");
    return Step::EndsBefore;
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
