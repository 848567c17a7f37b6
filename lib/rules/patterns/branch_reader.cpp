#include "rules/patterns/branch_reader.hpp"

#include <algorithm>

#include "base/letter_case.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "rules/patterns/literal_scan.hpp"
#include "rules/patterns/pattern_syntax.hpp"
#include "rules/patterns/plain_words.hpp"

namespace tocsin::rules {
namespace {

constexpr std::size_t shortest_run = 3;  // shorter ones occur in every mail and rule nothing out
constexpr std::size_t most_between_in_all = 256;
constexpr std::size_t shortest_word = 2;                             // with a boundary at one end or both
constexpr std::string_view rare_symbols = "#$<>[]{}|@\\^~`:?=+*%&";  // in prose: what rules much out by itself

// Reads a branch from left to right, gathering runs of characters that must stand there side by side.
class RunReader {
public:
    explicit RunReader(std::string_view branch) : branch_{branch} {}

    NeededTogether read() {
        if (alternatives_of(branch_).size() > 1) return {};  // too many to be multiplied out
        while (at_ < branch_.size()) step();
        end_run();
        if (runs_.empty() && !symbols_.empty()) {
            runs_.push_back(std::move(symbols_));
            words_.clear();
        }
        close_words();
        const std::string last = words_.empty() ? std::string{} : runs_.back();
        std::ranges::sort(runs_);
        runs_.erase(std::unique(runs_.begin(), runs_.end()), runs_.end());
        if (!words_.empty()) std::iter_swap(runs_.begin(), std::ranges::find(runs_, last));
        return {std::move(runs_), std::move(words_)};
    }

private:
    void step() {
        const char c = branch_[at_];
        if (const auto between = between_at(branch_, at_)) return leave_between(*between);
        if (c == '(') return group();
        if (c == ')') {
            ++at_;
            if (is_quantified(branch_, at_)) {
                end_run();
                are_more_than_words();
            }
            return;
        }
        const auto element = branch_.substr(at_, end_of_element(branch_, at_) - at_);
        at_ += element.size();
        if (element == "\\b" && !is_quantified(branch_, at_)) return boundary();
        if (element == "\\w" && at_ < branch_.size() && (branch_[at_] == '*' || branch_[at_] == '+')) return rest_of();
        const bool escaped = c == '\\' && element.size() > 1;
        const char literal = escaped ? element[1] : c;
        if (is_gap(element) && !may_be_absent(branch_, at_)) return gap(element);
        if ((literal & '\x80') != 0 && !escaped && !folds_to_ascii(element)) return foreign(element);
        const bool special = escaped ? is_letter(literal) || is_digit(literal)
                                     : std::string_view{"[.^$?*+{}|"}.find(literal) != std::string_view::npos;
        if (special || (literal & '\x80') != 0 || static_cast<unsigned char>(literal) < ' ') {
            end_run();
            are_more_than_words();
            // What follows these is not a literal either: \Q...\E, and quantifiers.
            if (escaped && std::string_view{"QE"}.find(literal) != std::string_view::npos) give_up();
            if (c == '{') at_ = std::min(branch_.find('}', at_), branch_.size());
            return;
        }
        if (!may_be_absent(branch_, at_)) run_.push_back(ascii_lower(literal));
        if (is_quantified(branch_, at_)) {
            end_run();
            are_more_than_words();
        }
        say(ascii_lower(literal));
    }

    void group() {
        const Group group = group_at(branch_, at_);
        const auto content = branch_.substr(group.content, group.end - 1 - group.content);
        if (!group.plain || may_be_absent(branch_, group.end) || alternatives_of(content).size() > 1) {
            end_run();
            are_more_than_words();
            at_ = group.end;
        } else {
            at_ = group.content;  // its ')' is met later
        }
    }

    void gap(std::string_view element) {
        if (run_.empty() || run_.back() != ' ') run_.push_back(' ');
        // Of two gaps, which takes how much?
        if (!words_.empty() && (is_said_gap(words_.back()) || is_said_between(words_.back()))) are_more_than_words();
        const bool repeated = is_quantified(branch_, at_);
        if (element == "\\s")
            say(repeated ? some_space : one_space);
        else if (repeated || element == " " || element == "[ ]")
            are_more_than_words();
        else
            say(element == "-" ? '-' : blank_or_dash);
        if (repeated) ++at_;                                     // "+"
        if (at_ < branch_.size() && branch_[at_] == '?') ++at_;  // a lazy one
    }

