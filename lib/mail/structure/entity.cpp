#include "mail/structure/entity.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "mail/defects.hpp"
#include "mail/header/header_scan.hpp"
#include "mail/header/mime_fields.hpp"
#include "mail/structure/lines.hpp"
#include "mail/structure/transfer_encoding.hpp"

namespace tocsin::mail {
namespace {

// A multipart whose delimiters are looked for. Its parts are siblings; an inner one is above it on the stack.
struct OpenMultipart {
    std::size_t entity;
    std::vector<std::string> boundaries;  // more than one where the mail names several
    bool may_guess = false;               // it names none
    bool ended = false;                   // its closing delimiter was seen
};

// The boundary of an inner multipart that was not closed, and the multipart whose delimiter ended it.
struct CutOff {
    std::string boundary;
    std::size_t level;  // on the stack of open multiparts
};
constexpr std::size_t most_cut_off = 8;

enum class Delimiter { None, Part, End };

struct DelimiterFound {
    Delimiter kind = Delimiter::None;
    std::size_t level = 0;  // on the stack of open multiparts
};

bool is_message_type(const MediaType& type) {
    return type.type == "message" && (type.subtype == "rfc822" || type.subtype == "global" || type.subtype == "news");
}

// Goes over the lines once. What is open at any time is a path from the root down: `current_` is its end, and
// `multiparts_` are those on it that have delimiters.
class EntityScanner {
public:
    EntityScanner(std::string_view bytes, const ParseLimits& limits) : limits_{limits}, lines_{bytes} {
        message_.bytes = bytes;
    }

    Message scan() {
        // What a text editor put in front of a mail that somebody saved.
        if (bytes().starts_with("\xEF\xBB\xBF")) {
            defect("byte-order-mark");
            lines_.skip_to(3);
        }
        skip_mbox_line();
        begin_entity(std::nullopt, lines_.position(), true);
        if (lines_.bare_cr()) defect("bare-cr");
        while (true) {
            if (in_header_) {
                if (!scan_header()) break;
            } else if (multiparts_.empty() || !scan_body()) {
                break;
            }
        }
        finish();
        return std::move(message_);
    }

private:
    std::string_view bytes() const { return message_.bytes; }
    void defect(std::string_view name) { note_defect(message_.defects, name); }
    Entity& current() { return message_.entities[current_]; }

    // "From alice@example.org Mon Jan 1 ..." is mbox, not RFC 5322.
    void skip_mbox_line() {
        const auto line = lines_.peek();
        const auto text = line.of(bytes());
        if (!text.starts_with("From ") && !text.starts_with(">From ")) return;
        if (const auto length = field_name_length(text); length != 0) return;
        defect("mbox-line");
        lines_.skip_to(line.next);
    }

    void begin_entity(std::optional<std::size_t> parent, std::size_t at, bool is_message) {
        Entity entity;
        entity.header = entity.body = {at, at};
        entity.parent = parent;
        entity.depth = parent ? message_.entities[*parent].depth + 1 : 0;
        current_ = message_.entities.size();
        if (parent) message_.entities[*parent].children.push_back(current_);
        message_.entities.push_back(std::move(entity));
        header_.emplace(bytes(), limits_, message_.defects, is_message);
        in_header_ = true;
    }

    // Reads the header of the current entity; false at the end of the bytes.
    bool scan_header() {
        Line line;
        while (lines_.next(line)) {
            if (const auto delimiter = delimiter_in(line); delimiter.kind != Delimiter::None) {
                const auto end = before_line_end(line.begin);
                end_header(end, end);
                defect("part-without-body");
                drop_empty_part();
                cross(delimiter, line);
                return true;
            }
            switch (header_->take(line, lines_)) {
                case HeaderScan::Step::More:
                    break;
                case HeaderScan::Step::EndsWith:
                    end_header(line.begin, line.next);
                    return true;
                case HeaderScan::Step::EndsBefore:
                    lines_.skip_to(line.begin);
                    end_header(line.begin, line.begin);
                    return true;
            }
        }
        end_header(bytes().size(), bytes().size());
        return false;
    }

    // A part that was cut off before its body has nothing to show; the header of a message has.
    void drop_empty_part() {
        const auto parent = current().parent;
        if (!parent || message_.entities[*parent].media_type.type != "multipart") return;
        message_.entities[*parent].children.pop_back();
        message_.entities.pop_back();
        current_ = *parent;
    }

    void end_header(std::size_t header_end, std::size_t body_begin) {
        in_header_ = false;
        auto& entity = current();
        entity.header.end = std::max(header_end, entity.header.begin);
        entity.body.begin = std::max(body_begin, entity.header.end);
        entity.body.end = bytes().size();
        entity.fields = header_->finish();
        read_mime_fields(entity, default_type(entity), limits_, message_.defects);
        if (lines_.position() == body_begin && !lines_.done()) open_body();
    }

