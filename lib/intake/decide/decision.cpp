#include "intake/decide/decision.hpp"

namespace tocsin::intake {

std::string_view to_text(Action action) {
    switch (action) {
        case Action::Open:
            return "open";
        case Action::Append:
            return "append";
        case Action::Hold:
            return "hold";
        case Action::None:
            return "none";
    }
    return "none";
}

}  // namespace tocsin::intake
