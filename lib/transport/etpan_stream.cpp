#include "transport/etpan_stream.hpp"

#include <libetpan/libetpan.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace tocsin::transport {
namespace {

constexpr std::size_t stream_buffer_bytes = 16u << 10;

WireEnd& wire_end(mailstream_low* low) { return *static_cast<WireEnd*>(low->data); }

// Never 0: libetpan 1.9.4 takes that for "nothing yet" and asks again, for ever.
ssize_t read_wire(mailstream_low* low, void* into, size_t size) noexcept try {
    auto& end = wire_end(low);
    if (end.severed || size == 0) return -1;
    if (!end.unread_greeting.empty()) {
        size = std::min(size, end.unread_greeting.size());
        std::memcpy(into, end.unread_greeting.data(), size);
        end.unread_greeting.remove_prefix(size);
        return static_cast<ssize_t>(size);
    }
    const auto got = end.wire.read({static_cast<char*>(into), size});
    return got ? static_cast<ssize_t>(*got) : -1;
} catch (...) {  // no exception may pass through C frames
    return -1;
}

ssize_t write_wire(mailstream_low* low, const void* bytes, size_t size) noexcept try {
    auto& end = wire_end(low);
    if (end.severed || size == 0) return -1;
    return end.wire.send({static_cast<const char*>(bytes), size}) ? static_cast<ssize_t>(size) : -1;
} catch (...) {
    return -1;
}

int close_wire(mailstream_low*) noexcept { return 0; }  // the connection belongs to the session's owner
int no_descriptor(mailstream_low*) noexcept { return -1; }
void free_low(mailstream_low* low) noexcept { std::free(low); }
void cancel_nothing(mailstream_low*) noexcept {}

mailstream_low_driver wire_driver{read_wire, write_wire, close_wire, no_descriptor, free_low, cancel_nothing,
                                  nullptr,   nullptr,    nullptr,    nullptr,       nullptr};

}  // namespace

_mailstream* open_stream(WireEnd& end) {
    auto* low = mailstream_low_new(&end, &wire_driver);
    if (!low) return nullptr;
    auto* stream = mailstream_new(low, stream_buffer_bytes);
    if (!stream) mailstream_low_free(low);
    return stream;
}

}  // namespace tocsin::transport
