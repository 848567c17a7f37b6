#include "mail/automatic/signs.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tocsin::mail {

namespace {

constexpr std::size_t most_hops = 50;  // Postfix bounces a mail at 50

// A structured value without comments and parameters, in lower case ("Auto-Replied (vacation)" → "auto-replied").
std::string bare_value(std::string_view value) {
    std::string bare;
    std::size_t depth = 0;
    for (const char c : value) {
        if (c == '(')
            ++depth;
        else if (c == ')' && depth > 0)
            --depth;
        else if (depth == 0 && c == ';')
            break;
        else if (depth == 0)
            bare += ascii_lower(c);
    }
    return std::string{trim(bare)};
}

std::string_view domain_part(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

// An address under `domain` or the other way round: lists and hosts of one house send for each other.
bool is_of_one_house(std::string_view a, std::string_view b) {
    if (equal_ignoring_case(a, b)) return true;
    const auto lies_below = [](std::string_view below, std::string_view above) {
        return below.size() > above.size() && below[below.size() - above.size() - 1] == '.' &&
               equal_ignoring_case(below.substr(below.size() - above.size()), above);
    };
    return lies_below(a, b) || lies_below(b, a);
}

// RFC 2919 section 2: the identifier stands in the last angle brackets, after words for people.
bool is_list(std::string_view value, std::string_view list_id) {
    const std::size_t begin = value.rfind('<');
    const std::size_t end = value.rfind('>');
    if (begin != std::string_view::npos && end != std::string_view::npos && begin < end)
        value = value.substr(begin + 1, end - begin - 1);
    return equal_ignoring_case(trim(value), list_id);
}

// RFC 5546 section 1.4: all methods but those with which somebody invites or publishes.
bool follows_an_invitation(std::string_view method) {
    static constexpr std::string_view followers[] = {"reply", "counter", "declinecounter", "cancel", "refresh"};
    return std::ranges::any_of(followers, [&](std::string_view one) { return equal_ignoring_case(method, one); });
}

class SignReader {
public:
    SignReader(const Message& message, const Reading& reading, const std::optional<DeliveryStatus>& delivery,
               const SignOptions& options)
        : message_{message}, reading_{reading}, delivery_{delivery}, options_{options} {}

    std::vector<std::string> read() {
        through_our_list_ = came_through(reading_, options_.via_list);
        read_auto_submitted();
        read_structure();
        read_trace();
        read_people();
        // What another list handed to ours is that list's mail all the same.
        const auto is_of_another = [&](std::string_view id) { return !is_list(id, options_.via_list); };
        if (through_our_list_ && std::ranges::none_of(reading_.header_values("list-id"), is_of_another))
            add("our-list");
        return std::move(signs_);
    }

private:
    void add(std::string_view sign) {
        if (std::ranges::find(signs_, sign) == signs_.end()) signs_.emplace_back(sign);
    }

    // RFC 3834 section 5. Every instance counts: a second one must not hide behind a harmless first.
    void read_auto_submitted() {
        for (const std::string_view value : reading_.header_values("auto-submitted")) {
            const std::string bare = bare_value(value);
            if (bare == "auto-replied" || bare == "auto-notified")
                add("auto-replied");
            else if (!bare.empty() && bare != "no" && bare != "false")
                add("auto-generated");
        }
    }

    void read_structure() {
        for (const Entity& entity : message_.entities) {
            const MediaType& type = entity.media_type;
            const bool outermost = entity.depth <= 1;
            if (outermost && type.is("text/vnd.google.email-reaction+json")) add("reaction");
            // RFC 6047 section 2.4: an invitation is a person's, what follows it a button's (RFC 5546 section 1.4).
            if (entity.depth <= 2 && type.is("text/calendar"))
                if (const auto method = type.parameter("method"); method && follows_an_invitation(*method))
                    add("calendar-answer");
            if (!outermost || type.type != "message") continue;
            for (const std::string_view report :
                 {"delivery-status", "global-delivery-status", "disposition-notification",
                  "global-disposition-notification", "feedback-report"})
                if (type.subtype == report) add("delivery-report");
        }
        // RFC 6522; a report without its machine-readable part is common.
        if (message_.root().media_type.is("multipart/report")) add("delivery-report");
        if (delivery_ && delivery_->report != DeliveryReport::Away && comes_from_a_mail_system()) add("returned-mail");
    }

    bool is_from_the_null_sender() const {
        return std::ranges::any_of(reading_.header_values("return-path"),
                                   [](std::string_view value) { return trim(value) == "<>"; });
    }

    // Words about a delivery prove nothing: people report weaknesses of mail systems.
    bool comes_from_a_mail_system() const {
        if (is_from_the_null_sender() || !reading_.header_values("x-failed-recipients").empty()) return true;
        return std::ranges::any_of(reading_.from, [](const Mailbox& from) {
            const std::string name = lower(from.address.empty() ? from.name : from.address);
            for (const std::string_view daemon :
                 {"mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "post_master", "mdaemon",
                  "mmdf", "mail-delivery", "mail delivery", "uucp", "mailer@", "bounce", "no-reply@sns."})
                if (name.starts_with(daemon)) return true;
            return false;
        });
    }

    void read_trace() {
        if (is_from_the_null_sender()) add("null-sender");
        if (reading_.header_values("return-path").empty()) add("no-return-path");
        if (reading_.header_values("received").size() > most_hops) add("many-hops");
    }

    void read_people() {
        if (reading_.from.size() > 1 || reading_.header_values("from").size() > 1) add("several-authors");
        if (reading_.sender && reading_.from.size() == 1 && !through_our_list_) {
            const std::string_view author = domain_part(reading_.from.front().address);
            const std::string_view sender = domain_part(reading_.sender->address);
            if (!author.empty() && !sender.empty() && !is_of_one_house(author, sender)) add("other-sender");
        }
        const auto to_us = [&](const Mailbox& to) {
            return std::ranges::find(options_.addresses, without_detail(to.address)) != options_.addresses.end();
        };
        if (!options_.addresses.empty() && !through_our_list_ && std::ranges::none_of(reading_.to, to_us) &&
            std::ranges::none_of(reading_.cc, to_us))
            add("not-to-us");
    }

    const Message& message_;
    const Reading& reading_;
    const std::optional<DeliveryStatus>& delivery_;
    const SignOptions& options_;
    bool through_our_list_ = false;
    std::vector<std::string> signs_;
};

}  // namespace

std::string without_detail(std::string_view address) {
    const std::size_t at = address.rfind('@');
    const std::size_t plus = address.find('+');
    if (at == std::string_view::npos || plus == std::string_view::npos || plus > at || plus == 0) return lower(address);
    return lower(address.substr(0, plus)) + lower(address.substr(at));
}

bool came_through(const Reading& reading, std::string_view list_id) {
    if (list_id.empty()) return false;
    return std::ranges::any_of(reading.header_values("list-id"),
                               [&](std::string_view id) { return is_list(id, list_id); });
}

std::vector<std::string> read_signs(const Message& message, const Reading& reading,
                                    const std::optional<DeliveryStatus>& delivery, const SignOptions& options) {
    return SignReader{message, reading, delivery, options}.read();
}

}  // namespace tocsin::mail
