#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/header/address.hpp"
#include "mail/header/encoded_words.hpp"
#include "mail/header/unfold.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t words_in_a_name = 200;

// One pass over an unfolded field. What was read since the last separator stands in `phrase_` (as words with
// their blanks) and, once "<" was seen, in `angle_`.
class AddressListReader {
public:
    AddressListReader(std::string_view text, const AddressLimits& limits, std::vector<std::string>& defects)
        : text_{text}, limits_{limits}, defects_{defects} {}

    std::vector<Mailbox> read() {
        while (at_ < text_.size() && !full_) step();
        finish();
        if (in_group_) note_defect(defects_, "group-not-closed");
        return std::move(mailboxes_);
    }

private:
    void step() {
        const char c = text_[at_];
        switch (c) {
            case '(':
                if (!literal_parentheses_) return comment();
                append(c);
                break;
            case '"':
                if (!literal_quotes_) return quoted();
                break;
            case '[':
                domain_literal();
                return;
            case '<':
                open_angle();
                break;
            case '>':
                if (!in_angle_) {
                    note_defect(defects_, "address-malformed");
                    if (!at_end_of_mailbox(at_ + 1)) append(c);
                }
                in_angle_ = false;
                break;
            case ',':
                // A comma inside the angle belongs to an obsolete route ("<@a,@b:c@d>", RFC 5322 section 4.4),
                // else the ">" was forgotten; where no address came yet, it was not.
                if (in_angle_ && !angle_.empty() && (angle_.front() == '@' || !holds_an_at(angle_)))
                    angle_.push_back(c);
                else
                    finish();
                break;
            case ';':
                if (in_angle_ && !angle_.empty() && !holds_an_at(angle_)) {
                    angle_.push_back(c);
                    break;
                }
                finish();
                in_group_ = false;
                break;
            case ':':
                colon();
                break;
            default:
                if (is_space(c))
                    blank();
                else
                    append(c);
        }
        ++at_;
    }

    static bool holds_an_at(std::string_view text) { return text.find('@') != std::string_view::npos; }

    // A second angle: what stood in the first is a name ("Rae <Rae <rae@lab.example>>"), or, with an address in it,
    // no mailbox any more. Never are the two run together.
    void open_angle() {
        if (has_angle_) {
            note_defect(defects_, "address-malformed");
            if (holds_an_at(angle_)) {
                angle_.push_back('<');
            } else {
                if (!phrase_.empty() && !angle_.empty()) phrase_.push_back(' ');
                phrase_.append(angle_);
                angle_.clear();
            }
        }
        in_angle_ = has_angle_ = true;
        gap_in_angle_ = false;
    }

    bool at_end_of_mailbox(std::size_t at) const {
        while (at < text_.size() && (is_space(text_[at]) || text_[at] == '>')) ++at;
        return at == text_.size() || text_[at] == ',' || text_[at] == ';' || text_[at] == '(';
    }

    // RFC 5322 section 4.4: blanks and comments around a dot or the at sign may go. Between two atoms they may not:
    // no local part and no domain has two side by side, and to join them makes somebody else's address.
    void append_in_angle(char c) {
        constexpr std::string_view joins = ".@:,";
        if (gap_in_angle_ && !angle_.empty() && joins.find(c) == std::string_view::npos &&
            joins.find(angle_.back()) == std::string_view::npos)
            angle_.push_back(' ');
        gap_in_angle_ = false;
        angle_.push_back(c);
    }

    void append(char c) {
        if (in_angle_) return append_in_angle(c);
        // Two addresses with nothing but a blank between them: the comma was forgotten.
        if (pending_blank_ && !has_angle_ && ends_an_address() && c != '@' && c != '.') next_may_follow_ = true;
        if (pending_blank_ && !phrase_.empty()) phrase_.push_back(' ');
        pending_blank_ = false;
        phrase_.push_back(c);
        if (c == '@') {
            has_at_ = true;
            last_at_ = phrase_.size();
        }
    }

    bool ends_an_address() const { return has_at_ && last_at_ < phrase_.size() && phrase_.back() != '.'; }

    void blank() { (in_angle_ ? gap_in_angle_ : pending_blank_) = true; }

    void colon() {
        if (in_angle_) {
            angle_.push_back(':');
            return;
        }
        if (has_angle_ || has_at_) {
            append(':');
            return;
        }
        // A group's name (RFC 5322 section 3.4); groups do not nest, a second name replaces the first.
        if (in_group_) note_defect(defects_, "group-in-group");
        in_group_ = true;
        clear();
    }

