#include "mail/html/html_text.hpp"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/handle.hpp"
#include "base/text.hpp"
#include "mail/defects.hpp"
#include "mail/html/html_guard.hpp"
#include "mail/html/html_sheet.hpp"
#include "mail/html/html_style.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t work_budget = 5'000'000;  // some 40,000 elements; a normal mail has a few thousand
constexpr std::size_t work_of_an_event = 60;
constexpr std::size_t work_of_an_error = 1'000;
constexpr std::size_t longest_style_text = 128u << 10;
constexpr std::size_t longest_link_text = 4'096;  // compared with its target

// What an element does to the text around it and in it.
enum ElementTrait : unsigned {
    trait_skipped = 1,
    trait_block = 2,
    trait_paragraph = 4,
    trait_quotation = 8,
    trait_preformatted = 16
};

unsigned traits_of(std::string_view name) {
    static const std::unordered_map<std::string_view, unsigned> traits = [] {
        std::unordered_map<std::string_view, unsigned> map;
        for (const auto* element :
             {"script", "style", "head", "title", "template", "object", "applet", "iframe", "svg", "select"})
            map[element] |= trait_skipped;
        for (const auto* element : {"address",  "article", "aside",  "body",  "center", "dd", "div", "dt",
                                    "fieldset", "figure",  "footer", "form",  "header", "hr", "li",  "main",
                                    "nav",      "section", "tbody",  "tfoot", "thead",  "tr"})
            map[element] |= trait_block;
        for (const auto* element :
             {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "ul", "ol", "dl", "table"})
            map[element] |= trait_block | trait_paragraph;
        map["blockquote"] |= trait_quotation;
        map["pre"] |= trait_preformatted;
        return map;
    }();
    const auto found = traits.find(name);
    return found == traits.end() ? 0 : found->second;
}

struct OpenElement {
    bool skipped = false;
    bool hidden = false;
    bool block = false;
    bool paragraph = false;
    bool quotation = false;
    bool preformatted = false;
    bool link = false;
    bool sheet = false;
    bool list = false;
    HtmlColours colours;  // its own, or those around it
};

// Those that matter here.
struct Attributes {
    std::string_view style, classes, id, color, bgcolor, background, text, href, alt, start, value;
    bool hidden = false;
    bool open = false;

    explicit Attributes(const xmlChar** pairs) {
        constexpr std::pair<std::string_view, std::string_view Attributes::*> known[] = {
            {"style", &Attributes::style}, {"class", &Attributes::classes},   {"id", &Attributes::id},
            {"color", &Attributes::color}, {"bgcolor", &Attributes::bgcolor}, {"background", &Attributes::background},
            {"text", &Attributes::text},   {"href", &Attributes::href},       {"alt", &Attributes::alt},
            {"start", &Attributes::start}, {"value", &Attributes::value}};
        for (; pairs != nullptr && pairs[0] != nullptr; pairs += 2) {
            const std::string_view name = reinterpret_cast<const char*>(pairs[0]);
            hidden |= name == "hidden";
            open |= name == "open";
            for (const auto& [attribute, member] : known)
                if (name == attribute && pairs[1] != nullptr) this->*member = reinterpret_cast<const char*>(pairs[1]);
        }
    }
};

struct OpenLink {
    std::string target;
    std::size_t text_from;  // in the text so far
};

struct OpenList {
    bool numbered;
    std::int64_t next;
};

std::string without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (!is_space(c)) out.push_back(ascii_lower(c));
    return out;
}

// A target may be broken over lines in its source; browsers take the breaks out.
std::string on_one_line(std::string_view target) {
    std::string out;
    for (const char c : target)
        if (c != '\n' && c != '\r' && c != '\t') out.push_back(c);
    return out;
}

