#include "mail/reply/reply_text.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/text.hpp"
#include "mail/reading.hpp"
#include "mail/reply/reply_lines.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t lines_of_an_attribution = 5;
constexpr std::size_t most_attribution_tests = 500;  // more than these a person did not answer to
constexpr std::size_t most_doubtful_marks = 8;
constexpr std::size_t lines_of_a_header = 8;
constexpr std::size_t shortest_marker = 6;  // bytes of a line that says where another mail begins
constexpr std::size_t lines_of_a_signature = 15;

enum class LineKind : std::uint8_t { Blank, Written, Quoted, Attribution };

// Small, since a mail may be nothing but lines.
struct ReplyLine {
    std::uint32_t begin;
    std::uint32_t size;
    LineKind kind;
    PastedField field;
};

// What looks like a blank or like nothing hides empty lines, labels and marks: blanks that do not break as plain ones,
// without marks of no width (but joiners, which make letters and symbols).
std::string without_hidden_blanks(std::string_view text) {
    constexpr std::string_view blanks[] = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x87"};  // U+00A0, U+202F, U+2007
    constexpr std::string_view nothing[] = {"\xE2\x80\x8B", "\xE2\x81\xA0", "\xEF\xBB\xBF", "\xEF\xBF\xBC"};
    // U+200B, U+2060, U+FEFF, U+FFFC above
    if (is_ascii(text)) return std::string{text};
    std::string out;
    out.reserve(text.size());
    const auto may_begin_one = [](char c) { return c == '\xC2' || c == '\xE2' || c == '\xEF'; };
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        while (at < text.size() && !may_begin_one(text[at])) ++at;
        out.append(text.substr(from, at - from));
        if (at == text.size()) break;
        const auto rest = text.substr(at);
        const auto begins = [&](std::string_view mark) { return rest.starts_with(mark); };
        const bool blank = std::ranges::any_of(blanks, begins);
        const std::size_t size = blank && begins(blanks[0]) ? 2 : 3;
        // A slash behind it may be meant to look like a command: whoever reads commands has to see what hides it.
        const bool hides_a_slash = rest.substr(std::min(size, rest.size())).starts_with('/');
        if (blank && !hides_a_slash) {
            out.push_back(' ');
            at += size;
        } else if (!hides_a_slash && std::ranges::any_of(nothing, begins)) {
            at += size;
        } else {
            out.push_back(text[at++]);
        }
    }
    return out;
}

class ReplyReader {
public:
    ReplyReader(std::string_view text, const AnsweredMail& answered)
        : plain_{without_hidden_blanks(text)},
          text_{std::string_view{plain_}.substr(0, UINT32_MAX)},
          answered_{answered} {
        lines_.reserve(static_cast<std::size_t>(std::ranges::count(text_, '\n')) + 1);
        for (std::size_t at = 0; at <= text_.size();) {
            const auto end = std::min(text_.find('\n', at), text_.size());
            add(at, end - at);
            at = end + 1;
        }
        end_ = lines_.size();
        settle_doubtful_marks();
    }

