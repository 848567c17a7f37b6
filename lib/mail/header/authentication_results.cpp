#include "mail/header/authentication_results.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "mail/header/unfold.hpp"

namespace tocsin::mail {

namespace {

constexpr std::size_t most_results = 20;  // fields of one mail
constexpr std::size_t most_methods = 32;
constexpr std::size_t most_properties = 16;
constexpr std::size_t most_received = 100;
constexpr std::size_t longest_field = 16u << 10;

// One field from its beginning to its end, comments skipped wherever the grammar lets them stand.
class AuthresScan {
public:
    explicit AuthresScan(std::string_view text) : text_{text} {}

    bool done() const { return at_ >= text_.size(); }
    char peek() const { return done() ? '\0' : text_[at_]; }
    bool take(char c) {
        if (peek() != c || done()) return false;
        ++at_;
        return true;
    }
    std::size_t mark() const { return at_; }
    void back_to(std::size_t mark) { at_ = mark; }

    // RFC 5322 section 3.2.2: comments nest and quote. False where one is not closed.
    bool skip_cfws() {
        std::size_t depth = 0;
        for (; !done(); ++at_) {
            const char c = text_[at_];
            if (c == '(') {
                ++depth;
            } else if (depth == 0) {
                if (!is_space(c)) return true;
            } else if (c == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            } else if (c == ')') {
                --depth;
            }
        }
        return depth == 0;
    }

    // RFC 5321's Keyword and what methods are called in practice.
    std::string keyword() {
        const std::size_t begin = at_;
        while (!done() && (is_letter(peek()) || is_digit(peek()) || peek() == '-' || peek() == '_')) ++at_;
        return lower(text_.substr(begin, at_ - begin));
    }

    // A token, a quoted string, or an address: `"a b"@example.org`.
    std::string value() {
        std::string words;
        while (!done()) {
            const char c = peek();
            if (c == '"') {
                quoted(words);
            } else if (is_space(c) || c == ';' || c == '(' || c == ')') {
                break;
            } else {
                words += c;
                ++at_;
            }
        }
        return words;
    }

