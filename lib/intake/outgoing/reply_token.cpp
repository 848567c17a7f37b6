#include "intake/outgoing/reply_token.hpp"

#include "base/text.hpp"
#include "mail/automatic/signs.hpp"

namespace tocsin::intake {

namespace {

constexpr std::string_view token_place = "{token}";

// "sec-2026-0001.k7qm…" in `address`, where it has the form of the reply address.
std::string token_in(const std::string& reply_address, std::string_view address) {
    const std::size_t at = reply_address.find(token_place);
    if (at == std::string::npos) return {};
    const std::string low = lower(address);
    const std::string before = lower(std::string_view{reply_address}.substr(0, at));
    const std::string after = lower(std::string_view{reply_address}.substr(at + token_place.size()));
    if (low.size() <= before.size() + after.size() || !low.starts_with(before) || !low.ends_with(after)) return {};
    return low.substr(before.size(), low.size() - before.size() - after.size());
}

}  // namespace

std::string reply_address_for(const Organisation& organisation, const MessageIds& ids, const std::string& number) {
    std::string address = organisation.reply_address;
    const std::size_t at = address.find(token_place);
    if (at == std::string::npos) return {};
    address.replace(at, token_place.size(), ids.token_for(number));
    return mail::Address::from(address) ? address : std::string{};
}

std::optional<std::string> number_written_to(const mail::Reading& reading, const std::vector<std::string>& delivered_to,
                                             const Organisation& organisation, const MessageIds& ids) {
    if (organisation.reply_address.empty()) return std::nullopt;
    const auto number_in = [&](std::string_view address) -> std::optional<std::string> {
        const std::string token = token_in(organisation.reply_address, address);
        const auto number = token.empty() ? std::nullopt : ids.number_of_token(token);
        // Its prefix in the case that numbers have.
        const std::string& prefix = organisation.numbers.prefix;
        if (!number || !starts_ignoring_case(*number, prefix)) return number;
        return prefix + number->substr(prefix.size());
    };
    for (const auto* list : {&reading.to, &reading.cc})
        for (const mail::Mailbox& to : *list)
            if (auto number = number_in(to.address)) return number;
    for (const std::string& address : delivered_to)
        if (auto number = number_in(address)) return number;
    return std::nullopt;
}

}  // namespace tocsin::intake
