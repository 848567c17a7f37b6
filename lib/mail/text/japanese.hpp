// ISO-2022-JP (RFC 1468) as Japanese mail programs write it: with half-width kana and the characters of vendors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::mail {

// The same text in EUC-JP, whose converter knows these; nothing when it has other escapes or bytes of eight bits.
std::optional<std::string> euc_of_iso_2022_jp(std::string_view bytes);

}  // namespace tocsin::mail
