#include "daemon/examine/mail_process.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "daemon/examine/key_work.hpp"
#include "daemon/examiner_link.hpp"
#ifdef TOCSIN_PLANTED_FAULTS
#include "daemon/examine/planted_faults.hpp"
#endif

namespace tocsin::daemon {

namespace {

bool read_whole(int fd, char* into, std::size_t count) {
    while (count > 0) {
        const ssize_t got = ::read(fd, into, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        count -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_whole(int fd, const void* bytes, std::size_t count) {
    const char* from = static_cast<const char*>(bytes);
    while (count > 0) {
        const ssize_t written = ::send(fd, from, count, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        from += written;
        count -= static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace

void say_not_begun(int socket) {
    intake::FrameHead head;
    head.fill(not_begun);
    (void)write_whole(socket, head.data(), head.size());
}

int answer_one(int socket, const rules::RuleSet& rule_set, const intake::ExaminationLimits& limits,
               openpgp::Engine& engine, bool about_keys) {
    intake::FrameHead head{};
    if (!read_whole(socket, reinterpret_cast<char*>(head.data()), head.size())) return 1;
    const auto lengths = intake::lengths_of(head, intake::largest_request);
    if (!lengths) return 1;
    intake::Frame request{std::string(lengths->json, '\0'), std::string(lengths->bytes, '\0')};
    if (!read_whole(socket, request.json.data(), request.json.size())) return 1;
    if (!read_whole(socket, request.bytes.data(), request.bytes.size())) return 1;

#ifdef TOCSIN_PLANTED_FAULTS
    if (!about_keys && do_what_was_planted(request.bytes)) return 99;
#endif
    intake::Frame answer = about_keys ? work_on_keys(request) : intake::carry_out(request, rule_set, limits, engine);
#ifdef TOCSIN_PLANTED_FAULTS
    if (!about_keys) change_what_was_planted(request.bytes, answer);
#endif
    const intake::FrameHead answer_head = intake::head_of(answer);
    const bool sent = write_whole(socket, answer_head.data(), answer_head.size()) &&
                      write_whole(socket, answer.json.data(), answer.json.size()) &&
                      write_whole(socket, answer.bytes.data(), answer.bytes.size());
    return sent ? 0 : 1;
}

void limit_resources([[maybe_unused]] bool writes_files) {
    const rlimit descriptors{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    const rlimit locked{1u << 20, 1u << 20};
    ::setrlimit(RLIMIT_MEMLOCK, &locked);
#ifdef TOCSIN_PLANTED_FAULTS
    const rlimit seconds{2, 2};  // which a test waits for
#else
    const rlimit seconds{20, 20};
#endif
    ::setrlimit(RLIMIT_CPU, &seconds);
#ifndef __SANITIZE_ADDRESS__  // whose shadow alone is larger
    const rlimit memory{rlim_t{1} << 30, rlim_t{1} << 30};
    ::setrlimit(RLIMIT_AS, &memory);
    if (!writes_files) {
        const rlimit nothing{0, 0};
        ::setrlimit(RLIMIT_FSIZE, &nothing);
    }
    // A log that is a file would end us at the first word, and words of a mail's process are nobody's.
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(null, STDERR_FILENO);
    ::close(null);
#endif
}

}  // namespace tocsin::daemon
