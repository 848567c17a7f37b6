#include "transport/response_guard.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/text.hpp"

namespace tocsin::transport {
namespace {

tl::unexpected<Error> over_budget(std::string_view what) {
    return temporary(Code::Limit, fmt::format("the server's answer is over its limit: {}", what));
}

tl::unexpected<Error> out_of_grammar(std::string_view what) {
    return temporary(Code::BadInput, fmt::format("the server's answer breaks the grammar: {}", what));
}

std::string_view next_word(std::string_view& line) {
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

bool is_status_word(std::string_view word) {
    return equal_ignoring_case(word, "OK") || equal_ignoring_case(word, "NO") || equal_ignoring_case(word, "BAD");
}

// RFC 3501 section 9: flag-perm = ("\" atom) / atom / "\*".
bool is_permanent_flag(std::string_view flag) {
    if (flag == "\\*") return true;
    if (flag.starts_with('\\')) flag.remove_prefix(1);
    return !flag.empty() && std::ranges::all_of(flag, [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7f &&
               std::string_view{"(){%*\"\\]"}.find(c) == std::string_view::npos;
    });
}

// libetpan 1.9.4 runs into a null list when the first of these is not a flag, so the whole of it is held against its
// grammar first: "[PERMANENTFLAGS (" [flag *(SP flag)] ")]".
bool has_sound_permanent_flags(std::string_view text) {
    constexpr std::string_view opening = "[PERMANENTFLAGS (";
    if (!starts_ignoring_case(text, opening)) return false;
    text.remove_prefix(opening.size());
    const auto end = text.find(")]");
    if (end == std::string_view::npos) return false;
    const auto list = text.substr(0, end);
    if (list.empty()) return true;
    return std::ranges::all_of(split(list, ' '), is_permanent_flag) &&
           !contains_ignoring_case(text.substr(end), "PERMANENTFLAGS");
}

// The number in a line's "{123}" at its very end; none where there is no such end.
std::optional<std::string_view> literal_mark(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const auto open = line.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    return line.substr(open + 1, line.size() - open - 2);
}

}  // namespace

void ResponseGuard::arm(const WireBudget& budget) {
    budget_ = budget;
    taken_ = 0;
    framing_ = 0;
    last_status_.clear();
}

Result<void> ResponseGuard::feed(std::string_view bytes) {
    taken_ += bytes.size();
    if (taken_ > budget_.bytes) return over_budget(fmt::format("more than {} bytes", budget_.bytes));
    held_.erase(0, at_);  // leaves an unfinished line at most
    scanned_ -= at_;
    at_ = 0;
    held_ += bytes;
    return {};
}

Result<std::optional<ResponseGuard::Stretch>> ResponseGuard::next(std::size_t most) {
    for (;;) {
        const auto rest = std::string_view{held_}.substr(at_);
        if (rest.empty()) return std::optional<Stretch>{};
        if (literal_left_ > 0) {
            auto size = static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), literal_left_));
            if (kind_ != Kind::Swallowed) size = std::min(size, most);
            literal_left_ -= size;
            at_ += size;
            scanned_ = at_;
            if (kind_ == Kind::Swallowed) continue;
            return std::optional{Stretch{rest.substr(0, size), true}};
        }
        const auto end = held_.find('\n', scanned_);
        const auto size = (end == std::string::npos ? held_.size() : end + 1) - at_;
        if (size > budget_.line_bytes)
            return over_budget(fmt::format("a line of more than {} bytes", budget_.line_bytes));
        if (end == std::string::npos) {
            scanned_ = held_.size();
            return std::optional<Stretch>{};
        }
        const auto line = rest.substr(0, size);
        if (auto sound = check(line); !sound) return tl::unexpected<Error>{std::move(sound.error())};
        at_ += size;
        scanned_ = at_;
        if (kind_ == Kind::Swallowed) continue;
        return std::optional{Stretch{line, false}};
    }
}

