// An Examination as JSON: how it crosses from the examiner to the daemon, and the shape that people see of it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "intake/examine/examination.hpp"

namespace tocsin::intake {

std::string to_json(const Examination& examination);
// Throws nlohmann::json::exception on a value of the wrong type; the callers make an Error of it.
Examination examination_from_json(const nlohmann::json& json);

// INTERFACES section 2: the objects "message" and "crypto" and the list "cvss".
nlohmann::ordered_json message_in_public(const Examination& examination);
nlohmann::ordered_json crypto_in_public(const CryptoVerdict& crypto);
nlohmann::ordered_json cvss_in_public(const ReportFacts& facts);

}  // namespace tocsin::intake
