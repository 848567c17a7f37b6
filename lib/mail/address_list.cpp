#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/address.hpp"
#include "mail/charset.hpp"
#include "mail/defects.hpp"
#include "mail/encoded_words.hpp"
#include "mail/unfold.hpp"

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
                if (has_angle_) note_defect(defects_, "address-malformed");
                in_angle_ = has_angle_ = true;
                break;
            case '>':
                if (!in_angle_) note_defect(defects_, "address-malformed");
                in_angle_ = false;
                break;
            case ',':
                // A comma inside the angle belongs to an obsolete route ("<@a,@b:c@d>", RFC 5322 section 4.4),
                // else the ">" was forgotten.
                if (in_angle_ && !angle_.empty() && angle_.front() == '@')
                    angle_.push_back(c);
                else
                    finish();
                break;
            case ';':
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

    void append(char c) {
        if (in_angle_) {
            angle_.push_back(c);
            return;
        }
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

    void blank() {
        if (in_angle_) return;  // RFC 5322 section 4.4: blanks around dots and the at sign mean nothing
        pending_blank_ = true;
    }

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
        if (!in_angle_) {
            comment_ = std::move(text);
            pending_blank_ = true;
        }
    }

    void quoted() {
        const auto from = at_;
        const bool at_start = in_angle_ ? angle_.empty() : phrase_.empty();
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
        // "local part"@domain without an angle
        if (at_start && at_ < text_.size() && text_[at_] == '@') {
            phrase_.append("\"").append(text).append("\"");
            return;
        }
        if (pending_blank_ && !phrase_.empty()) phrase_.push_back(' ');
        pending_blank_ = false;
        phrase_.append(text);
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

    // "john . doe @ example . com": blanks around dots and the at sign go; "John Doe jd@example.com" keeps a name.
    void add_bare(std::string_view text) {
        std::string tight;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != ' ') {
                tight.push_back(text[i]);
                continue;
            }
            const bool before = !tight.empty() && (tight.back() == '.' || tight.back() == '@');
            const bool after = i + 1 < text.size() && (text[i + 1] == '.' || text[i + 1] == '@');
            if (!before && !after) tight.push_back(' ');
        }
        const auto blank = tight.front() == '"' ? std::string::npos : tight.rfind(' ');
        if (blank == std::string::npos)
            add("", tight);
        else
            add(std::string_view{tight}.substr(0, blank), std::string_view{tight}.substr(blank + 1));
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
        mailbox.address = for_one_line(is_ascii(address) ? std::string{address} : to_utf8(address, {}, defects_));
        if (mailbox.address.empty() && mailbox.name.empty()) return;
        mailboxes_.push_back(std::move(mailbox));
    }

    void clear() {
        phrase_.clear();
        angle_.clear();
        comment_.clear();
        in_angle_ = has_angle_ = has_at_ = pending_blank_ = next_may_follow_ = false;
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
