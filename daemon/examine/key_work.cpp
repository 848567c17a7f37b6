#include "daemon/examine/key_work.hpp"

#include "crypto/gpg_engine.hpp"
#include "crypto/keys.hpp"
#include "daemon/keys/key_requests.hpp"

namespace tocsin::daemon {

namespace {

// Taken in by a home that is thrown away: what gpg makes of it, with its own signatures alone, is what is kept.
Result<KeyAnswer> inspect(const KeyRequest& request) {
    const auto imported = crypto::import_keys(request.home, request.bytes);
    if (!imported) return tl::unexpected{imported.error()};
    if (imported->size() != 1) return permanent(Code::BadInput, "it holds more than one key");
    KeyAnswer answer;
    auto keyring = crypto::list_keys(request.home, {});
    if (!keyring) return tl::unexpected{keyring.error()};
    answer.keyring = std::move(*keyring);
    auto bytes = crypto::export_key(request.home, imported->front().fingerprint, false);
    if (!bytes) return tl::unexpected{bytes.error()};
    answer.bytes = std::move(*bytes);
    return answer;
}

Result<KeyAnswer> work(const KeyRequest& request) {
    KeyAnswer answer;
    switch (request.job) {
        case KeyRequest::Job::List: {
            auto keyring = crypto::list_keys(request.home, request.keygrips);
            if (!keyring) return tl::unexpected{keyring.error()};
            answer.keyring = std::move(*keyring);
            return answer;
        }
        case KeyRequest::Job::CheckOnce: {
            const auto checked = crypto::check_once(request.home);
            if (!checked) return tl::unexpected{checked.error()};
            return answer;
        }
        case KeyRequest::Job::Import: {
            const auto imported = crypto::import_keys(request.home, request.bytes);
            if (!imported) return tl::unexpected{imported.error()};
            for (const auto& one : *imported) answer.imported.push_back({one.fingerprint, one.is_new, one.secret});
            return answer;
        }
        case KeyRequest::Job::Inspect:
            return inspect(request);
        case KeyRequest::Job::Export: {
            auto bytes = crypto::export_key(request.home, request.fingerprint, request.armored);
            if (!bytes) return tl::unexpected{bytes.error()};
            answer.bytes = std::move(*bytes);
            return answer;
        }
        case KeyRequest::Job::Make: {
            auto made =
                crypto::make_key(request.home, {request.name, request.address, request.passphrase, request.lasts});
            if (!made) return tl::unexpected{made.error()};
            answer.fingerprint = std::move(*made);
            return answer;
        }
        case KeyRequest::Job::Sign: {
            crypto::GpgEngine engine{request.home, {}, request.fingerprint};
            const auto made = engine.sign("proof\r\n");
            if (!made) return tl::unexpected{made.error()};
            return answer;
        }
    }
    return permanent(Code::BadInput, "no such job");
}

}  // namespace

intake::Frame work_on_keys(const intake::Frame& frame) {
    const auto request = key_request_from(frame);
    if (!request) return to_frame(Result<KeyAnswer>{tl::unexpected{request.error()}});
    try {
        return to_frame(work(*request));
    } catch (const std::exception& bug) {
        return to_frame(Result<KeyAnswer>{permanent(Code::System, bug.what())});
    }
}

}  // namespace tocsin::daemon