    // RFC 2046 section 5.1.5: in a digest a part is a message unless it says otherwise.
    MediaType default_type(const Entity& entity) const {
        const bool in_digest = entity.parent && message_.entities[*entity.parent].media_type.is("multipart/digest");
        return in_digest ? MediaType{"message", "rfc822", {}} : MediaType{};
    }

    // Decides what the body of the current entity is looked into as.
    void open_body() {
        auto& entity = current();
        const bool multipart = entity.media_type.type == "multipart";
        const bool message = is_message_type(entity.media_type);
        if (!multipart && !message) {
            if (entity.media_type.type == "message") entity.opaque = true;  // partial, external-body, reports
            return;
        }
        bool known = true;
        if (transfer_encoding_named(entity.transfer_encoding, known) != TransferEncoding::Identity) {
            // RFC 2045 section 6.4 forbids it. A multipart is written in the clear all the same; a message is not.
            defect(multipart ? "encoded-multipart" : "encoded-message");
            if (message) {
                entity.opaque = true;
                return;
            }
        }
        if (entity.depth + 1 >= limits_.max_depth) {
            defect("limit-depth");
            entity.opaque = true;
        } else if (message && message_depth() >= limits_.max_message_depth) {
            defect("limit-message-depth");
            entity.opaque = true;
        } else if (message) {
            open_message();
        } else {
            open_multipart();
        }
    }

    std::size_t message_depth() const {
        std::size_t depth = 0;
        for (auto at = message_.entities[current_].parent; at; at = message_.entities[*at].parent)
            if (is_message_type(message_.entities[*at].media_type)) ++depth;
        return depth;
    }

    void open_message() {
        if (!may_begin_another()) {
            current().opaque = true;
            return;
        }
        const auto parent = current_;
        skip_mbox_line();
        begin_entity(parent, lines_.position(), true);
    }

    void open_multipart() {
        auto boundaries = boundaries_of(current().media_type, limits_, message_.defects);
        if (!boundaries) {
            current().opaque = true;
            return;
        }
        const bool may_guess = boundaries->empty();
        multiparts_.push_back({current_, std::move(*boundaries), may_guess, false});
    }

    // Looks for the next delimiter of anything open; false at the end of the bytes.
    bool scan_body() {
        Line line;
        while (lines_.next(line)) {
            const auto delimiter = delimiter_in(line);
            if (delimiter.kind == Delimiter::None) continue;
            cross(delimiter, line);
            return true;
        }
        return false;
    }

