#include "store/chain.hpp"

#include <nlohmann/json.hpp>

namespace tocsin::store {

namespace {

void append_integer(std::string& bytes, std::int64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
}

}  // namespace

Digest commitment_to(std::string_view salt, std::string_view value) { return hmac_sha256(salt, value); }

Digest hash_after(const Digest& before, const ChainLink& link) {
    // Everything but the last field has a fixed length, so no two links are the same bytes.
    std::string bytes{view(before)};
    append_integer(bytes, link.seq);
    append_integer(bytes, link.ticket);
    append_integer(bytes, link.at);
    bytes += view(link.commitment);
    bytes += link.kind;
    return sha256(bytes);
}

std::string value_of(const cvd::Event& event) {
    return nlohmann::json{{"actor", event.actor}, {"detail", event.detail}}.dump();
}

bool read_value(std::string_view value, cvd::Event& event) {
    const auto json = nlohmann::json::parse(value, nullptr, false);
    if (!json.is_object() || !json.contains("actor") || !json.contains("detail")) return false;
    const auto& detail = json["detail"];
    if (!json["actor"].is_string() || !detail.is_object()) return false;
    for (const auto& [name, word] : detail.items()) {
        if (!word.is_string()) return false;
        event.detail[name] = word.get<std::string>();
    }
    event.actor = json["actor"].get<std::string>();
    return true;
}

}  // namespace tocsin::store
