// GPGME's handles with an owner each, and the buffers that it reads and writes.
//
// One context an operation, as GPGME wants it; a home is 80 characters at most, since gpg makes socket names of it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct gpgme_context;
struct gpgme_data;
struct _gpgme_key;

namespace tocsin::crypto {

void release_context(gpgme_context* context) noexcept;
void release_buffer(gpgme_data* buffer) noexcept;
void release_key(_gpgme_key* key) noexcept;

template <auto Release>
struct GpgReleaser {
    template <class T>
    void operator()(T* handle) const noexcept {
        Release(handle);
    }
};
using Context = std::unique_ptr<gpgme_context, GpgReleaser<&release_context>>;
using Buffer = std::unique_ptr<gpgme_data, GpgReleaser<&release_buffer>>;
using KeyHandle = std::unique_ptr<_gpgme_key, GpgReleaser<&release_key>>;

// Before any other thread is made: asks gpg for its version and keeps it, so that contexts for this home are made
// without.
Result<void> begin(const std::filesystem::path& home);

// Offline, never asks anybody anything.
Context open_context(const std::filesystem::path& home);

// Looks at bytes that outlive it.
Buffer reading_from(std::string_view bytes);

// Takes what gpg writes, at most `most` bytes; what is above that ends the operation.
class Sink {
public:
    explicit Sink(std::size_t most);
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    ~Sink();
    gpgme_data* handle() const noexcept { return buffer_.get(); }
    bool overflowed() const noexcept;
    // What was written. Worth nothing before the operation was seen to succeed.
    std::string take();

private:
    struct State;
    std::unique_ptr<State> state_;
    Buffer buffer_;
};

// "gpg: No data": for operators.
std::string in_words(unsigned int gpg_error);

}  // namespace tocsin::crypto
