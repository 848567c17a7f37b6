// Fetching: which mails go into one command, and whether what came is what was asked for.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "transport/imap_session.hpp"

namespace tocsin::transport {
namespace {

constexpr std::size_t listings_per_command = 1000;
constexpr std::size_t bodies_per_command = 1000;

// What a server may say besides the bodies: the frame of each answer, and changes that others make meanwhile.
constexpr std::uint64_t frame_bytes = 400;
constexpr std::uint64_t base_bytes = 64u << 10;

constexpr std::size_t piece_bytes = 64u << 10;

WireBudget listing_budget(std::size_t count) {
    const auto framing = base_bytes + frame_bytes * count;
    return {.framing_bytes = framing, .bytes = framing};
}

// RFC822.SIZE is an estimate at some servers, so a mail may be larger than that: what is held in memory twice as large
// and a little, what is streamed as large as the largest allowed.
WireBudget body_budget(std::uint64_t told, std::size_t count, std::uint64_t largest) {
    const auto framing = base_bytes + frame_bytes * count;
    return {.framing_bytes = framing, .bytes = told + largest + framing, .literal_bytes = largest};
}
std::uint64_t larger_than_told(std::uint64_t told) { return 2 * told + (64u << 10); }

FetchedMessage with_body(const Listing& listing, std::string body) {
    return {listing.uid, listing.internal_date, listing.flags, std::move(body)};
}

// Collects what comes in small pieces into larger ones, and what is known of the whole.
class Pieces {
public:
    explicit Pieces(const std::function<bool(std::string_view)>& take) : take_{take} {}