Result<void> ResponseGuard::check(std::string_view line) {
    if ((framing_ += line.size()) > budget_.framing_bytes)
        return over_budget(fmt::format("more than {} bytes besides the mail", budget_.framing_bytes));
    if (!line.ends_with("\r\n")) return out_of_grammar("a line ends in a bare LF");
    line.remove_suffix(2);
    if (std::ranges::any_of(line, [](char c) { return c == '\0' || c == '\r'; }))
        return out_of_grammar("NUL or CR in a line");
    if (!continues_) {
        depth_ = 0;
        auto kind = classify(line);
        if (!kind) return tl::unexpected<Error>{std::move(kind.error())};
        kind_ = *kind;
    }
    continues_ = false;
    if (auto sound = scan(line); !sound) return sound;

    // Only these may hold a literal. Elsewhere "{3}" at the end is text, and the next line a response of its own.
    if (kind_ != Kind::Structured && kind_ != Kind::Swallowed) return {};
    const auto mark = literal_mark(line);
    if (!mark) return {};
    const auto size = mark->size() <= 10 ? to_whole_number(*mark) : std::nullopt;
    if (!size || *size < 0 || !std::ranges::all_of(*mark, is_digit)) return out_of_grammar("the size of a literal");
    const auto most = kind_ == Kind::Swallowed ? budget_.bytes : budget_.literal_bytes;
    if (static_cast<std::uint64_t>(*size) > most)
        return over_budget(fmt::format("a literal of {} bytes where {} are allowed", *size, most));
    literal_left_ = static_cast<std::uint64_t>(*size);
    continues_ = true;
    return {};
}

Result<ResponseGuard::Kind> ResponseGuard::classify(std::string_view line) {
    if (contains_ignoring_case(line, "PERMANENTFLAGS")) {
        auto rest = line;
        next_word(rest);
        const auto word = next_word(rest);
        if (!is_status_word(word) || !has_sound_permanent_flags(rest)) return out_of_grammar("PERMANENTFLAGS");
    }
    if (line.starts_with('+')) return Kind::Status;  // resp-text as well
    auto rest = line;
    const auto tag = next_word(rest);
    if (tag != "*") {
        last_status_ = rest;
        if (const auto word = next_word(rest); !is_status_word(word))
            return out_of_grammar("no response begins like this");
        return Kind::Status;
    }
    const auto word = next_word(rest);
    if (is_status_word(word) || equal_ignoring_case(word, "BYE") || equal_ignoring_case(word, "PREAUTH"))
        return Kind::Status;
    for (const auto plain : {"FLAGS", "SEARCH", "CAPABILITY"})
        if (equal_ignoring_case(word, plain)) return Kind::Plain;
    if (equal_ignoring_case(word, "VANISHED")) news_ = true;  // RFC 7162 section 3.2.10
    if (word.empty() || !std::ranges::all_of(word, is_digit)) return Kind::Swallowed;
    const auto what = next_word(rest);
    if (equal_ignoring_case(what, "FETCH")) return Kind::Structured;
    for (const auto news : {"EXISTS", "RECENT", "EXPUNGE"}) {
        if (!equal_ignoring_case(what, news)) continue;
        news_ = true;
        return Kind::Plain;
    }
    return Kind::Swallowed;
}

// Counts parentheses, since libetpan goes one call deeper for each. In a status line quotes mean nothing, so there
// they hide nothing either.
Result<void> ResponseGuard::scan(std::string_view line) {
    const bool knows_quotes = kind_ != Kind::Status;
    // No part of a mail was asked for, and libetpan is not at its best with the names of parts.
    if (kind_ == Kind::Structured && contains_ignoring_case(line, "BODY[") && !contains_ignoring_case(line, "BODY[]"))
        return out_of_grammar("a part of a mail that nobody asked for");
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (quoted) {
            if (c == '\\') ++at;
            quoted = c != '"';
        } else if (c == '"' && knows_quotes) {
            quoted = true;
        } else if (c == '(') {
            if (++depth_ > budget_.depth) return over_budget(fmt::format("parentheses deeper than {}", budget_.depth));
        } else if (c == ')' && depth_ > 0) {
            --depth_;
        }
    }
    if (quoted) return out_of_grammar("a quoted string goes past its line");
    return {};
}

bool ResponseGuard::take_news() { return std::exchange(news_, false); }

}  // namespace tocsin::transport
