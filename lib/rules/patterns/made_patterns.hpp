// The regular expressions that sets of patterns need, each made once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace re2 {
class RE2;
}

namespace tocsin::rules {

// Of what pattern_for_re2 or pattern_for_words gave; who asks looks whether it is ok().
std::unique_ptr<re2::RE2> made_pattern(std::string_view pattern);

// Outlives the sets that use it.
class MadePatterns {
public:
    MadePatterns();
    MadePatterns(MadePatterns&&) noexcept;
    MadePatterns& operator=(MadePatterns&&) noexcept;
    ~MadePatterns();

    const re2::RE2* get(const std::string& pattern);  // none where it is too large

private:
    std::unordered_map<std::string, std::unique_ptr<re2::RE2>> all_;
};

}  // namespace tocsin::rules