    // To the next ';' that stands in no comment and in no quoted string.
    void skip_result() {
        std::string ignored;
        while (!done() && peek() != ';') {
            if (peek() == '(')
                skip_cfws();
            else if (peek() == '"')
                quoted(ignored);
            else
                ++at_;
        }
    }

private:
    void quoted(std::string& words) {
        for (++at_; !done() && peek() != '"'; ++at_) {
            if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
            words += peek();
        }
        if (!done()) ++at_;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// reasonspec or propspec (RFC 8601 section 2.2); false where neither stands there.
bool read_statement(AuthresScan& scan, AuthenticationMethod& method) {
    std::string type = scan.keyword();
    if (type.empty() || !scan.skip_cfws()) return false;
    std::string name;
    if (scan.take('.')) {
        if (!scan.skip_cfws()) return false;
        name = scan.keyword();
        if (name.empty() || !scan.skip_cfws()) return false;
    } else if (type != "reason") {
        return false;
    }
    if (!scan.take('=') || !scan.skip_cfws()) return false;
    std::string value = scan.value();
    if (name.empty())
        method.reason = std::move(value);
    else if (method.properties.size() < most_properties)
        method.properties.push_back({std::move(type), std::move(name), std::move(value)});
    return true;
}

// resinfo without its ';'. A statement that cannot be read leaves what stood before it.
bool read_method(AuthresScan& scan, AuthenticationResults& results) {
    AuthenticationMethod method;
    if (!scan.skip_cfws()) return false;
    method.method = scan.keyword();
    if (method.method.empty() || !scan.skip_cfws()) return false;
    if (method.method == "none" && (scan.done() || scan.peek() == ';')) return true;
    if (scan.take('/')) {
        if (!scan.skip_cfws()) return false;
        method.version = scan.keyword();
        if (!scan.skip_cfws()) return false;
    }
    if (!scan.take('=') || !scan.skip_cfws()) return false;
    method.result = scan.keyword();
    if (method.result.empty()) return false;
    bool whole = scan.skip_cfws();
    while (whole && !scan.done() && scan.peek() != ';') whole = read_statement(scan, method) && scan.skip_cfws();
    if (results.methods.size() < most_methods)
        results.methods.push_back(std::move(method));
    else
        whole = false;
    return whole;
}

ReceivedPlace read_received(std::size_t place, std::string_view field_value) {
    ReceivedPlace received{.place = place, .by = {}};
    const std::string text = unfold(field_value.substr(0, longest_field));
    AuthresScan scan{text};
    bool knows_by = false;
    while (scan.skip_cfws() && !scan.done()) {
        const std::string word = scan.value();
        if (word.empty()) {
            // RFC 5321 section 4.4: the clauses end where the date begins.
            if (scan.peek() == ';') break;
            scan.take(scan.peek());
        } else if (!knows_by && equal_ignoring_case(word, "by")) {
            knows_by = true;
            if (scan.skip_cfws()) received.by = lower(scan.value());
        } else if (knows_by && equal_ignoring_case(word, "with")) {
            // RFC 3848: LMTP, LMTPA, LMTPS, LMTPSA.
            if (scan.skip_cfws()) received.local = starts_ignoring_case(scan.value(), "lmtp");
            break;
        }
    }
    return received;
}

// `signer` stands for mail of `author`: it is that domain or one above it. Organisational domains (RFC 7489
// section 3.2) would let a neighbour under a public suffix in, where the list of those is not at hand.
bool stands_for(std::string_view signer, std::string_view author) {
    if (signer.find('.') == std::string_view::npos) return false;
    if (equal_ignoring_case(signer, author)) return true;
    return author.size() > signer.size() && author[author.size() - signer.size() - 1] == '.' &&
           equal_ignoring_case(author.substr(author.size() - signer.size()), signer);
}

std::string_view domain_in(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? address : address.substr(at + 1);
}

}  // namespace

std::string_view AuthenticationMethod::property(std::string_view type, std::string_view name) const {
    for (const AuthenticationProperty& property : properties)
        if (property.type == type && property.name == name) return property.value;
    return {};
}

AuthenticationResults read_authentication_results(std::string_view field_value) {
    AuthenticationResults results;
    results.well_formed = field_value.size() <= longest_field;
    const std::string text = unfold(field_value.substr(0, longest_field));
    AuthresScan scan{text};
    if (!scan.skip_cfws()) {
        results.well_formed = false;
        return results;
    }
    const std::size_t begin = scan.mark();
    results.authserv_id = scan.value();
    bool whole = scan.skip_cfws();
    if (results.authserv_id.empty() || results.authserv_id.find('=') != std::string::npos || scan.peek() == '=') {
        // Some servers write no id at all: results begin at once.
        results.authserv_id.clear();
        results.well_formed = false;
        scan.back_to(begin);
        if (!read_method(scan, results)) scan.skip_result();
    } else if (is_digit(scan.peek())) {
        results.version = scan.keyword();
        whole = scan.skip_cfws() && whole;
    }
    if (!whole || (!scan.done() && scan.peek() != ';')) {
        results.well_formed = false;
        scan.skip_result();
    }
    while (scan.take(';')) {
        if (!scan.skip_cfws()) results.well_formed = false;
        if (scan.done()) break;  // a last ';' is common
        if (read_method(scan, results)) continue;
        results.well_formed = false;
        scan.skip_result();
    }
    return results;
}

AuthenticationClaims read_authentication_claims(const Header& header) {
    AuthenticationClaims claims;
    const std::vector<Field>& fields = header.fields();
    for (std::size_t place = 0; place < fields.size(); ++place) {
        if (equal_ignoring_case(fields[place].name, "authentication-results")) {
            if (claims.results.size() == most_results) continue;
            claims.results.push_back(read_authentication_results(fields[place].value));
            claims.results.back().place = place;
        } else if (equal_ignoring_case(fields[place].name, "received") && claims.received.size() < most_received) {
            claims.received.push_back(read_received(place, fields[place].value));
        }
    }
    return claims;
}

std::optional<AuthenticationResults> believed(const AuthenticationClaims& claims, std::string_view authserv_id) {
    const auto is_ours = [&](const AuthenticationResults& results) {
        return equal_ignoring_case(results.authserv_id, authserv_id);
    };
    if (authserv_id.empty() || claims.results.empty() || claims.results.size() == most_results) return std::nullopt;
    const auto names_us = [&](const ReceivedPlace& received) { return equal_ignoring_case(received.by, authserv_id); };
    // What delivered the mail into its mailbox wrote on top of all: nobody outside speaks to that by LMTP, and whoever
    // handed it over wrote the next one.
    const auto taken_in = std::ranges::find_if_not(claims.received, &ReceivedPlace::local);
    // Section 7.1: what stands below the Received field of our server came with the mail. Where our server delivered
    // it itself, one further down with its name may be anybody's.
    auto border = std::find_if(taken_in, claims.received.end(), names_us);
    if (border == claims.received.end() || std::any_of(claims.received.begin(), taken_in, names_us)) border = taken_in;
    const AuthenticationResults& topmost = claims.results.front();
    // RFC 8601 section 5: our server removes what others wrote under its id. Where two stand, it did not.
    if (!is_ours(topmost) || std::ranges::count_if(claims.results, is_ours) != 1) return std::nullopt;
    if (!topmost.well_formed || (!topmost.version.empty() && topmost.version != "1")) return std::nullopt;
    const bool came_with_the_mail = border != claims.received.end() && topmost.place > border->place;
    return came_with_the_mail ? std::nullopt : std::optional{topmost};
}

DomainVerdict verdict_on(const AuthenticationResults& results, std::string_view author_domain) {
    DomainVerdict verdict;
    if (author_domain.empty()) return verdict;
    for (const AuthenticationMethod& method : results.methods) {
        if (method.method == "dmarc") {
            // Made for another domain it says nothing of this one. The worst of several counts.
            if (!equal_ignoring_case(domain_in(method.property("header", "from")), author_domain)) continue;
            if (verdict.dmarc.empty() || verdict.dmarc == "pass") verdict.dmarc = method.result;
        } else if (method.method == "dkim") {
            std::string_view signer = method.property("header", "d");
            if (signer.empty()) signer = domain_in(method.property("header", "i"));
            // Of many signatures one that holds is enough (RFC 6376 section 6.1).
            if (verdict.dkim != "pass" && stands_for(signer, author_domain)) verdict.dkim = method.result;
        } else if (method.method == "spf") {
            if (verdict.spf.empty()) verdict.spf = method.result;
        }
    }
    return verdict;
}

}  // namespace tocsin::mail
