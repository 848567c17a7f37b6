// Where in a mail the ciphertext stands, and whether it is the whole of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::intake {

enum class ShapeKind { PgpMime, Inline, SmimeEnveloped, SmimeSigned };

struct EncryptedShape {
    ShapeKind kind;
    std::string ciphertext;  // decoded, without armor
};
// The entity is nothing but this. Looks at the entity itself; what wraps it is the caller's question.
std::optional<EncryptedShape> shape_of(const mail::Message& message, std::size_t entity, std::size_t most_bytes);

// The mail is nothing but one text that is signed, and hidden from nobody: as Engine::open_signed wants it.
std::optional<std::string> signed_text_of(const mail::Message& message, std::size_t most_bytes);

// Clear-signed stretches with other words beside them, as a list's footer or two signed texts in one mail make them.
std::vector<std::string> signed_stretches_of(const mail::Message& message, std::size_t most, std::size_t most_bytes);

// Ciphertext elsewhere: a part, or a stretch within one; and what an opaque signature of S/MIME wraps.
struct StrayCiphertext {
    std::string label;  // of the part: its file name, or its type
    std::string file_name;
    std::string ciphertext;
    ShapeKind kind = ShapeKind::Inline;  // PgpMime, SmimeSigned: a mail lies in it
};
std::vector<StrayCiphertext> stray_ciphertexts(const mail::Message& message, std::size_t most, std::size_t most_bytes);

// False where no armor can stand in the part; looks at its bytes as they came, and so costs little.
bool may_hold_armor(const mail::Message& message, const mail::Entity& entity);

}  // namespace tocsin::intake