// Gathers the text as the parser's events come.
class HtmlReader {
public:
    void start(std::string_view name, const xmlChar** attributes) {
        OpenElement element;
        if (!open_.empty()) element.colours = open_.back().colours;
        const bool unseen_before = unseen();
        const auto traits = traits_of(name);
        element.skipped = (traits & trait_skipped) != 0;
        element.block = (traits & trait_block) != 0;
        element.paragraph = (traits & trait_paragraph) != 0;
        element.quotation = (traits & trait_quotation) != 0;
        element.preformatted = (traits & trait_preformatted) != 0;
        const Attributes said{attributes};
        if (name == "body") element.colours.text = colour_named(said.text);
        if (!said.color.empty()) element.colours.text = colour_named(said.color);
        if (!said.bgcolor.empty()) element.colours.background = colour_named(said.bgcolor);
        if (!said.classes.empty() || !said.id.empty() || !said.background.empty())
            element.colours.background_is_certain = false;
        take_style(element, name, said);
        element.hidden |= said.hidden || (name == "dialog" && !said.open);
        element.sheet = name == "style";
        const bool is_link = name == "a" || name == "area";
        const auto target = is_link ? said.href : std::string_view{};
        const auto alternative = name == "img" || name == "area" ? said.alt : std::string_view{};
        const bool visible = !unseen_before && !element.skipped && !element.hidden;
        if (visible) {
            if (element.block) line_break(element.paragraph ? 2 : 1);
            if (is_signature(said)) line_break(1), text("-- ", false), line_break(1);
            if (name == "br") hard_break();
            if (name == "hr") text("--------", false), line_break(1);
            if (name == "ol" || name == "ul") {
                element.list = true;
                lists_.push_back({name == "ol", to_whole_number(said.start).value_or(1)});
            }
            if (name == "li") {
                if (const auto number = to_whole_number(said.value); number && !lists_.empty())
                    lists_.back().next = *number;
                line_break(1), text(next_mark(), false);
            }
            if ((name == "td" || name == "th") && !at_line_start()) text(" ", false);
            if (element.quotation) ++quotes_;
            if (element.preformatted) ++preformatted_;
            if (!alternative.empty()) text(alternative, true);
            if (!target.empty()) {
                element.link = true;
                links_.push_back({on_one_line(trim(target.substr(0, 2000))), out_.size()});
            }
        }
        if (element.skipped) ++skipped_;
        if (element.hidden) ++hidden_;
        open_.push_back(element);
    }

    void end() {
        if (open_.empty()) return;
        const auto element = open_.back();
        open_.pop_back();
        if (element.skipped) --skipped_;
        if (element.hidden) --hidden_;
        if (element.sheet) sheet_.read(std::exchange(style_text_, {}));
        if (unseen() || element.skipped || element.hidden) return;
        if (element.link) close_link();
        if (element.list) lists_.pop_back();
        if (element.block) line_break(element.paragraph ? 2 : 1);
        if (element.quotation && quotes_ > 0) --quotes_;
        if (element.preformatted && preformatted_ > 0) --preformatted_;
    }

    void characters(std::string_view text_found) {
        if (!open_.empty() && open_.back().sheet && style_text_.size() < longest_style_text) style_text_ += text_found;
        if (skipped_ > 0) return;
        if (hidden_ > 0 || (!open_.empty() && open_.back().colours.blend())) {
            if (!trim(text_found).empty()) hid_text_ = true;
            return;
        }
        text(text_found, true);
    }

    std::string take() { return std::move(out_); }
    bool hid_text() const { return hid_text_; }
    std::size_t take_work() { return std::exchange(work_, 0); }

private:
    // The block that a mail program set there itself; Thunderbird writes the separator too.
    static bool is_signature(const Attributes& said) {
        return said.id == "Signature" || said.id == "ms-outlook-mobile-signature" ||
               said.id == "x_ms-outlook-mobile-signature" || contains_word(said.classes, "gmail_signature") ||
               contains_word(said.classes, "moz-signature") ||
               contains_word(said.classes, "protonmail_signature_block");
    }
    static bool contains_word(std::string_view classes, std::string_view name) {
        const auto all = words(classes);
        return std::ranges::find(all, name) != all.end();
    }