    bool add(std::string_view bytes) {
        hash_.update(bytes);
        size_ += bytes.size();
        while (!bytes.empty()) {
            const auto count = std::min(bytes.size(), piece_bytes - held_.size());
            held_ += bytes.substr(0, count);
            bytes.remove_prefix(count);
            if (held_.size() == piece_bytes && !flush()) return false;
        }
        return true;
    }
    bool flush() {
        if (held_.empty()) return true;
        const bool goes_on = take_(held_);
        held_.clear();
        return goes_on;
    }
    std::uint64_t size() const { return size_; }
    Digest digest() { return hash_.finish(); }

private:
    const std::function<bool(std::string_view)>& take_;
    std::string held_;
    std::uint64_t size_ = 0;
    Sha256 hash_;
};

}  // namespace

Result<std::vector<Listing>> ImapSource::Session::list(const std::vector<std::uint32_t>& uids) {
    std::vector<Listing> listings;
    listings.reserve(uids.size());
    for (std::size_t begin = 0; begin < uids.size(); begin += listings_per_command) {
        const auto count = std::min(listings_per_command, uids.size() - begin);
        // One range: what lies between known UIDs is gone, so it costs nothing, and the command stays short.
        const auto first = uids[begin];
        const auto last = uids[begin + count - 1];
        arm(limits.deadlines.listing, listing_budget(count));
        auto answers = etpan->fetch_listing({{{first, last}}, count});
        if (!answers) return tl::unexpected<Error>{std::move(answers.error())};
        // Flags that others change meanwhile come as answers of their own, without what we asked for.
        std::map<std::uint32_t, Listing> seen;
        for (auto& answer : *answers) {
            if (!answer.uid || *answer.uid < first || *answer.uid > last || !answer.size || !answer.internal_date)
                continue;
            auto flags = std::move(answer.flags).value_or(std::vector<std::string>{});
            seen.insert_or_assign(*answer.uid,
                                  Listing{*answer.uid, *answer.internal_date, *answer.size, std::move(flags)});
        }
        for (auto& [uid, listing] : seen) listings.push_back(std::move(listing));
    }
    return listings;
}

Result<std::vector<FetchedMessage>> ImapSource::Session::fetch_once(const std::vector<Listing>& wanted) {
    std::vector<std::uint32_t> uids;
    std::uint64_t told = 0;
    std::uint64_t largest = 0;
    for (const auto& listing : wanted) {
        uids.push_back(listing.uid);
        told += listing.size;
        largest = std::max(largest, listing.size);
    }
    largest = std::min(larger_than_told(largest), limits.max_message_bytes);
    arm(with_size(limits.deadlines.body, told), body_budget(2 * told, wanted.size(), largest));
    auto answers = etpan->fetch_bodies(uid_set(uids));
    if (!answers) return tl::unexpected<Error>{std::move(answers.error())};
    // The first answer for a UID counts, in the order that was asked; what nobody asked for is no mail of ours.
    std::map<std::uint32_t, std::string> bodies;
    for (auto& answer : *answers)
        if (answer.uid && answer.body) bodies.try_emplace(*answer.uid, std::move(*answer.body));
    std::vector<FetchedMessage> messages;
    for (const auto& listing : wanted)
        if (const auto found = bodies.find(listing.uid); found != bodies.end())
            messages.push_back(with_body(listing, std::move(found->second)));
    return messages;
}

Result<std::optional<FetchedMessage>> ImapSource::Session::fetch_alone(const Listing& wanted) {
    auto messages = fetch_once({wanted});
    if (!messages) return tl::unexpected<Error>{std::move(messages.error())};
    // Asked twice, the bytes are the mail, whatever size the server told; but nothing is no mail.
    if (messages->empty() || messages->front().bytes.empty()) return std::optional<FetchedMessage>{};
    return std::optional{std::move(messages->front())};
}

Result<std::vector<FetchedMessage>> ImapSource::fetch(const std::vector<Listing>& wanted) {
    auto& session = *session_;
    std::vector<FetchedMessage> fetched;
    auto next = wanted.begin();
    // An empty result would leave open whether the rest was asked for, so it goes on until there is one mail or no
    // more.
    while (fetched.empty() && next != wanted.end()) {
        std::vector<Listing> batch;
        std::vector<std::uint32_t> uids;
        for (std::uint64_t bytes = 0; next != wanted.end() && batch.size() < bodies_per_command; ++next) {
            if (next->size > session.limits.max_message_bytes) continue;
            if (!batch.empty() && bytes + next->size > session.limits.max_batch_bytes) break;
            uids.push_back(next->uid);
            if (uid_set(uids).count < uids.size()) break;
            bytes += next->size;
            batch.push_back(*next);
        }
        if (batch.empty()) break;
        auto messages = session.fetch_once(batch);
        if (!messages) return messages;
        std::vector<Listing> missing;
        auto came = messages->begin();
        for (const auto& listing : batch) {
            if (came == messages->end() || came->uid != listing.uid) {
                missing.push_back(listing);
                continue;
            }
            auto& message = *came++;
            if (message.bytes.size() == listing.size && listing.size > 0) {
                fetched.push_back(std::move(message));
                continue;
            }
            message.bytes = {};
            auto again = session.fetch_alone(listing);
            if (!again) return tl::unexpected<Error>{std::move(again.error())};
            if (*again) fetched.push_back(std::move(**again));
        }
        if (missing.empty()) continue;
        // Gone, most likely; or answered with another UID, and then a second question may be answered better.
        auto late = session.fetch_once(missing);
        if (!late) return late;
        for (auto& message : *late)
            if (!message.bytes.empty()) fetched.push_back(std::move(message));
        std::ranges::sort(fetched, {}, &FetchedMessage::uid);
    }
    return fetched;
}

Result<ImapSource::Session::Streamed> ImapSource::Session::stream(const Listing& wanted,
                                                                  const std::function<bool(std::string_view)>& take) {
    Pieces pieces{take};
    arm(with_size(limits.deadlines.body, wanted.size), body_budget(wanted.size, 1, limits.max_message_bytes));
    auto answers = etpan->stream_body(wanted.uid, [&](std::string_view bytes) { return pieces.add(bytes); });
    if (!answers) return tl::unexpected<Error>{std::move(answers.error())};
    auto& connection = wire.connection();
    bool found = false;
    for (const auto& answer : *answers) {
        if (!answer.has_body) continue;  // a change of flags
        // The pieces bear no name: one body may have come, and it must be the one.
        if (found || answer.uid != wanted.uid)
            return connection.fail(Code::BadInput, Permanence::Temporary,
                                   "UID FETCH: another mail than the one asked for");
        found = true;
        if (answer.body && pieces.size() == 0 && !pieces.add(*answer.body))
            return connection.fail(Code::Interrupted, Permanence::Temporary, "UID FETCH: given up half way");
    }
    if (!pieces.flush())
        return connection.fail(Code::Interrupted, Permanence::Temporary, "UID FETCH: given up half way");
    return Streamed{found, pieces.size(), pieces.digest()};
}

Result<bool> ImapSource::fetch_in_pieces(const Listing& wanted, const std::function<bool(std::string_view)>& take) {
    auto& session = *session_;
    auto& connection = session.wire.connection();
    auto first = session.stream(wanted, take);
    if (!first) return tl::unexpected<Error>{std::move(first.error())};
    if (!first->found || first->size == 0) return false;
    if (first->size == wanted.size) return true;
    // Not the size that was told. The pieces are out already; the same bytes a second time are the mail.
    auto second = session.stream(wanted, [](std::string_view) { return true; });
    if (!second) return tl::unexpected<Error>{std::move(second.error())};
    if (second->digest == first->digest) return true;
    return connection.fail(Code::BadInput, Permanence::Temporary,
                           fmt::format("UID FETCH {}: {} bytes were told, {} and {} came", wanted.uid, wanted.size,
                                       first->size, second->size));
}

}  // namespace tocsin::transport
