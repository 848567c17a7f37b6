// What a process of `tocsin-examine` may still do: landlock (files, network), seccomp (system calls), rlimits.
//
// Each call takes something away for ever, from this process and all that come of it. Landlock that the kernel does
// not know is left out; landlock.hpp says whether it does.
#pragma once

#include <string>

#include "base/handle.hpp"
#include "base/result.hpp"

namespace tocsin::daemon {

struct Reach {
    std::string keys;  // the folder of public keyrings: read, and written where `writes_keys`
    bool writes_keys = false;
    std::string workshop;     // an administrator's home, with all that gpg does in it
    bool agent_home = false;  // `keys` is the home of a gpg-agent: read, with its secret keys, and gpg-agent is run
};

// Files: gpg and what it needs to run, and what `reach` names. No TCP, no signal to others, no abstract socket.
Result<void> confine_files(const Reach& reach);

// The same, looked up once for the many processes that it confines. What `reach` names must be there when it is made.
class FileConfinement {
public:
    static Result<FileConfinement> of(const Reach& reach);
    Result<void> enforce() const;

private:
    FileConfinement() = default;
    Descriptor ruleset_;  // none where the kernel knows no landlock
};

// For a mail's process, or one that works on keys: the system calls that reading mail and running gpg take.
Result<void> confine_calls(bool works_on_keys);

// Built once, so that each process has it at the cost of one call.
Result<void> prepare_filters();

}  // namespace tocsin::daemon