    bool unseen() const { return skipped_ > 0 || hidden_ > 0; }

    void take_style(OpenElement& element, std::string_view name, const Attributes& said) {
        std::string style;
        if (!sheet_.empty()) style = sheet_.declarations_for(name, said.classes, said.id);
        work_ += 2 * style.size();  // a rule is short to name and long to read
        style += plain_css(said.style);
        if (style.empty()) return;
        element.hidden |= hides(style);
        element.preformatted |= keeps_line_ends(style);
        take_colours(element.colours, style);
    }

    // Of an item: its number, or a star.
    std::string next_mark() {
        constexpr std::int64_t most = 1'000'000;
        if (lists_.empty() || !lists_.back().numbered) return "* ";
        auto& number = lists_.back().next;
        if (number < 0 || number > most) return "* ";
        return std::to_string(number++) + ". ";
    }

    bool at_line_start() const { return out_.empty() || breaks_ > 0 || out_.back() == '\n'; }

    // Breaks are owed until text follows, so that blocks within blocks make one break.
    void line_break(unsigned lines) {
        pending_blank_ = false;
        if (!out_.empty()) breaks_ = std::max(breaks_, lines);
    }
    // One in a block of its own is an empty line.
    void hard_break() {
        pending_blank_ = false;
        const bool in_a_block_of_its_own = breaks_ == 1 && hard_breaks_ == 0;
        ++hard_breaks_;
        if (hard_breaks_ > 1 || !out_.empty())
            breaks_ = std::max(breaks_, in_a_block_of_its_own ? 2u : std::min(hard_breaks_, 3u));
    }

    void begin_text() {
        if (breaks_ > 0) {
            while (out_.ends_with(' ')) out_.pop_back();
            for (unsigned i = 0; i < breaks_; ++i) {
                // An empty line inside a quotation is quoted too.
                if (i > 0) out_.append(std::min(quotes_written_, quotes_), '>');
                out_.push_back('\n');
            }
            breaks_ = 0;
            pending_blank_ = false;
        }
        hard_breaks_ = 0;
        if (out_.empty() || out_.back() == '\n') {
            const auto shown = std::min<std::size_t>(quotes_, 20);
            for (std::size_t i = 0; i < shown; ++i) out_.append("> ");
            quotes_written_ = shown;
        }
    }

    void text(std::string_view found, bool collapse) {
        if (preformatted_ > 0 && collapse) {
            preformatted(found);
            return;
        }
        for (std::size_t at = 0; at < found.size();) {
            if (collapse && is_space(found[at])) {
                pending_blank_ = !at_line_start();
                ++at;
                continue;
            }
            const auto end = collapse ? std::min(found.find_first_of(" \t\r\n\f\v", at), found.size()) : found.size();
            const bool blank = pending_blank_;
            pending_blank_ = false;
            begin_text();
            if (blank && !out_.ends_with(' ')) out_.push_back(' ');
            out_.append(found.substr(at, end - at));
            at = end;
        }
    }

    void preformatted(std::string_view found) {
        for (std::size_t at = 0; at < found.size();) {
            const auto end = std::min(found.find('\n', at), found.size());
            if (end > at) {
                begin_text();
                out_.append(found.substr(at, end - at));
            }
            if (end < found.size()) {
                if (breaks_ == 0 && !out_.empty())
                    breaks_ = 1;
                else if (!out_.empty())
                    breaks_ = std::min(breaks_ + 1, 20u);
            }
            at = end + 1;
        }
    }

    void close_link() {
        const auto element = std::move(links_.back());
        links_.pop_back();
        const auto from = std::min(element.text_from, out_.size());
        const auto shown = without_blanks(std::string_view{out_}.substr(from, longest_link_text));
        auto target = without_blanks(element.target);
        if (target.starts_with("mailto:")) target.erase(0, 7);
        if (target.empty() || target.starts_with('#') || target.starts_with("cid:")) return;
        // The text says where it leads: nothing to add.
        const auto bare = [](std::string_view url) {
            for (const std::string_view scheme : {"https://", "http://", "www."})
                if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
            while (url.ends_with('/')) url.remove_suffix(1);
            return url;
        };
        if (bare(shown) == bare(target)) return;
        const bool spaced = out_.size() > from;
        text(spaced ? " <" : "<", false);
        out_.append(element.target).push_back('>');
    }

