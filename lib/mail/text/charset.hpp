// Bytes in some character set made UTF-8 (RFC 2046 section 4.1.2, RFC 2978), by iconv.
//
// Names are taken as they occur in the wild. Only the sets of a fixed list are ever opened. Each byte that its
// set does not have becomes U+FFFD; nothing is dropped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::mail {

// `declared` is empty where the mail says nothing. A wrong or missing declaration is guessed at from the bytes.
std::string to_utf8(std::string_view bytes, std::string_view declared, std::vector<std::string>& defects);

// Opens every converter once and keeps it, so that a process that may no longer open files can still convert.
void load_charsets();

bool is_ascii(std::string_view bytes) noexcept;

}  // namespace tocsin::mail
