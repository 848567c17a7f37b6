// The line between a program that started `tocsin-examine` and its zygote: a SEQPACKET socket pair, fd 3 over there.
//
// First packet: the setup as JSON, answered by Ready or Refused. Then, one for each mail: an Order with a stream
// socket beside it (SCM_RIGHTS), over which one process, forked for that mail, reads a Frame, answers one and ends.
// An Order without a socket tells which keys are in reach from now on: its words are the home and our key's
// fingerprint. When it ended in another way, or past its deadline, the zygote says so with a Verdict.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

namespace tocsin::daemon {

inline constexpr int examiner_link_fd = 3;
inline constexpr std::size_t largest_setup = 64u << 10;

struct Order {
    std::uint64_t number = 0;
    std::uint32_t deadline_ms = 0;
    std::uint32_t kind = 0;  // of work: what its process may do
};
inline constexpr std::uint32_t order_about_mail = 0;
inline constexpr std::uint32_t order_about_keys = 1;
inline constexpr std::uint32_t order_about_offered_key = 2;    // a stranger's: in a home that is thrown away
inline constexpr const char* offered_keys_folder = "offered";  // where such homes lie, beside those that are read

// One packet of the link with room for a socket beside it, to be sent or to be received into. Points into itself.
struct PacketWithSocket {
    PacketWithSocket(void* bytes, std::size_t size) : part{bytes, size} {
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    PacketWithSocket(const PacketWithSocket&) = delete;
    PacketWithSocket& operator=(const PacketWithSocket&) = delete;

    iovec part;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
    msghdr message{};
};

// In place of an Order: this byte, the home, a line end, the fingerprint.
inline constexpr char keys_in_reach = 'K';

// In place of the lengths of an answer: nothing was begun, for a reason that is not the mail's.
inline constexpr std::uint8_t not_begun = 0xFF;  // each of the eight bytes

struct Verdict {
    std::uint64_t number = 0;
    std::int32_t signal = 0;  // that ended it; 0: none
    std::int32_t exit_status = 0;
    std::int32_t out_of_time = 0;  // 1: it was killed at its deadline
    std::int32_t reserved = 0;
};

// The first byte of the zygote's answer to the setup; the words after it are the rule set's hash, or what is wrong.
inline constexpr char examiner_ready = 'R';
inline constexpr char examiner_refused = 'X';

}  // namespace tocsin::daemon
