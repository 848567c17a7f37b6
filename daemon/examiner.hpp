// The daemon's end of `tocsin-examine`: asks it to look at a mail, and bears its failing.
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "intake/examine/frame.hpp"

namespace tocsin::daemon {

// What follows the JSON of a request, in pieces, for what is too large to be held whole. `part` gives the pieces in
// their order, together `size` bytes, and is called on the executor's thread.
struct LargeBody {
    std::uint64_t size = 0;
    std::function<std::string(std::size_t part)> part;
};

// One zygote. Belongs to the thread of its executor.
class Examiner {
public:
    // Starts the program and waits until it has loaded the rules; what is wrong with them is in the Error.
    // Blocking, for at most a minute: done at start and on reload alone.
    static Result<std::unique_ptr<Examiner>> start(boost::asio::any_io_executor executor,
                                                   const std::filesystem::path& program,
                                                   const intake::ExaminerSetup& setup);
    // The zygote kills what still works, ends, and is reaped. Close it first, and let the executor run out of work.
    ~Examiner();
    void close();

    const std::string& rules_hash() const noexcept { return rules_hash_; }
    bool alive() const noexcept { return alive_; }
    pid_t process() const noexcept { return child_; }

    // Of an answer that did not come: nothing was begun, or the zygote stands still. It is no fault of the mail's.
    static bool is_not_begun(const Error& error) { return error.code == Code::Interrupted; }

    // Somebody waits for an answer of it: it must live until that is there.
    bool is_awaited() const noexcept { return awaited_ > 0; }

    // The request must live until the answer is there. Temporary: the mail may be tried again.
    // With a `body`, that goes over instead of the request's own bytes.
    boost::asio::awaitable<Result<intake::Frame>> ask(const intake::Frame& request, std::chrono::seconds deadline,
                                                      const LargeBody* body = nullptr);
    // A process that may write to homes of public keys, and reads no mail.
    boost::asio::awaitable<Result<intake::Frame>> ask_about_keys(const intake::Frame& request,
                                                                 std::chrono::seconds deadline);
    // The same for a key that a stranger offers: no home that is in use is in its reach.
    boost::asio::awaitable<Result<intake::Frame>> ask_about_offered_key(const intake::Frame& request,
                                                                        std::chrono::seconds deadline);
    // What mail is opened and sealed with from now on: a home without secrets, and the fingerprint that signs.
    bool use_keys(const std::filesystem::path& home, const std::string& own);

private:
    struct Link;
    Examiner(std::unique_ptr<Link> link, pid_t child, std::string rules_hash);
    void hear_verdicts();
    boost::asio::awaitable<Result<intake::Frame>> order(const intake::Frame& request, std::chrono::seconds deadline,
                                                        std::uint32_t kind, const LargeBody* body);
    std::unique_ptr<Link> link_;
    pid_t child_;
    std::string rules_hash_;
    std::uint64_t next_number_ = 1;
    std::size_t awaited_ = 0;
    bool alive_ = true;
};

// `tocsin-examine` beside the program that is running, or where it is installed.
std::filesystem::path examiner_program();

}  // namespace tocsin::daemon