    DelimiterFound delimiter_in(const Line& line) {
        if (multiparts_.empty() || line.end - line.begin < 3 || bytes()[line.begin] != '-' ||
            bytes()[line.begin + 1] != '-')
            return {};
        auto text = line.of(bytes()).substr(2);
        // RFC 2046 section 5.1.1: blanks after a delimiter are padding from the way.
        while (!text.empty() && (is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
        // The whole line first, the innermost multipart first. One that has ended yields to an outer one with the
        // same boundary.
        if (const auto found = match(text, Match::Whole, false); found.kind != Delimiter::None) return found;
        if (const auto found = match(text, Match::Whole, true); found.kind == Delimiter::Part) {
            defect("part-after-end");
            return found;
        }
        // RFC 2046 section 5.1.1: it is enough that the line begins with the boundary.
        if (const auto found = match(text, Match::Beginning, false); found.kind != Delimiter::None) {
            defect("delimiter-with-junk");
            return found;
        }
        if (multiparts_.back().may_guess && guess_boundary(multiparts_.back(), text))
            return {Delimiter::Part, multiparts_.size() - 1};
        // A multipart that an outer delimiter cut off goes on: what follows is a part all the same.
        for (const auto& lost : cut_off_)
            if (lost.level < multiparts_.size() && text == lost.boundary) {
                defect("part-after-end");
                return {Delimiter::Part, lost.level};
            }
        return {};
    }

    enum class Match { Whole, Beginning };

    DelimiterFound match(std::string_view text, Match how, bool among_ended) const {
        for (auto level = multiparts_.size(); level-- > 0;) {
            if (multiparts_[level].ended != among_ended) continue;
            for (const auto& boundary : multiparts_[level].boundaries) {
                if (!text.starts_with(boundary)) continue;
                const auto rest = text.substr(boundary.size());
                const bool end = how == Match::Whole ? rest == "--" : rest.starts_with("--");
                if (how == Match::Whole && !rest.empty() && !end) continue;
                return {end ? Delimiter::End : Delimiter::Part, level};
            }
        }
        return {};
    }

    // A multipart that names no boundary: the first line that looks like one, with a part's header after it.
    bool guess_boundary(OpenMultipart& open, std::string_view text) {
        if (text.empty() || text.size() > limits_.max_boundary_bytes || text.find(' ') != std::string_view::npos)
            return false;
        if (!starts_ignoring_case(lines_.peek().of(bytes()), "content-")) return false;
        open.boundaries.emplace_back(text);
        open.may_guess = false;
        return true;
    }

    // The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1).
    std::size_t before_line_end(std::size_t at) const {
        if (at > 0 && bytes()[at - 1] == '\n')
            --at;
        else if (at > 0 && bytes()[at - 1] == '\r' && lines_.bare_cr())
            return at - 1;
        else
            return at;
        if (at > 0 && bytes()[at - 1] == '\r') --at;
        return at;
    }

    void cross(DelimiterFound delimiter, const Line& line) {
        const auto multipart = multiparts_[delimiter.level].entity;
        // Past the limit a delimiter between nothing and nothing changes nothing.
        if (begun_ > limits_.max_parts && current_ == multipart && delimiter.level + 1 == multiparts_.size()) {
            multiparts_.back().ended = delimiter.kind == Delimiter::End;
            return;
        }
        const bool inner_open = std::any_of(multiparts_.begin() + static_cast<std::ptrdiff_t>(delimiter.level) + 1,
                                            multiparts_.end(), [](const auto& open) { return !open.ended; });
        if (inner_open) defect("multipart-not-closed");
        std::erase_if(cut_off_, [&](const CutOff& lost) { return lost.level > delimiter.level; });
        for (auto level = delimiter.level + 1; level < multiparts_.size(); ++level)
            if (!multiparts_[level].ended && !multiparts_[level].boundaries.empty() && cut_off_.size() < most_cut_off)
                cut_off_.push_back({multiparts_[level].boundaries.front(), delimiter.level});
        multiparts_.resize(delimiter.level + 1);
        close_down_to(multipart, before_line_end(line.begin));
        current_ = multipart;
        multiparts_.back().ended = delimiter.kind == Delimiter::End;
        if (delimiter.kind == Delimiter::End || !may_begin_another()) return;
        begin_entity(multipart, line.next, false);
    }

    // Ends every entity below `ancestor` on the current path at `end`; one without a body ends where its header does,
    // and those around it no earlier.
    void close_down_to(std::size_t ancestor, std::size_t end) {
        for (auto at = current_; at != ancestor; at = *message_.entities[at].parent) {
            auto& entity = message_.entities[at];
            end = std::max(end, entity.body.begin);
            entity.body.end = end;
        }
    }

    bool may_begin_another() {
        // Those that were dropped count too, or a mail of nothing but delimiters would be work for nothing.
        if (++begun_ <= limits_.max_parts) return true;
        defect("limit-parts");
        return false;
    }

    // The line end before the last delimiter was lost: "the last words--boundary--".
    void end_within_line() {
        if (multiparts_.empty() || multiparts_.back().ended || current_ == multiparts_.back().entity) return;
        auto& multipart = multiparts_.back();
        auto body = current().body.of(bytes());
        while (!body.empty() && is_space(body.back())) body.remove_suffix(1);
        for (const auto& boundary : multipart.boundaries) {
            const std::string delimiter = "--" + boundary + "--";
            if (!body.ends_with(delimiter)) continue;
            defect("delimiter-within-line");
            close_down_to(multipart.entity, current().body.begin + body.size() - delimiter.size());
            multipart.ended = true;
            return;
        }
    }

    void finish() {
        end_within_line();
        for (const auto& open : multiparts_)
            if (!open.ended) defect("multipart-not-closed");
        for (const auto& entity : message_.entities)
            if (entity.media_type.type == "multipart" && !entity.opaque && entity.children.empty())
                defect("multipart-without-parts");
    }

    const ParseLimits& limits_;
    Message message_;
    Lines lines_;
    std::size_t current_ = 0;
    std::size_t begun_ = 1;  // entities, the mail itself among them
    std::vector<OpenMultipart> multiparts_;
    std::vector<CutOff> cut_off_;
    std::optional<HeaderScan> header_;
    bool in_header_ = false;
};

}  // namespace

Message parse(std::string_view bytes, const ParseLimits& limits) { return EntityScanner{bytes, limits}.scan(); }

Decoded decode_body(const Message& message, const Entity& entity, std::size_t most) {
    bool known = true;
    BodyDecoder decoder{message.body_of(entity), transfer_encoding_named(entity.transfer_encoding, known)};
    Decoded decoded;
    for (auto piece = decoder.next(); !piece.empty(); piece = decoder.next()) {
        const auto room = most - decoded.bytes.size();
        decoded.bytes.append(piece.substr(0, room));
        if (piece.size() > room) {
            decoded.cut = true;
            break;
        }
    }
    decoded.damaged = decoder.damaged();
    return decoded;
}

}  // namespace tocsin::mail
