#include "intake/examine/examination.hpp"

#include <algorithm>

namespace tocsin::intake {

bool has_sign(const Examination& examination, std::string_view sign) {
    return std::ranges::find(examination.signs, sign) != examination.signs.end();
}

std::optional<mail::Address> author_of(const mail::Reading& reading) {
    if (reading.from.size() != 1) return std::nullopt;
    return mail::Address::from(reading.from.front().address);
}

std::optional<mail::DomainVerdict> proof_of_sender(const Examination& examination, std::string_view authserv_id) {
    const auto author = author_of(examination.reading);
    const auto results = mail::believed(examination.authentication, authserv_id);
    if (!author || !results) return std::nullopt;
    return mail::verdict_on(*results, author->domain());
}

}  // namespace tocsin::intake
