#include "mail/structure/body_parts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

bool is_text_to_show(const Entity& entity) {
    return entity.media_type.is("text/plain") || entity.media_type.is("text/html") ||
           entity.media_type.is("text/markdown") || entity.media_type.is("text/enriched");
}

// A multipart that is none: no part was found in it, so its body is shown as it stands.
bool is_hollow_multipart(const Entity& entity) {
    return entity.media_type.type == "multipart" && entity.children.empty() && !entity.opaque;
}

class PartSelection {
public:
    explicit PartSelection(const Message& message) : message_{message}, kind_(message.entities.size(), Kind::Unseen) {}

    BodyParts select() {
        // Entities stand in the order of the mail, so a parent is always decided on before its children.
        for (std::size_t i = 0; i < message_.entities.size(); ++i) classify(i);
        choose_in_alternatives();
        BodyParts parts;
        for (std::size_t i = 0; i < message_.entities.size(); ++i) {
            if (kind_[i] == Kind::Text) parts.text.push_back(i);
            if (kind_[i] == Kind::File) parts.files.push_back(i);
        }
        if (parts.text.empty()) add_text_of_messages(parts);
        return parts;
    }

private:
    enum class Kind { Unseen, Container, Text, File, Protocol, Inner, NotChosen };

    const Entity& entity(std::size_t i) const { return message_.entities[i]; }

    void classify(std::size_t i) {
        const auto& e = entity(i);
        if (e.parent &&
            (kind_[*e.parent] == Kind::File || kind_[*e.parent] == Kind::Inner || kind_[*e.parent] == Kind::Protocol)) {
            kind_[i] = Kind::Inner;
        } else if (e.parent && is_protocol_part(i)) {
            kind_[i] = Kind::Protocol;
        } else if (e.media_type.type == "multipart" && !e.children.empty()) {
            kind_[i] = Kind::Container;
        } else if (e.media_type.type == "message" && !e.parent && !e.children.empty()) {
            kind_[i] = Kind::File;
        } else if (is_inline_text(i)) {
            kind_[i] = Kind::Text;
        } else {
            kind_[i] = e.body.begin == e.body.end && is_text_to_show(e) ? Kind::NotChosen : Kind::File;
        }
    }

    // RFC 1847: what proves or hides the rest is nothing to read.
    bool is_protocol_part(std::size_t i) const {
        const auto& parent = entity(*entity(i).parent);
        const bool first = parent.children.front() == i;
        if (parent.media_type.is("multipart/encrypted")) return true;
        // The protected header once more, for clients that do not know it (draft-autocrypt-lamps-protected-headers).
        if (first && entity(i).media_type.is("text/rfc822-headers") &&
            parent.media_type.parameter("protected-headers") && entity(i).media_type.parameter("protected-headers"))
            return true;
        return parent.media_type.is("multipart/signed") && !first && entity(i).media_type.type == "application";
    }

    bool is_inline_text(std::size_t i) const {
        const auto& e = entity(i);
        if (is_hollow_multipart(e)) return true;
        if (!is_text_to_show(e) || e.disposition == "attachment") return false;
        if (!e.parent || entity(*e.parent).media_type.type != "multipart") return true;
        const auto& parent = entity(*e.parent);
        if (parent.children.front() == i) return true;
        return !parent.media_type.is("multipart/related") && e.file_name.empty();
    }

    bool is_html(std::size_t i) const { return entity(i).media_type.is("text/html"); }

    // "=20", "DQo=", a blank that does not break: some programs write this where they mean that the HTML says it all.
    bool is_blank_text(std::size_t i, bool beside_html) const {
        constexpr std::size_t most_blanks = 2'048;
        const auto decoded = decode_body(message_, entity(i), most_blanks);
        if (decoded.cut) return false;
        std::vector<std::string> defects;  // they are noted where the text is read
        const auto charset = entity(i).media_type.parameter("charset").value_or("");
        const std::string text = to_utf8(decoded.bytes, charset, defects);
        for (std::size_t at = 0; at < text.size();) {
            const char32_t c = next_code_point(text, at);
            const bool blank = c <= ' ' || c == 0xA0 || c == 0xAD || c == 0x200B || c == 0x200C || c == 0x200D ||
                               c == 0x2060 || c == 0xFEFF || c == 0x3000;
            if (!blank) return beside_html && says_only_to_look_at_the_html(text);
        }
        return true;
    }

    // "This message requires an HTML viewer.", beside which the HTML says it all.
    static bool says_only_to_look_at_the_html(std::string_view text) {
        constexpr std::size_t longest = 300;
        constexpr std::string_view looking[] = {"view",   "client",   "support", "enable",   "display", "program",
                                                "anzeig", "darstell", "affich",  "visualiz", "lecteur", "lector"};
        if (text.size() > longest) return false;
        const std::string low = lower(text);
        return low.find("html") != std::string::npos &&
               std::ranges::any_of(looking, [&](auto word) { return low.find(word) != std::string::npos; });
    }

    // The outermost multipart/alternative above, if any.
    std::optional<std::size_t> alternative_above(std::size_t i) const {
        std::optional<std::size_t> found;
        for (auto at = entity(i).parent; at; at = entity(*at).parent)
            if (entity(*at).media_type.is("multipart/alternative")) found = at;
        return found;
    }

    void choose_in_alternatives() {
        std::vector<bool> has_plain(message_.entities.size(), false), has_html(message_.entities.size(), false);
        for (std::size_t i = 0; i < message_.entities.size(); ++i)
            if (kind_[i] == Kind::Text && is_html(i))
                if (const auto above = alternative_above(i)) has_html[*above] = true;
        for (std::size_t i = 0; i < message_.entities.size(); ++i)
            if (kind_[i] == Kind::Text && !is_html(i))
                if (const auto above = alternative_above(i); above && !has_plain[*above])
                    has_plain[*above] = !is_blank_text(i, has_html[*above]);
        for (std::size_t i = 0; i < message_.entities.size(); ++i) {
            if (kind_[i] != Kind::Text) continue;
            const auto above = alternative_above(i);
            if (!above) continue;
            if (is_html(i) ? has_plain[*above] : !has_plain[*above]) kind_[i] = Kind::NotChosen;
        }
    }

    // A forward without a word of its own: what a person reads is the mail inside.
    void add_text_of_messages(BodyParts& parts) {
        for (std::size_t i = 0; i < message_.entities.size(); ++i)
            if (kind_[i] == Kind::Inner && is_text_to_show(entity(i)) && entity(i).disposition != "attachment" &&
                entity(i).file_name.empty())
                kind_[i] = Kind::Text;
        choose_in_alternatives();
        for (std::size_t i = 0; i < message_.entities.size(); ++i)
            if (kind_[i] == Kind::Text) parts.text.push_back(i);
    }

    const Message& message_;
    std::vector<Kind> kind_;
};

}  // namespace

BodyParts body_parts(const Message& message) { return PartSelection{message}.select(); }

}  // namespace tocsin::mail
