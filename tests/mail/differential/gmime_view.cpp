// The same view as mail_view.cpp, by GMime.
#include <gmime/gmime.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

void add_mailboxes(InternetAddressList* list, json& out) {
    for (int i = 0; list != nullptr && i < internet_address_list_length(list); ++i) {
        auto* address = internet_address_list_get_address(list, i);
        if (INTERNET_ADDRESS_IS_GROUP(address))
            add_mailboxes(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), out);
        else
            out.push_back({text_or_empty(internet_address_get_name(address)),
                           text_or_empty(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)))});
    }
}

json mailboxes(GMimeMessage* message, GMimeAddressType type) {
    json out = json::array();
    add_mailboxes(g_mime_message_get_addresses(message, type), out);
    return out;
}

void add_leaf(GMimeObject* object, json& leaves) {
    auto* type = g_mime_object_get_content_type(object);
    const std::string full = text_or_empty(g_mime_content_type_get_media_type(type)) + "/" +
                             text_or_empty(g_mime_content_type_get_media_subtype(type));
    std::string lower = full;
    for (auto& c : lower) c = static_cast<char>(g_ascii_tolower(c));
    json leaf = {{"type", lower}, {"name", ""}, {"sha256", ""}};
    if (GMIME_IS_PART(object)) {
        auto* part = GMIME_PART(object);
        leaf["name"] = text_or_empty(g_mime_part_get_filename(part));
        if (auto* content = g_mime_part_get_content(part)) {
            auto* memory = g_mime_stream_mem_new();
            g_mime_data_wrapper_write_to_stream(content, memory);
            auto* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
            char* sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data, bytes->len);
            leaf["sha256"] = text_or_empty(sum);
            g_free(sum);
            g_object_unref(memory);
        }
        if (GMIME_IS_TEXT_PART(object) && lower == "text/plain") {
            char* text = g_mime_text_part_get_text(GMIME_TEXT_PART(object));
            leaf["text"] = text_or_empty(text);
            g_free(text);
        }
    }
    leaves.push_back(leaf);
}

void add_leaves(GMimeObject* object, json& leaves) {
    if (object == nullptr) return;
    if (GMIME_IS_MULTIPART(object)) {
        for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i)
            add_leaves(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), leaves);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
        auto* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
        if (inner != nullptr)
            add_leaves(g_mime_message_get_mime_part(inner), leaves);
        else
            add_leaf(object, leaves);
    } else {
        add_leaf(object, leaves);
    }
}

json view_of(const std::string& bytes) {
    auto* stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
    auto* parser = g_mime_parser_new_with_stream(stream);
    auto* message = g_mime_parser_construct_message(parser, nullptr);
    json view = {{"refused", message == nullptr}};
    if (message != nullptr) {
        auto* date = g_mime_message_get_date(message);
        char* utc = nullptr;
        if (date != nullptr) {
            auto* at = g_date_time_to_utc(date);
            utc = g_date_time_format(at, "%Y-%m-%dT%H:%M:%SZ");
            g_date_time_unref(at);
        }
        json leaves = json::array();
        add_leaves(g_mime_message_get_mime_part(message), leaves);
        view = {{"refused", false},
                {"from", mailboxes(message, GMIME_ADDRESS_TYPE_FROM)},
                {"to", mailboxes(message, GMIME_ADDRESS_TYPE_TO)},
                {"cc", mailboxes(message, GMIME_ADDRESS_TYPE_CC)},
                {"subject", text_or_empty(g_mime_message_get_subject(message))},
                {"date", text_or_empty(utc)},
                {"message-id", text_or_empty(g_mime_message_get_message_id(message))},
                {"leaves", leaves}};
        g_free(utc);
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return view;
}

}  // namespace

int main(int count, char** files) {
    g_mime_init();
    for (int i = 1; i < count; ++i) {
        std::ifstream in{files[i], std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
        json view = view_of(bytes);
        view["file"] = files[i];
        std::cout << view.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
    }
    return 0;
}
