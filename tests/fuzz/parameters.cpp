#include "mail/header/parameters.hpp"

#include "base/utf8.hpp"
#include "mail/header/header_writing.hpp"
#include "mail/structure/file_name.hpp"
#include "require.hpp"

namespace tocsin::mail {

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto text = text_of(data, size);
    std::vector<std::string> defects;
    const ParseLimits limits;
    const auto type = read_media_type(text, limits, defects);
    REQUIRE(!type.type.empty() && !type.subtype.empty() && type.full().find_first_of(" \r\n;") == std::string::npos);
    REQUIRE(type.parameters.size() <= limits.max_parameters + limits.max_parameter_segments);
    for (const auto& parameter : type.parameters) REQUIRE(parameter.name == "boundary" || is_utf8(parameter.value));
    read_disposition(text, limits, defects);
    // The names of files that we write are read back the same.
    const auto name = clean_file_name(text, 150);
    std::string field = "attachment";
    for (const auto& piece : parameter_pieces("filename", name)) field += (field.ends_with(';') ? " " : "; ") + piece;
    defects.clear();
    const auto written = read_disposition(field, limits, defects);
    if (name.find("=?") == std::string::npos && !name.empty())
        REQUIRE(written.parameters.size() == 1 && written.parameters[0].value == name);
    return 0;
}

}  // namespace tocsin::mail
