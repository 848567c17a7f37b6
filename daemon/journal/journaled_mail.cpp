#include "daemon/journal/journaled_mail.hpp"

#include "store/database.hpp"

namespace tocsin::daemon {

JournaledMail::JournaledMail(const store::Journal& journal, const store::JournalEntry& entry)
    : journal_{journal}, entry_{entry} {
    // Of a mail that was too large to fetch, and of one that was forgotten, there are no bytes, but the size is known.
    // One that is looked at anew has bytes and no digest of its own.
    const bool was_fetched = entry_.sha256 != Digest{} || entry_.copy_of;
    body_.size = !was_fetched || entry_.forgotten ? 0 : entry_.size;
    body_.part = [this](std::size_t part) { return piece(part); };
}

std::string JournaledMail::piece(std::size_t part) {
    std::string bytes = journal_.piece(entry_.id, part);
    hash_.update(bytes);
    given_ += bytes.size();
    if (given_ == body_.size && entry_.sha256 != Digest{} && hash_.finish() != entry_.sha256)
        throw store::Failure{"a journaled mail is not what was received"};
    return bytes;
}

}  // namespace tocsin::daemon
