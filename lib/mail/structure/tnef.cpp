#include "mail/structure/tnef.hpp"

extern "C" {
#include <ytnef.h>  // knows nothing of C++
}

#include <cstdint>

#include "base/utf8.hpp"
#include "mail/defects.hpp"
#include "mail/text/body_text.hpp"
#include "mail/text/charset.hpp"

namespace tocsin::mail {
namespace {

constexpr std::size_t most_tnef_bytes = 16u << 20;
constexpr std::size_t tnef_head_bytes = 6;           // signature and key
constexpr std::size_t attribute_head_bytes = 9;      // level, id and type, length
constexpr std::size_t attribute_checksum_bytes = 2;  // the sum of the data, modulo 65536
constexpr std::size_t rendering_bytes = 14;
constexpr std::string_view tnef_signature{"\x78\x9F\x3E\x22", 4};

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

void append_attribute(std::string& out, std::string_view whole) {
    out.append(whole.substr(0, whole.size() - attribute_checksum_bytes));
    std::uint32_t sum = 0;
    for (const char c :
         whole.substr(attribute_head_bytes, whole.size() - attribute_head_bytes - attribute_checksum_bytes))
        sum += static_cast<unsigned char>(c);
    out.push_back(static_cast<char>(sum & 0xFF));
    out.push_back(static_cast<char>(sum >> 8 & 0xFF));
}

// The stream with the wanted attributes alone. The library walks its list of attachments for each attribute, so
// their number is bounded; empty ones it does not expect.
std::string guarded_tnef(std::string_view bytes, const ParseLimits& limits, std::vector<std::string>& defects) {
    std::string out{bytes.substr(0, tnef_head_bytes)};
    std::size_t files = 0;
    bool title_seen = false, content_seen = false, body_seen = false;
    for (auto rest = bytes.substr(tnef_head_bytes); !rest.empty();) {
        if (rest.size() < attribute_head_bytes + attribute_checksum_bytes) {
            note_defect(defects, "tnef-damaged");
            break;
        }
        const auto attribute = little_endian(rest, 1, 4);
        const std::size_t length = little_endian(rest, 5, 4);
        if (length > rest.size() - attribute_head_bytes - attribute_checksum_bytes) {
            note_defect(defects, "tnef-damaged");
            break;
        }
        const auto whole = rest.substr(0, attribute_head_bytes + length + attribute_checksum_bytes);
        rest.remove_prefix(whole.size());
        if (length == 0) continue;
        if (attribute == attAttachRenddata) {
            // MS-OXTNEF 2.1.3.4: an attachment begins with its rendering.
            if (length < rendering_bytes) continue;
            if (++files > limits.max_attachments) {
                note_defect(defects, "limit-attachments");
                break;
            }
            title_seen = content_seen = false;
        } else {
            // The library loses the first of two (found by fuzzing: it leaks it).
            bool* seen = attribute == attAttachTitle  ? &title_seen
                         : attribute == attAttachData ? &content_seen
                         : attribute == attBody       ? &body_seen
                                                      : nullptr;
            if (seen == nullptr || *seen || (attribute != attBody && files == 0)) continue;
            *seen = true;
        }
        append_attribute(out, whole);
    }
    return out;
}

class TnefStream {
public:
    explicit TnefStream(std::string& bytes) {
        TNEFInitialize(&tnef_);
        tnef_.Debug = 0;
        good_ = TNEFParseMemory(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<long>(bytes.size()),
                                &tnef_) == 0;
    }
    ~TnefStream() { TNEFFree(&tnef_); }
    TnefStream(const TnefStream&) = delete;
    TnefStream& operator=(const TnefStream&) = delete;

    bool good() const { return good_; }
    const TNEFStruct& contents() const { return tnef_; }

private:
    TNEFStruct tnef_{};
    bool good_ = false;
};

std::string_view view_of(const variableLength& bytes) {
    if (bytes.data == nullptr || bytes.size <= 0) return {};
    return {reinterpret_cast<const char*>(bytes.data), static_cast<std::size_t>(bytes.size)};
}

std::string_view until_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

}  // namespace

std::optional<TnefContents> read_tnef(std::string_view bytes, const ParseLimits& limits,
                                      std::vector<std::string>& defects, bool with_bytes) {
    if (bytes.size() < tnef_head_bytes || !bytes.starts_with(tnef_signature)) return std::nullopt;
    if (bytes.size() > most_tnef_bytes) {
        note_defect(defects, "limit-tnef-bytes");
        return std::nullopt;
    }
    std::string guarded = guarded_tnef(bytes, limits, defects);
    const TnefStream stream{guarded};
    if (!stream.good()) note_defect(defects, "tnef-damaged");
    TnefContents contents;
    contents.body = for_people(
        to_utf8(until_nul(view_of(stream.contents().body)).substr(0, limits.max_part_text_bytes), {}, defects));
    for (const auto* file = stream.contents().starting_attach.next; file != nullptr; file = file->next) {
        if (file->Title.size <= 0 && file->FileData.size <= 0) continue;
        BodyDecoder content{view_of(file->FileData), TransferEncoding::Identity};
        const auto name = to_utf8(until_nul(view_of(file->Title)), {}, defects);
        if (with_bytes) contents.bytes.emplace_back(view_of(file->FileData));
        contents.files.push_back(describe_file(name, "application/octet-stream", content, limits.max_file_name_bytes));
    }
    return contents;
}

}  // namespace tocsin::mail