    ReplyText read(Answered quotations) {
        find_embedded_mail();
        const auto embedded_from = end_;
        drop_what_trails();
        cut_signature();
        drop_what_trails();
        ReplyText result;
        collect(result, embedded_from, quotations);
        for (auto i = embedded_from; i < lines_.size(); ++i) {
            append(result.quoted, unmarked(lines_[i]));
            append(result.embedded, text_of(lines_[i]));
        }
        tidy(result.written);
        tidy(result.quoted);
        return result;
    }

private:
    void add(std::size_t begin, std::size_t size) {
        const auto line = text_.substr(begin, size);
        const auto kind = trim(line).empty()                 ? LineKind::Blank
                          : quotation_mark_length(line) != 0 ? LineKind::Quoted
                                                             : LineKind::Written;
        const auto field = kind == LineKind::Written ? pasted_field(line) : PastedField::None;
        lines_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(size), kind, field});
    }
    std::string_view text_of(const ReplyLine& line) const { return text_.substr(line.begin, line.size); }
    std::string_view line_at(std::size_t index) const { return text_of(lines_[index]); }

    std::size_t next_not_blank(std::size_t line) const {
        while (line < lines_.size() && lines_[line].kind == LineKind::Blank) ++line;
        return line;
    }

    // A table and a prompt are the writer's own, unless an attribution stands above such lines somewhere.
    void settle_doubtful_marks() {
        std::vector<std::string> quoting;
        std::string above;  // the doubtful mark of the last line that is not blank
        std::size_t last = lines_.size();
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].kind == LineKind::Blank) continue;
            const std::string mark{lines_[i].kind == LineKind::Quoted ? doubtful_mark(line_at(i)) : std::string_view{}};
            if (!mark.empty() && mark != above && quoting.size() < most_doubtful_marks &&
                std::ranges::find(quoting, mark) == quoting.end() &&
                ((last < i && is_end_of_attribution(last)) || is_paragraph_of_bars(i)))
                quoting.push_back(mark);
            above = mark;
            last = i;
        }
        for (ReplyLine& line : lines_) {
            if (line.kind != LineKind::Quoted) continue;
            const std::string_view mark = doubtful_mark(text_of(line));
            if (mark.empty() || std::ranges::find(quoting, mark) != quoting.end()) continue;
            line.kind = LineKind::Written;
            line.field = pasted_field(text_of(line));
        }
        attribution_tests_ = 0;
    }

    // "| Alice wrote this line," and more of them, by themselves; a pipe goes on below its first command.
    bool is_paragraph_of_bars(std::size_t line) const {
        const auto bar = [&](std::size_t at) {
            return at < lines_.size() && lines_[at].kind == LineKind::Quoted && line_at(at).starts_with("| ");
        };
        return bar(line) && bar(line + 1) && (line == 0 || lines_[line - 1].kind == LineKind::Blank);
    }

    bool is_end_of_attribution(std::size_t line) {
        for (std::size_t length = 1; length <= lines_of_an_attribution && length <= line + 1; ++length) {
            const auto from = line + 1 - length;
            if (lines_[from].kind != LineKind::Written) return false;
            if (attribution_length(from) == length) return true;
        }
        return false;
    }

    // Where the last quotation with marks begins that has an attribution above it.
    std::size_t last_marked_quotation() {
        for (std::size_t i = lines_.size(); i-- > 1;) {
            if (lines_[i].kind != LineKind::Quoted) continue;
            std::size_t above = i - 1;
            while (above > 0 && lines_[above].kind == LineKind::Blank) --above;
            if (lines_[above].kind == LineKind::Written && is_end_of_attribution(above)) return above;
        }
        return 0;
    }

    // Header lines of another mail than the one that is answered, which stands below with its marks.
    bool is_of_another_mail(std::size_t from, std::size_t marked) const {
        if (marked <= from || answered_.subject.empty()) return false;
        for (std::size_t i = from; i < lines_.size() && i < from + lines_of_a_header; ++i) {
            if (lines_[i].kind == LineKind::Blank) break;
            if (lines_[i].field != PastedField::Subject) continue;
            const auto line = line_at(i);
            const auto subject = without_reply_prefix(trim(line.substr(line.find(':') + 1)));
            const auto shorter = std::min(subject.size(), answered_.subject.size());
            return shorter == 0 ||
                   !equal_ignoring_case(subject.substr(0, shorter), answered_.subject.substr(0, shorter));
        }
        return false;
    }

    // "2026-11-22 12:00:01 alice@portal.example.org wrote:" of a log, above a quotation of the mail that is answered.
    bool names_somebody_else(std::size_t from, std::size_t length, std::size_t marked) const {
        if (marked < from + length || answered_.addresses.empty()) return false;
        bool address = false;
        for (std::size_t i = from; i < from + length; ++i) {
            const auto line = line_at(i);
            address = address || line.find('@') != std::string_view::npos;
            for (const std::string& one : answered_.addresses) {
                const auto domain = one.substr(std::min(one.find('@'), one.size()));
                if (domain.empty() || contains_ignoring_case(line, domain)) return false;
            }
        }
        return address;
    }

    // "At 10:00 on 20 November 2026 the daemon wrote:", above a log, in a mail that answers none.
    bool is_a_sentence(std::size_t from, std::size_t length) const {
        if (answered_.any) return false;
        for (std::size_t i = from; i < from + length; ++i)
            if (line_at(i).find('@') != std::string_view::npos) return false;
        return !quotation_follows(from + length - 1);
    }

    // Sets `end_` to where another mail begins that bears no quotation marks, and marks attributions on the way.
    void find_embedded_mail() {
        bool written = false;
        const bool known = !answered_.subject.empty() || !answered_.addresses.empty();
        const auto marked = known ? last_marked_quotation() : 0;
        attribution_tests_ = 0;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            if (lines_[i].kind != LineKind::Written) continue;
            const auto line = line_at(i);
            if (line.size() < shortest_marker && lines_[i].field == PastedField::None) {
                written = written || !is_rule_line(line);
                continue;
            }
            if (is_original_message_marker(line) || (is_pasted_header(i) && !is_of_another_mail(i, marked)) ||
                (is_bare_marker(line) && is_pasted_header(next_not_blank(i + 1)))) {
                end_ = i;
                return;
            }
            if (const auto length = attribution_length(i); length > 0) {
                if (names_somebody_else(i, length, marked) || is_a_sentence(i, length)) {
                    written = true;
                    continue;
                }
                for (std::size_t j = i; j < i + length; ++j) lines_[j].kind = LineKind::Attribution;
                const auto after = next_not_blank(i + length);
                const bool quoted = after < lines_.size() && lines_[after].kind == LineKind::Quoted;
                // Nothing quoted below it, and an answer above it: all the rest is the other mail.
                if (!quoted && written) {
                    end_ = i;
                    return;
                }
                i += length - 1;
                continue;
            }
            if (written && begins_with_attribution(line) && !names_somebody_else(i, 1, marked)) {
                end_ = i;
                return;
            }
            if (!is_rule_line(line)) written = true;
        }
    }

    bool quotation_follows(std::size_t line) const {
        const auto next = next_not_blank(line + 1);
        return next < lines_.size() && lines_[next].kind == LineKind::Quoted;
    }

    // "Alice schrieb um 10:00:" says it in its one line, whatever that begins with, when a quotation follows.
    bool may_be_attribution(std::size_t line) const {
        if (may_begin_attribution(line_at(line))) return true;
        const auto said = trim(line_at(line));
        if (said.ends_with(':') && said.size() < 120 && has_day_and_time(said)) return true;
        return (said.ends_with(':') || said.ends_with(']')) && quotation_follows(line);
    }

    // Number of lines of the attribution that begins here, 0 for none.
    std::size_t attribution_length(std::size_t from) {
        if (attribution_tests_ >= most_attribution_tests || !may_be_attribution(from)) return 0;
        ++attribution_tests_;
        std::string joined;
        for (std::size_t i = from; i < lines_.size() && i < from + lines_of_an_attribution; ++i) {
            if (lines_[i].kind == LineKind::Blank) break;
            // A folded address may begin its line with its own ">".
            if (lines_[i].kind == LineKind::Quoted && !(i > from && trim(line_at(i)) == ">:")) break;
            joined.append(joined.empty() ? "" : " ").append(trim(line_at(i)));
            if (joined.size() > 600) break;
            if (is_attribution(joined, quotation_follows(i))) return i - from + 1;
        }
        return 0;
    }

    // Three fields of a mail's header in a block, who and when among them.
    bool is_pasted_header(std::size_t from) const {
        if (from >= lines_.size() || lines_[from].field == PastedField::None) return false;
        bool sender = false, sent = false;
        std::size_t kinds = 0;
        PastedField before = PastedField::None;
        for (std::size_t i = from; i < lines_.size() && i < from + lines_of_a_header; ++i) {
            if (lines_[i].kind == LineKind::Blank) break;
            const auto field = lines_[i].field;
            if (field != PastedField::None && field != before) ++kinds;
            sender |= field == PastedField::From;
            sent |= field == PastedField::Sent;
            before = field;
        }
        return kinds >= 3 && sender && sent;
    }

    // From the end: rules, quotations, attributions and device signatures.
    void drop_what_trails() {
        while (end_ > 0) {
            const auto& line = lines_[end_ - 1];
            if (line.kind == LineKind::Written && !is_rule_line(text_of(line)) && !is_device_signature(text_of(line)))
                break;
            --end_;
        }
    }

    void cut_signature() {
        std::size_t below = 0;
        for (auto i = end_; i-- > 0;) {
            const auto& line = lines_[i];
            if (line.kind == LineKind::Blank) continue;
            if (++below > lines_of_a_signature) return;
            const bool rule = is_signature_separator(text_of(line)) ||
                              (below <= 5 && text_of(line).starts_with("____") && is_rule_line(text_of(line)));
            if (line.kind == LineKind::Written && rule) {
                end_ = i;
                return;
            }
        }
    }

    std::string_view unmarked(const ReplyLine& line) const {
        auto text = text_of(line);
        for (int marks = 0; marks < 50; ++marks) {
            const auto length = quotation_mark_length(text);
            if (length == 0) break;
            text.remove_prefix(length);
        }
        return text;
    }

    static void append(std::string& out, std::string_view line) { out.append(line).push_back('\n'); }

    void collect(ReplyText& result, std::size_t embedded_from, Answered quotations) const {
        result.written.reserve(text_.size());
        for (std::size_t i = 0; i < embedded_from; ++i) {
            const auto& line = lines_[i];
            const bool quoted = line.kind == LineKind::Quoted;
            if (quoted) append(result.quoted, unmarked(line));
            if (i >= end_ || line.kind == LineKind::Attribution) continue;
            if (!quoted || quotations == Answered::KeptAmongTheWritten) append(result.written, text_of(line));
        }
    }

    // Blank lines go at both ends, the indent of the first line stays.
    static void tidy(std::string& text) {
        while (!text.empty() && is_space(text.back())) text.pop_back();
        std::size_t from = 0;
        for (std::size_t i = 0; i < text.size() && is_space(text[i]); ++i)
            if (text[i] == '\n') from = i + 1;
        text.erase(0, from);
    }

    std::string plain_;
    std::string_view text_;
    const AnsweredMail& answered_;
    std::vector<ReplyLine> lines_;
    std::size_t end_ = 0;
    std::size_t attribution_tests_ = 0;
};

}  // namespace

ReplyText split_reply(std::string_view text, Answered quotations, const AnsweredMail& answered) {
    return ReplyReader{text, answered}.read(quotations);
}

}  // namespace tocsin::mail
