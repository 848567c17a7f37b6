// A journaled mail on its way to the examiner, piece by piece: a large one is never held whole.
#pragma once

#include "base/digest.hpp"
#include "daemon/examiner.hpp"
#include "store/journal.hpp"

namespace tocsin::daemon {

// Checks the digest over all pieces, and throws store::Failure where the journal does not hold what was received.
class JournaledMail {
public:
    JournaledMail(const store::Journal& journal, const store::JournalEntry& entry);
    JournaledMail(const JournaledMail&) = delete;
    JournaledMail& operator=(const JournaledMail&) = delete;
    const LargeBody* body() const { return &body_; }

private:
    std::string piece(std::size_t part);

    const store::Journal& journal_;
    store::JournalEntry entry_;
    Sha256 hash_;
    std::uint64_t given_ = 0;
    LargeBody body_;
};

}  // namespace tocsin::daemon
