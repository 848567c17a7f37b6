// The gpg-agent: the one process that holds secret keys. Started confined and supervised, asked whether it still
// answers, and replaced.
//
// It is given its sockets: the ordinary one, which hands out secret keys, has no name any more when it starts; only
// the extra one, which cannot, is in reach of others.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tocsin::daemon {

class GpgAgent {
public:
    // `launcher` is tocsin-examine, which confines it. Blocks for at most the patience below.
    static Result<std::unique_ptr<GpgAgent>> start(const std::filesystem::path& launcher,
                                                   const std::filesystem::path& home,
                                                   const std::optional<Secret>& passphrase);
    GpgAgent(const GpgAgent&) = delete;
    GpgAgent& operator=(const GpgAgent&) = delete;
    ~GpgAgent();

    const std::filesystem::path& socket() const noexcept { return socket_; }
    pid_t process() const noexcept { return child_; }
    // Asks its version. One that is stopped takes connections and never answers: so there is a deadline.
    bool answers(std::chrono::milliseconds patience = std::chrono::milliseconds{2'000}) const;

private:
    GpgAgent(pid_t child, std::filesystem::path socket) : child_{child}, socket_{std::move(socket)} {}
    pid_t child_;
    std::filesystem::path socket_;
};

}  // namespace tocsin::daemon
