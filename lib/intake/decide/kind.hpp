// What a mail is to us, where it belongs, and whether its author is answered.
//
// One table of cases, read from the top; each says why in words.
#pragma once

#include <string>
#include <vector>

#include "intake/decide/decide.hpp"

namespace tocsin::intake {

struct Kind {
    std::string name;  // INTERFACES section 2
    Action action = Action::None;
    bool answered = false;  // by an acknowledgement
    std::vector<std::string> reasons;
    bool told = false;  // the team hears of it, though it was taken for automatic
};

Kind kind_of(const Examination& examination, const TicketView& view, const rules::Evaluation& evaluation,
             const Organisation& organisation, const Arrival& arrival);

}  // namespace tocsin::intake
