// Which entities of a mail are its text and which are its files (RFC 2046 section 5.1, RFC 8621 section 4.1.4).
#pragma once

#include <cstddef>
#include <vector>

#include "mail/structure/entity.hpp"

namespace tocsin::mail {

struct BodyParts {
    std::vector<std::size_t> text;   // text/plain and text/html to show, in their order
    std::vector<std::size_t> files;  // everything else that a person would find attached
};

// Of an alternative the plain text is taken, the HTML only where there is none or it is blank. Signatures of
// multipart/signed and the parts of multipart/encrypted are neither text nor files. What is inside an attached
// message belongs to that message; it is text only in a mail that has no words of its own.
BodyParts body_parts(const Message& message);

}  // namespace tocsin::mail
