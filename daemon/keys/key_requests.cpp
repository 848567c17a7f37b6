#include "daemon/keys/key_requests.hpp"

#include <nlohmann/json.hpp>

namespace tocsin::daemon {

namespace {

using KeyJson = nlohmann::json;

std::string as_text(const KeyJson& json) { return json.dump(-1, ' ', false, KeyJson::error_handler_t::replace); }

}  // namespace

intake::Frame to_frame(const KeyRequest& request) {
    return {as_text({{"job", static_cast<int>(request.job)},
                     {"home", request.home.string()},
                     {"keygrips", request.keygrips},
                     {"fingerprint", request.fingerprint},
                     {"armored", request.armored},
                     {"name", request.name},
                     {"address", request.address},
                     {"passphrase", request.passphrase},
                     {"lasts", request.lasts.count()}}),
            request.bytes};
}

Result<KeyRequest> key_request_from(const intake::Frame& frame) {
    try {
        const KeyJson json = KeyJson::parse(frame.json);
        KeyRequest request;
        const int job = json.at("job").get<int>();
        if (job < 0 || job > static_cast<int>(KeyRequest::Job::Sign)) return permanent(Code::BadInput, "no such job");
        request.job = static_cast<KeyRequest::Job>(job);
        request.home = json.at("home").get<std::string>();
        json.at("keygrips").get_to(request.keygrips);
        json.at("fingerprint").get_to(request.fingerprint);
        json.at("armored").get_to(request.armored);
        json.at("name").get_to(request.name);
        json.at("address").get_to(request.address);
        json.at("passphrase").get_to(request.passphrase);
        request.lasts = std::chrono::seconds{json.at("lasts").get<std::int64_t>()};
        request.bytes = frame.bytes;
        return request;
    } catch (const KeyJson::exception&) {
        return permanent(Code::BadInput, "not a request about keys");
    }
}

intake::Frame to_frame(const Result<KeyAnswer>& answer) {
    if (!answer)
        return {as_text({{"error", answer.error().what},
                         {"temporary", answer.error().permanence == Permanence::Temporary}}),
                {}};
    KeyJson imported = KeyJson::array();
    for (const KeyAnswer::Imported& one : answer->imported)
        imported.push_back({one.fingerprint, one.is_new, one.secret});
    return {as_text({{"keys", openpgp::to_text(answer->keyring)},
                     {"imported", std::move(imported)},
                     {"fingerprint", answer->fingerprint}}),
            answer->bytes};
}

Result<KeyAnswer> key_answer_from(const intake::Frame& frame) {
    try {
        const KeyJson json = KeyJson::parse(frame.json);
        if (const auto error = json.find("error"); error != json.end()) {
            const std::string what = error->get<std::string>().substr(0, 300);
            if (json.at("temporary").get<bool>()) return temporary(Code::System, what);
            return permanent(Code::BadInput, what);
        }
        KeyAnswer answer;
        auto keyring = openpgp::keyring_from(json.at("keys").get_ref<const std::string&>());
        if (!keyring) return tl::unexpected{keyring.error()};
        answer.keyring = std::move(*keyring);
        for (const KeyJson& one : json.at("imported"))
            answer.imported.push_back({one.at(0).get<std::string>(), one.at(1).get<bool>(), one.at(2).get<bool>()});
        json.at("fingerprint").get_to(answer.fingerprint);
        answer.bytes = frame.bytes;
        return answer;
    } catch (const KeyJson::exception&) {
        return permanent(Code::BadInput, "the answer is none about keys");
    }
}

}  // namespace tocsin::daemon
