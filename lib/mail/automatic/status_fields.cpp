#include "mail/automatic/status_fields.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/header/header_scan.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_status_fields = 60;  // of one group
constexpr std::size_t longest_status_value = 4096;

bool is_number_part(std::string_view text, std::size_t& at, std::size_t most_digits) {
    const auto from = at;
    while (at < text.size() && at - from < most_digits && is_digit(text[at])) ++at;
    return at > from;
}

bool word_begins(std::string_view text, std::size_t at) {
    return at == 0 ||
           (!is_digit(text[at - 1]) && !is_letter(text[at - 1]) && text[at - 1] != '.' && text[at - 1] != '-');
}

}  // namespace

std::string_view StatusFields::first(std::string_view lower_case_name) const {
    for (const auto& [name, value] : fields)
        if (name == lower_case_name) return value;
    return {};
}

std::vector<StatusFields> read_status_fields(std::string_view text, std::size_t most_groups) {
    std::vector<StatusFields> groups;
    StatusFields group;
    const auto close = [&] {
        if (!group.empty()) groups.push_back(std::move(group));
        group = {};
    };
    Lines lines{text};
    Line line;
    while (groups.size() < most_groups && lines.next(line)) {
        const auto content = line.of(text);
        if (trim(content).empty()) {
            close();
        } else if (is_blank(content.front()) && !group.empty()) {
            auto& value = group.fields.back().second;
            if (value.size() < longest_status_value) value.append(" ").append(trim(content));
        } else if (const auto length = field_name_length(trim(content));
                   length > 0 && group.fields.size() < most_status_fields) {
            const auto field = trim(content);
            const auto name = lower(field.substr(0, length));
            // Some systems forget the blank line between two recipients.
            if ((name == "final-recipient" || name == "original-recipient") && !group.first(name).empty()) close();
            group.fields.emplace_back(name, std::string{trim(field.substr(field.find(':', length) + 1))});
        }
    }
    close();
    return groups;
}

std::string status_address(std::string_view value) {
    const auto semicolon = value.find(';');
    if (semicolon != std::string_view::npos && semicolon < 20) value.remove_prefix(semicolon + 1);
    value = trim(value);
    if (const auto open = value.find('<'); open != std::string_view::npos) {
        value.remove_prefix(open + 1);
        value = value.substr(0, value.find('>'));
    } else {
        value = value.substr(0, value.find_first_of(" \t("));
    }
    return for_one_line(trim(value), 320);
}

std::string enhanced_status_in(std::string_view text) {
    for (std::size_t from = 0; from + 4 < text.size(); ++from) {
        if ((text[from] != '2' && text[from] != '4' && text[from] != '5') || text[from + 1] != '.' ||
            !word_begins(text, from))
            continue;
        auto at = from + 2;
        if (!is_number_part(text, at, 3) || at >= text.size() || text[at] != '.') continue;
        ++at;
        if (!is_number_part(text, at, 3)) continue;
        // Not the beginning of an address of the network.
        if (at < text.size() &&
            (is_digit(text[at]) || (text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1]))))
            continue;
        return std::string{text.substr(from, at - from)};
    }
    return {};
}

int reply_code_in(std::string_view text) {
    for (std::size_t at = 0; at + 2 < text.size(); ++at) {
        if ((text[at] != '4' && text[at] != '5') || !word_begins(text, at)) continue;
        if (text[at + 1] < '0' || text[at + 1] > '5' || !is_digit(text[at + 2])) continue;
        if (at + 3 < text.size() && text[at + 3] != ' ' && text[at + 3] != '-' && text[at + 3] != '\t') continue;
        return (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
    }
    return 0;
}

}  // namespace tocsin::mail
