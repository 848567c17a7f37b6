#include "transport/imap_wire.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "transport/internal_date.hpp"
#include "transport/wire_text.hpp"

namespace tocsin::transport {

void ImapWire::arm(Deadline deadline, const WireBudget& budget) {
    connection_->arm(deadline);
    guard_.arm(budget);
}

Result<bool> ImapWire::fill(std::optional<Deadline> until) {
    std::optional<std::size_t> count;
    if (until) {
        auto got = connection_->read_before(buffer_, *until);
        if (!got) return tl::unexpected<Error>{std::move(got.error())};
        count = *got;
    } else {
        auto got = connection_->read(buffer_);
        if (!got) return tl::unexpected<Error>{std::move(got.error())};
        count = *got;
    }
    if (!count) return false;
    if (auto fed = guard_.feed({buffer_, *count}); !fed)
        return connection_->fail(fed.error().code, fed.error().permanence, fed.error().what);
    return true;
}

Result<std::optional<ResponseGuard::Stretch>> ImapWire::next(std::size_t most) {
    if (connection_->dead()) return tl::unexpected<Error>{connection_->error()};
    auto stretch = guard_.next(most);
    if (!stretch) return connection_->fail(stretch.error().code, stretch.error().permanence, stretch.error().what);
    return stretch;
}

Result<std::optional<std::string>> ImapWire::read_line_before(Deadline until) {
    std::string line;
    for (;;) {
        auto stretch = next(sizeof buffer_);
        if (!stretch) return tl::unexpected<Error>{std::move(stretch.error())};
        if (!*stretch) {
            auto more = fill(until);
            if (!more) return tl::unexpected<Error>{std::move(more.error())};
            if (!*more) return std::optional<std::string>{};
            continue;
        }
        if ((*stretch)->literal) continue;
        line = (*stretch)->bytes.substr(0, (*stretch)->bytes.size() - 2);
        return std::optional{std::move(line)};
    }
}

Result<std::string> ImapWire::read_line() {
    for (;;) {
        auto line = read_line_before(Deadline::after(std::chrono::minutes{10}));
        if (!line) return tl::unexpected<Error>{std::move(line.error())};
        if (*line) return std::move(**line);
    }
}

Result<std::size_t> ImapWire::read(std::span<char> into) {
    for (;;) {
        if (!rest_.empty()) {
            const auto size = std::min(into.size(), rest_.size());
            std::memcpy(into.data(), rest_.data(), size);
            rest_.erase(0, size);
            return size;
        }
        auto stretch = next(into.size());
        if (!stretch) return tl::unexpected<Error>{std::move(stretch.error())};
        if (!*stretch) {
            auto more = fill(std::nullopt);
            if (!more) return tl::unexpected<Error>{std::move(more.error())};
            continue;
        }
        std::optional<std::string> mended;
        if (!(*stretch)->literal) mended = with_plain_date((*stretch)->bytes);
        const std::string_view bytes = mended ? std::string_view{*mended} : (*stretch)->bytes;
        // RFC 3501 section 7.1.5: nothing follows. libetpan would wait for the answer all the same.
        if (!(*stretch)->literal && starts_ignoring_case(bytes, "* BYE"))
            return connection_->fail(Code::Unavailable, Permanence::Temporary,
                                     "the server says BYE: " + for_operators(trim(bytes.substr(5))));
        const auto size = std::min(into.size(), bytes.size());
        std::memcpy(into.data(), bytes.data(), size);
        rest_ = bytes.substr(size);
        return size;
    }
}

}  // namespace tocsin::transport
