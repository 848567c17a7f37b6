#include "rules/literal_scan.hpp"

#include <deque>

#include "base/text.hpp"

namespace tocsin::rules {
namespace {

constexpr std::uint32_t root = 0;

bool can_be_scanned_for(std::string_view literal) {
    for (const char c : literal)
        if ((c & '\x80') != 0 || ascii_lower(c) != c) return false;
    return !literal.empty();
}

}  // namespace

LiteralScan::LiteralScan(const std::vector<std::string>& literals) : literals_{literals.size()} {
    std::size_t nodes = 1;
    for (const std::string& literal : literals) {
        if (!can_be_scanned_for(literal)) continue;
        nodes += literal.size();
        for (const char c : literal) {
            auto& byte_class = class_of_[static_cast<unsigned char>(c)];
            if (byte_class == other) byte_class = static_cast<std::uint8_t>(classes_++);
        }
    }
    for (char c = 'a'; c <= 'z'; ++c)
        class_of_[static_cast<unsigned char>(c - 'a' + 'A')] = class_of_[static_cast<unsigned char>(c)];

    next_.assign(nodes * classes_, root);
    ends_.assign(nodes, -1);
    shorter_.assign(nodes, root);
    std::vector<Node> falls_back(nodes, root);
    Node used = 1;
    for (std::size_t i = 0; i < literals.size(); ++i) {
        if (!can_be_scanned_for(literals[i])) {
            everywhere_.push_back(static_cast<int>(i));
            continue;
        }
        Node at = root;
        for (const char c : literals[i]) {
            Node& to = next_[at * classes_ + class_of_[static_cast<unsigned char>(c)]];
            if (to == root) to = used++;
            at = to;
        }
        ends_[at] = static_cast<int>(i);
    }

    // Breadth first: a node's fallback is nearer to the root, so it is complete by then.
    std::deque<Node> waiting{root};
    while (!waiting.empty()) {
        const Node at = waiting.front();
        waiting.pop_front();
        for (std::size_t c = 1; c < classes_; ++c) {
            Node& to = next_[at * classes_ + c];
            const Node fallback = at == root ? root : next_[falls_back[at] * classes_ + c];
            if (to == root) {
                to = fallback;
                continue;
            }
            falls_back[to] = fallback;
            shorter_[to] = ends_[fallback] >= 0 ? fallback : shorter_[fallback];
            waiting.push_back(to);
        }
    }
    next_.resize(used * classes_);
    next_.shrink_to_fit();
}

std::vector<int> LiteralScan::found_in(std::string_view text) const {
    std::vector<int> found = everywhere_;
    if (next_.size() <= classes_) return found;
    std::vector<bool> seen(literals_, false);
    Node at = root;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint8_t byte_class = class_of_[static_cast<unsigned char>(text[i])];
        if (byte_class == other && (text[i] & '\x80') != 0) {
            const auto here = text.substr(i);
            if (here.starts_with("\xC5\xBF")) byte_class = class_of_['s'], i += 1;
            if (here.starts_with("\xE2\x84\xAA")) byte_class = class_of_['k'], i += 2;
        }
        at = step(at, byte_class);
        for (Node end = ends_[at] >= 0 ? at : shorter_[at]; end != root; end = shorter_[end]) {
            const auto literal = static_cast<std::size_t>(ends_[end]);
            if (seen[literal]) break;  // and so were those that it ends with
            seen[literal] = true;
            found.push_back(ends_[end]);
        }
    }
    return found;
}

}  // namespace tocsin::rules
