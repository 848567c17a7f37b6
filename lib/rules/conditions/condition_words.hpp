// A condition cut into its words (INTERFACES section 4).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::rules {

struct Token {
    enum class Kind { Word, Number, Text, Pattern, List, Sign, Open, Close, End };
    Kind kind = Kind::End;
    std::size_t at = 0;        // where it begins
    std::string text;          // without quotes, slashes or the at sign
    std::size_t text_at = 0;   // where the text begins
    bool ignore_case = false;  // of a Pattern

    bool is(std::string_view word) const { return kind == Kind::Word && text == word; }
    bool is_sign(std::string_view sign) const { return kind == Kind::Sign && text == sign; }
};

class ConditionWords {
public:
    explicit ConditionWords(std::string_view text) : text_{text} {}

    // Nothing where there is no word; `mistake` then says why, at `mistake_at`.
    std::optional<Token> next();
    const std::string& mistake() const noexcept { return mistake_; }
    std::size_t mistake_at() const noexcept { return mistake_at_; }

private:
    std::optional<Token> quoted(char end, Token::Kind kind);
    std::optional<Token> refuse(std::size_t at, std::string what);

    std::string_view text_;
    std::size_t at_ = 0;
    std::string mistake_;
    std::size_t mistake_at_ = 0;
};

}  // namespace tocsin::rules
