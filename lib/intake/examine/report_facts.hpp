// Facts that stand in a report in a form of their own: CVE ids, CWE ids, links and CVSS vectors.
#pragma once

#include <string_view>

#include "intake/examine/examination.hpp"

namespace tocsin::intake {

ReportFacts find_report_facts(std::string_view text);

}  // namespace tocsin::intake