    std::string out_;
    std::vector<OpenElement> open_;
    std::vector<OpenLink> links_;
    std::vector<OpenList> lists_;
    std::size_t skipped_ = 0;
    std::size_t hidden_ = 0;
    std::size_t quotes_ = 0;
    std::size_t quotes_written_ = 0;
    std::size_t preformatted_ = 0;
    unsigned breaks_ = 0;
    unsigned hard_breaks_ = 0;
    bool pending_blank_ = false;
    bool hid_text_ = false;
    HtmlSheet sheet_;
    std::string style_text_;  // of the style element that is open; it comes in pieces
    std::size_t work_ = 0;
};

struct HtmlParse {
    HtmlReader reader;
    htmlParserCtxtPtr context = nullptr;
    std::size_t work = 0;
    long stopped_at = -1;

    // Each event may have cost a walk over the whole stack of open elements.
    void charge(std::size_t amount) {
        work += amount;
        if (work > work_budget && stopped_at < 0) {
            stopped_at = std::max(0L, xmlByteConsumed(context));
            xmlStopParser(context);
        }
    }
    std::size_t depth() const {
        return context != nullptr && context->nameNr > 0 ? static_cast<std::size_t>(context->nameNr) : 0;
    }
};

HtmlParse& parse_of(void* user) { return *static_cast<HtmlParse*>(user); }

void on_start(void* user, const xmlChar* name, const xmlChar** attributes) {
    auto& parse = parse_of(user);
    parse.reader.start(reinterpret_cast<const char*>(name), attributes);
    parse.charge(work_of_an_event + parse.reader.take_work() + parse.depth() / 8);
}
void on_end(void* user, const xmlChar*) {
    auto& parse = parse_of(user);
    parse.reader.end();
    parse.charge(work_of_an_event + parse.depth() / 8);
}
void on_characters(void* user, const xmlChar* text, int length) {
    parse_of(user).reader.characters({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
}
void on_error(void* user, xmlErrorPtr) {
    auto& parse = parse_of(user);
    parse.charge(work_of_an_error + parse.depth());
}

}  // namespace

std::string html_to_text(std::string_view html, std::vector<std::string>& defects) {
    const std::string guarded = guard_html(html);
    HtmlParse parse;
    htmlSAXHandler events;
    std::memset(&events, 0, sizeof events);
    events.initialized = XML_SAX2_MAGIC;
    events.startElement = &on_start;
    events.endElement = &on_end;
    events.characters = &on_characters;
    events.ignorableWhitespace = &on_characters;
    events.cdataBlock = nullptr;  // the text of scripts and styles
    events.serror = &on_error;
    const std::unique_ptr<htmlParserCtxt, Releaser<&htmlFreeParserCtxt>> context{
        htmlCreatePushParserCtxt(&events, &parse, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8)};
    if (!context) return strip_tags(guarded);
    parse.context = context.get();
    // The character set was settled before; what the HTML says of it is not asked.
    htmlCtxtUseOptions(context.get(), HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
    context->sax->serror = &on_error;
    htmlParseChunk(context.get(), guarded.data(), static_cast<int>(guarded.size()), 1);
    std::string text = with_plain_blanks(with_windows_characters(parse.reader.take()));
    if (parse.stopped_at >= 0 && static_cast<std::size_t>(parse.stopped_at) < guarded.size()) {
        note_defect(defects, "html-too-deep");
        text.append("\n").append(
            strip_tags(std::string_view{guarded}.substr(static_cast<std::size_t>(parse.stopped_at))));
    }
    if (parse.reader.hid_text()) note_defect(defects, "hidden-text");
    return text;
}

}  // namespace tocsin::mail
