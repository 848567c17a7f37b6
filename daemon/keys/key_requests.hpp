// What is asked of a process of `tocsin-examine` that works on keys: one Frame each way, as for mail.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "intake/examine/frame.hpp"
#include "openpgp/keyring.hpp"

namespace tocsin::daemon {

struct KeyRequest {
    enum class Job { List, CheckOnce, Import, Inspect, Export, Make, Sign };
    Job job = Job::List;
    std::filesystem::path home{};
    std::vector<std::string> keygrips{};  // List: of the secret keys that are ours
    std::string fingerprint{};            // Export, Sign
    bool armored = false;
    std::string name{};  // Make
    std::string address{};
    std::string passphrase{};
    std::chrono::seconds lasts{};
    std::string bytes{};  // Import, Inspect
};

struct KeyAnswer {
    struct Imported {
        std::string fingerprint;
        bool is_new = false;
        bool secret = false;
    };
    openpgp::Keyring keyring;        // List, Inspect
    std::vector<Imported> imported;  // Import
    std::string fingerprint;         // Make
    std::string bytes;               // Export; Inspect: the certificate with its own signatures alone
};

intake::Frame to_frame(const KeyRequest& request);
Result<KeyRequest> key_request_from(const intake::Frame& frame);
intake::Frame to_frame(const Result<KeyAnswer>& answer);
Result<KeyAnswer> key_answer_from(const intake::Frame& frame);

}  // namespace tocsin::daemon