    // A comment or a quote that is never closed is none: else one stray character would swallow every address.
    void comment() {
        const auto from = at_;
        std::string text;
        std::size_t depth = 0;
        bool too_deep = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '(') {
                if (++depth > limits_.max_comment_depth) too_deep = true;
                if (depth == 1) continue;
            } else if (c == ')') {
                if (--depth == 0) {
                    ++at_;
                    break;
                }
            } else if (c == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
            if (depth <= limits_.max_comment_depth) text.push_back(text_[at_]);
        }
        if (depth != 0) {
            note_defect(defects_, "comment-not-closed");
            literal_parentheses_ = true;
            at_ = from;
            return;
        }
        if (too_deep) note_defect(defects_, "limit-comment-depth");
        if (in_angle_) {
            gap_in_angle_ = true;
            return;
        }
        // "rae(lab)roe@lab.example": two atoms side by side and no name before an address, so it stays as it stands.
        if (!phrase_.empty() && !pending_blank_ && is_atom_end(phrase_.back()) && at_ < text_.size() &&
            is_atom_end(text_[at_]))
            phrase_.append(text_.substr(from, at_ - from));
        else
            pending_blank_ = true;
        comment_ = std::move(text);
    }

    static bool is_atom_end(char c) {
        return !is_space(c) && std::string_view{".@:,;<>()\""}.find(c) == std::string_view::npos;
    }

    // Whether what was just read is a word of a local part: a dot or the at sign comes next, or it touches one before.
    bool is_in_local_part(bool touches) const {
        auto at = at_;
        for (std::size_t depth = 0; at < text_.size(); ++at) {
            if (text_[at] == '(')
                ++depth;
            else if (text_[at] == ')' && depth != 0)
                --depth;
            else if (depth == 0 && !is_space(text_[at]))
                break;
        }
        const bool dot_or_at_next = at < text_.size() && (text_[at] == '@' || text_[at] == '.');
        return dot_or_at_next || touches || (at_ < text_.size() && is_atom_end(text_[at_]));
    }

    void quoted() {
        const auto from = at_;
        const bool touches = !phrase_.empty() && (phrase_.back() == '.' || !pending_blank_);
        std::string text;
        bool closed = false;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                closed = true;
                break;
            }
            if (c == '\\' && at_ + 1 < text_.size()) ++at_;
            text.push_back(text_[at_]);
        }
        if (!closed) {
            note_defect(defects_, "quote-not-closed");
            literal_quotes_ = true;
            at_ = from;
            return;
        }
        if (in_angle_) {
            angle_.append("\"").append(text).append("\"");
            return;
        }
        if (pending_blank_ && !phrase_.empty()) phrase_.push_back(' ');
        pending_blank_ = false;
        // "local part"@domain without an angle keeps its quotes: without them its last word would be an address.
        if (is_in_local_part(touches)) {
            phrase_.append("\"").append(text).append("\"");
            return;
        }
        phrase_.append(text);
        has_quoted_name_ = true;
    }

    void domain_literal() {
        const auto end = text_.find(']', at_);
        const auto literal = text_.substr(at_, end == std::string_view::npos ? end : end + 1 - at_);
        at_ += literal.size();
        if (in_angle_)
            angle_.append(literal);
        else
            for (const char c : literal) append(c);
    }

    void finish() {
        if (in_angle_) note_defect(defects_, "address-malformed");
        if (has_angle_)
            add(phrase_, angle_);
        else if (has_at_)
            finish_without_angle();
        else if (!trim(phrase_).empty())
            finish_without_at();
        clear();
    }

    void finish_without_at() {
        // A name alone, or the name of a local user: shown as it stands, and no address.
        note_defect(defects_, "address-without-domain");
        add(phrase_, "");
    }

    void finish_without_angle() {
        if (!next_may_follow_) {
            add_bare(phrase_);
            return;
        }
        note_defect(defects_, "address-malformed");
        std::string waiting;
        for (const auto word : words(phrase_)) {
            if (word.find('@') == std::string_view::npos) {
                waiting.append(waiting.empty() ? "" : " ").append(word);
            } else {
                add(waiting, word);
                waiting.clear();
            }
        }
    }

    // "john . doe @ example . com": blanks around dots and the at sign go; "John Q. Doe jd@example.com" keeps a name.
    // What stands before a name's last blank is never made part of the address.
    void add_bare(std::string_view text) {
        const auto local_ends = text.rfind('@');
        const bool has_name = has_quoted_name_ || has_two_atoms_side_by_side(text.substr(0, local_ends));
        std::string tight;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != ' ') {
                tight.push_back(text[i]);
                continue;
            }
            const bool after_at = !tight.empty() && tight.back() == '@';
            const bool before_at = i + 1 < text.size() && text[i + 1] == '@';
            const bool after_dot = !tight.empty() && tight.back() == '.';
            const bool before_dot = i + 1 < text.size() && text[i + 1] == '.';
            const bool of_a_name = has_name && i < local_ends;
            // "John jo . doe@example.com", "Dr. doe@example.com": what is the name and what is hers, nobody can say.
            if (i < local_ends && (has_name ? before_dot : after_dot && (i < 2 || text[i - 2] != ' ')))
                return add("", text);
            if (!after_at && !before_at && (of_a_name || (!after_dot && !before_dot))) tight.push_back(' ');
        }
        const auto blank = tight.front() == '"' ? std::string::npos : tight.rfind(' ');
        if (blank == std::string::npos)
            add("", tight);
        else
            add(std::string_view{tight}.substr(0, blank), std::string_view{tight}.substr(blank + 1));
    }

    static bool has_two_atoms_side_by_side(std::string_view text) {
        for (std::size_t i = 1; i + 1 < text.size(); ++i)
            if (text[i] == ' ' && is_atom_end(text[i - 1]) && is_atom_end(text[i + 1])) return true;
        return false;
    }

    void add(std::string_view name, std::string_view address) {
        // RFC 5322 section 4.4: an obsolete route says nothing about whose mailbox it is.
        if (address.starts_with('@'))
            if (const auto colon = address.find(':'); colon != std::string_view::npos) address.remove_prefix(colon + 1);
        if (starts_ignoring_case(address, "mailto:")) address.remove_prefix(7);
        if (mailboxes_.size() >= limits_.max_mailboxes) {
            note_defect(defects_, "limit-addresses");
            full_ = true;
            return;
        }
        Mailbox mailbox;
        const auto shown = trim(name).empty() ? std::string_view{comment_} : name;
        mailbox.name = for_one_line(decode_encoded_words(shown, words_in_a_name, defects_));
        mailbox.address = for_one_line(
            with_controls_shown(is_ascii(address) ? std::string{address} : to_utf8(address, {}, defects_)));
        if (mailbox.address.empty() && mailbox.name.empty()) return;
        mailboxes_.push_back(std::move(mailbox));
    }

    // A character that people are not shown must not go without a trace: what stands around it would be joined.
    static std::string with_controls_shown(const std::string& address) {
        if (for_people(address) == address) return address;
        std::string shown;
        for (std::size_t at = 0; at < address.size();) {
            const auto from = at;
            next_code_point(address, at);
            const auto one = for_people(std::string_view{address}.substr(from, at - from));
            shown.append(one.empty() ? "\uFFFD" : one);
        }
        return shown;
    }

    void clear() {
        phrase_.clear();
        angle_.clear();
        comment_.clear();
        in_angle_ = has_angle_ = has_at_ = pending_blank_ = next_may_follow_ = false;
        gap_in_angle_ = has_quoted_name_ = false;
        last_at_ = 0;
    }

    std::string_view text_;
    const AddressLimits& limits_;
    std::vector<std::string>& defects_;
    std::vector<Mailbox> mailboxes_;
    std::string phrase_;
    std::string angle_;
    std::string comment_;
    std::size_t at_ = 0;
    std::size_t last_at_ = 0;
    bool in_angle_ = false;
    bool has_angle_ = false;
    bool has_at_ = false;
    bool gap_in_angle_ = false;
    bool has_quoted_name_ = false;
    bool in_group_ = false;
    bool pending_blank_ = false;
    bool next_may_follow_ = false;
    bool literal_parentheses_ = false;
    bool literal_quotes_ = false;
    bool full_ = false;
};

}  // namespace

std::vector<Mailbox> read_address_list(std::string_view field_value, const AddressLimits& limits,
                                       std::vector<std::string>& defects) {
    const std::string text = unfold(field_value);
    return AddressListReader{text, limits, defects}.read();
}

}  // namespace tocsin::mail
