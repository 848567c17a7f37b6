#include "crypto/gpg.hpp"

#include <gpgme.h>

#include <cerrno>
#include <clocale>

namespace tocsin::crypto {

void release_context(gpgme_context* context) noexcept { gpgme_release(context); }
void release_buffer(gpgme_data* buffer) noexcept { gpgme_data_release(buffer); }
void release_key(_gpgme_key* key) noexcept { gpgme_key_unref(key); }

namespace {

constexpr const char* gpg_program = "/usr/bin/gpg";

// That GPGME was told of last: a context for it knows gpg's version already, one for another home runs gpg to ask.
std::string& usual_home() {
    static std::string home;
    return home;
}

}  // namespace

Result<void> begin(const std::filesystem::path& home) {
    if (gpgme_check_version("1.18.0") == nullptr) return permanent(Code::System, "GPGME is older than 1.18");
    // Named once for all contexts: otherwise each process asks gpgconf three times where gpg is.
    if (const auto error = gpgme_set_engine_info(GPGME_PROTOCOL_OpenPGP, gpg_program, home.c_str()))
        return permanent(Code::System, "gpg cannot be used: " + in_words(error));
    usual_home() = home.string();
    const Context warm = open_context(home);
    if (!warm) return permanent(Code::System, "GPGME gives no context");
    return {};
}

Context open_context(const std::filesystem::path& home) {
    gpgme_ctx_t raw = nullptr;
    if (gpgme_new(&raw)) throw std::bad_alloc{};
    Context context{raw};
    if (gpgme_set_protocol(raw, GPGME_PROTOCOL_OpenPGP) ||
        (home != usual_home() && gpgme_ctx_set_engine_info(raw, GPGME_PROTOCOL_OpenPGP, gpg_program, home.c_str())))
        throw std::runtime_error{"GPGME: no engine"};
    gpgme_set_offline(raw, 1);
    gpgme_set_pinentry_mode(raw, GPGME_PINENTRY_MODE_DEFAULT);
    gpgme_set_ctx_flag(raw, "auto-key-retrieve", "0");
    return context;
}

Buffer reading_from(std::string_view bytes) {
    gpgme_data_t raw = nullptr;
    if (gpgme_data_new_from_mem(&raw, bytes.empty() ? "" : bytes.data(), bytes.size(), 0)) throw std::bad_alloc{};
    return Buffer{raw};
}

struct Sink::State {
    std::string bytes;
    std::size_t most = 0;
    bool overflowed = false;

    static ssize_t write(void* handle, const void* buffer, size_t size) {
        State& state = *static_cast<State*>(handle);
        if (size > state.most - state.bytes.size()) {
            state.overflowed = true;
            errno = EFBIG;
            return -1;
        }
        try {
            state.bytes.append(static_cast<const char*>(buffer), size);
        } catch (const std::bad_alloc&) {  // nothing passes through C frames
            state.overflowed = true;
            errno = ENOMEM;
            return -1;
        }
        return static_cast<ssize_t>(size);
    }

    static inline gpgme_data_cbs callbacks{nullptr, &State::write, nullptr, nullptr};
};

Sink::Sink(std::size_t most) : state_{std::make_unique<State>()} {
    state_->most = most;
    gpgme_data_t raw = nullptr;
    if (gpgme_data_new_from_cbs(&raw, &State::callbacks, state_.get())) throw std::bad_alloc{};
    buffer_.reset(raw);
}

Sink::~Sink() = default;

bool Sink::overflowed() const noexcept { return state_->overflowed; }
std::string Sink::take() { return std::move(state_->bytes); }

std::string in_words(unsigned int gpg_error) { return "gpg: " + std::string{gpgme_strerror(gpg_error)}; }

}  // namespace tocsin::crypto
