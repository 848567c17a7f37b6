#include "rules/conditions/condition_words.hpp"

#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace tocsin::rules {

namespace {

bool is_word_byte(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '@'; }

std::string_view sign_at(std::string_view text) {
    for (const std::string_view sign : {"!~", "==", "!=", "<=", ">=", "~", "<", ">"})
        if (text.starts_with(sign)) return sign;
    return {};
}

// A sign of another language, or of a word processor: what stands for it here.
std::string unexpected(std::string_view rest, std::string_view sign) {
    constexpr std::pair<std::string_view, std::string_view> instead[] = {
        {"=~", "~"},
        {"=", "=="},
        {"&", "and"},
        {"|", "or"},
        {"!", "not"},
        {"'", "\"text\""},
        {"\u201C", "\"text\""},
        {"\u201D", "\"text\""},
        {"\u201E", "\"text\""},
        {"\u2018", "\"text\""},
        {"\u2019", "\"text\""},
        {",", ". in a number, and 'in @list' or 'contains any @list' for one of several,"},
    };
    for (const auto& [wrong, right] : instead)
        if (rest.starts_with(wrong))
            return "unexpected '" + std::string{wrong} + "'; write " + std::string{right} + " instead";
    if (sign == "\u00A0") return "this is a blank that does not break (U+00A0); write an ordinary one instead";
    return "unexpected '" + std::string{sign} + "'";
}

}  // namespace

std::optional<Token> ConditionWords::refuse(std::size_t at, std::string what) {
    mistake_at_ = at;
    mistake_ = std::move(what);
    return std::nullopt;
}

// A text or a pattern, up to its closing sign. In a text, a backslash takes the next byte as it is; in a pattern
// it stays, since it means something to RE2.
std::optional<Token> ConditionWords::quoted(char end, Token::Kind kind) {
    Token token{kind, at_, {}, at_ + 1, false};
    for (std::size_t at = at_ + 1; at < text_.size(); ++at) {
        if (text_[at] == end) {
            at_ = at + 1;
            return token;
        }
        if (text_[at] == '\\' && at + 1 < text_.size()) {
            if (kind == Token::Kind::Pattern) token.text += '\\';
            ++at;
        }
        token.text += text_[at];
    }
    return refuse(at_, end == '/' ? "this pattern is never closed; it ends with / or /i"
                                  : "this text is never closed; it ends with \"");
}

std::optional<Token> ConditionWords::next() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    if (at_ == text_.size()) return Token{Token::Kind::End, at_, {}, at_, false};
    const std::size_t begin = at_;
    const char c = text_[at_];
    if (c == '(' || c == ')') {
        ++at_;
        return Token{c == '(' ? Token::Kind::Open : Token::Kind::Close, begin, {}, begin, false};
    }
    if (c == '"') return quoted('"', Token::Kind::Text);
    if (c == '/') {
        auto token = quoted('/', Token::Kind::Pattern);
        if (!token) return token;
        const std::size_t flags = at_;
        while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
        const std::string_view flag = text_.substr(flags, at_ - flags);
        const bool goes_on = at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ')';
        if (goes_on || flag.size() > 1)
            return refuse(flags, "the pattern ends at the / before this; a / inside of a pattern is written \\/");
        if (!flag.empty() && flag != "i") return refuse(flags, "unknown flag '" + std::string{flag} + "'; accepted: i");
        token->ignore_case = !flag.empty();
        return token;
    }
    if (const std::string_view sign = sign_at(text_.substr(at_)); !sign.empty()) {
        at_ += sign.size();
        return Token{Token::Kind::Sign, begin, std::string{sign}, begin, false};
    }
    if (is_digit(c) || (c == '-' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
        for (++at_; at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.');) ++at_;
        return Token{Token::Kind::Number, begin, std::string{text_.substr(begin, at_ - begin)}, begin, false};
    }
    if (is_word_byte(c)) {
        while (at_ < text_.size() && is_word_byte(text_[at_])) ++at_;
        const std::string_view word = text_.substr(begin, at_ - begin);
        if (!word.starts_with('@')) return Token{Token::Kind::Word, begin, std::string{word}, begin, false};
        if (word.size() == 1) return refuse(begin, "a list's name is missing after @");
        return Token{Token::Kind::List, begin, std::string{word.substr(1)}, begin + 1, false};
    }
    std::size_t end = begin;
    next_code_point(text_, end);
    return refuse(begin, unexpected(text_.substr(begin), text_.substr(begin, end - begin)));
}

}  // namespace tocsin::rules