    void foreign(std::string_view letter) {
        std::size_t begin = 0;
        const char32_t wanted = folded(next_code_point(letter, begin));
        if (!may_be_absent(branch_, at_)) run_.push_back(LiteralScan::kind_of(wanted));
        if (is_quantified(branch_, at_)) {
            end_run();
            are_more_than_words();
        }
        std::string bytes;
        append_utf8(bytes, wanted);
        for (const char byte : bytes) say(byte);
    }

    // A word or the rest of one, whatever it is.
    void rest_of() {
        const bool is_some = branch_[at_++] == '+';
        end_run();
        // Where there may be nothing, gaps would follow each other.
        const bool is_certain = is_some || (!words_.empty() && is_word_character(words_.back()));
        if (!is_certain || is_quantified(branch_, at_)) are_more_than_words();
        say(is_some ? some_of_word : rest_of_word);
    }

    void leave_between(const Between& between) {
        at_ = between.end;
        end_run();
        between_ *= between.most + 1;
        // What words between may begin with must have begun where the word before them ended.
        const bool takes_words = between.said.back() == words_between;
        const bool is_apart = !words_.empty() && (is_said_gap(words_.back()) || words_.back() == LiteralScan::boundary);
        if (between_ > most_between_in_all || words_.empty() || (takes_words && !is_apart))
            return are_more_than_words();
        for (const char c : between.said) say(c);
    }

    static bool is_said_gap(char c) { return c == some_space || c == one_space || c == blank_or_dash; }
    static bool is_said_between(char c) { return c == words_between || c == others_between; }

    void say(char c) {
        if (plain_) words_.push_back(c);
    }
    void are_more_than_words() {
        plain_ = false;
        words_.clear();
    }

    void boundary() {
        // How wide the gap is that ends here is not known, so that nothing can be said of where it ends.
        if (!run_.empty() && run_.back() == ' ') {
            run_.pop_back();
            end_run(1);
            say(LiteralScan::boundary);
        } else {
            run_.push_back(LiteralScan::boundary);
            say(LiteralScan::boundary);
            end_run();
        }
        run_.assign(1, LiteralScan::boundary);
    }

    // What is said must end with the last of the literals, but for a boundary or an ending: where the end of a gap is,
    // the scan does not say.
    void close_words() {
        if (words_.empty() || runs_.empty()) return words_.clear();
        const auto last_of_run = runs_.back().find_last_not_of(LiteralScan::boundary);
        const char last_letter = last_of_run < runs_.back().size() ? runs_.back()[last_of_run] : ' ';
        const auto end = words_.find_last_not_of(LiteralScan::boundary);
        if (words_[end] == rest_of_word) words_[end] = any_ending;
        if (words_[end] == some_of_word) words_[end] = some_ending;
        const bool is_ending = words_[end] == any_ending || words_[end] == some_ending;
        const bool ends_with_run =
            words_.find_first_not_of(LiteralScan::boundary, said_) == (is_ending ? end : words_.npos);
        if (!ends_with_run || last_letter == ' ' || last_letter == '-') words_.clear();
    }

    // `beyond`: how much of what was said came after it.
    void end_run(std::size_t beyond = 0) {
        const auto marks = static_cast<std::size_t>(std::ranges::count(run_, LiteralScan::boundary));
        const auto gaps = static_cast<std::size_t>(std::ranges::count(run_, ' '));
        const auto letters = run_.size() - marks - gaps;
        const bool is_foreign = std::ranges::any_of(run_, LiteralScan::is_kind);  // few mails have any
        if (run_.find_first_of(rare_symbols) != std::string::npos) symbols_ = run_;
        if (letters >= shortest_run || (letters >= shortest_word && marks > 0) || is_foreign) {
            runs_.push_back(run_);
            said_ = words_.size() - std::min(beyond, words_.size());
        }
        run_.clear();
    }

    void give_up() {
        are_more_than_words();
        runs_.clear();
        run_.clear();
        symbols_.clear();
        at_ = branch_.size();
    }

    std::string_view branch_;
    std::size_t at_ = 0;
    std::string run_;
    std::vector<std::string> runs_;
    std::string symbols_;  // a run that is too short, but for a rare symbol in it
    bool plain_ = true;    // so far, and said in
    std::string words_;
    std::size_t said_ = 0;     // how much of `words_` when the last of `runs_` ended
    std::size_t between_ = 1;  // in how many ways what is between words may lie
};

}  // namespace

NeededTogether read_branch(std::string_view branch) { return RunReader{branch}.read(); }

}  // namespace tocsin::rules
