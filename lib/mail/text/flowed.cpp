#include "mail/text/flowed.hpp"

#include <algorithm>
#include <cstddef>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/composing.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t flowed_columns = 72;
constexpr std::size_t left_alone_columns = 78;  // section 4.2: a line that fits is nobody's to break
constexpr std::size_t widest_quotation = 68;    // and still fits when it has been quoted three times more
constexpr std::string_view signature_separator = "-- ";

struct FlowedLine {
    std::size_t quotes = 0;
    std::string_view text;
    bool flows = false;  // into the next one
};

FlowedLine flowed_line(std::string_view line) {
    FlowedLine result;
    while (result.quotes < line.size() && line[result.quotes] == '>') ++result.quotes;
    result.text = line.substr(result.quotes);
    // Section 4.4: one blank was stuffed in front.
    if (result.text.starts_with(' ')) result.text.remove_prefix(1);
    result.flows = result.text.ends_with(' ') && result.text != signature_separator;  // section 4.3
    return result;
}

}  // namespace

std::string from_flowed(std::string_view text, bool delete_space) {
    std::string out;
    out.reserve(text.size());
    bool flowing = false;
    std::size_t quotes = 0;
    bool first = true;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const bool last = end == text.size();
        if (last && end == at && !first) break;
        auto line = flowed_line(text.substr(at, end - at));
        const bool continues = flowing && line.quotes == quotes && line.text != signature_separator;
        if (!continues) {
            if (flowing) out.push_back('\n');
            out.append(line.quotes, '>');
            if (line.quotes > 0) out.push_back(' ');
        }
        if (line.flows && delete_space) line.text.remove_suffix(1);
        out.append(line.text);
        if (!line.flows && !last) out.push_back('\n');
        flowing = line.flows;
        quotes = line.quotes;
        first = false;
        at = end + 1;
    }
    if (flowing) {
        while (out.ends_with(' ')) out.pop_back();
        out.push_back('\n');
    }
    return out;
}

namespace {

// Where to break a line that is too long: after the last blank that fits, else after the first one.
std::size_t soft_break(std::string_view line, std::size_t left_alone, std::size_t widest, bool quoted) {
    if (columns(line) <= left_alone) return line.size();
    std::size_t best = 0;
    std::size_t width = 0;
    for (std::size_t at = 0; at < line.size();) {
        const auto from = at;
        next_code_point(line, at);
        width += columns(line.substr(from, at - from));
        if (width > widest && best > 0) return best;
        // A run of blanks stays together, so that the next line does not begin with one; nor does it begin with what
        // reads as a quotation or as a command there, but where it is quoted anyway.
        if (line[from] == ' ' && at < line.size() && line[at] != ' ' &&
            (quoted || (line[at] != '>' && line[at] != '/')))
            best = at;
    }
    return line.size();
}

// Section 4.5: each piece bears the marks of the whole, so that no mail client has to break a quoted line, after which
// the rest of it would stand at the beginning of a line as if it were written anew.
void append_quotation(std::string& out, std::string_view line) {
    std::size_t marks = 0;
    while (marks < line.size() && line[marks] == '>') ++marks;
    const std::string_view prefix = line.substr(0, marks);
    line.remove_prefix(marks);
    if (line.starts_with(' ')) line.remove_prefix(1);
    bool first = true;
    while (first || !line.empty()) {
        first = false;
        const auto end = soft_break(line, widest_quotation, widest_quotation, true);
        out.append(prefix);
        if (end > 0) out.push_back(' ');
        out.append(line.substr(0, end)).push_back('\n');
        line.remove_prefix(end);
    }
}

void append_paragraph(std::string& out, std::string_view line) {
    // Section 4.2: generated text does not end in blanks but where it flows.
    if (line != signature_separator)
        while (line.ends_with(' ')) line.remove_suffix(1);
    if (line.starts_with('>')) return append_quotation(out, line);
    const bool quotation = line.starts_with('|');
    for (bool first = true; first || !line.empty(); first = false) {
        const auto end = quotation || line == signature_separator
                             ? line.size()
                             : soft_break(line, left_alone_columns, flowed_columns, false);
        const auto piece = line.substr(0, end);
        line.remove_prefix(end);
        const bool stuff =
            (!quotation && piece.starts_with('>')) || piece.starts_with(' ') || piece.starts_with("From ");
        if (stuff) out.push_back(' ');
        out.append(piece);
        out.push_back('\n');
    }
}

}  // namespace

std::string to_flowed(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        append_paragraph(out, line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace tocsin::mail
