# What a deadline costs; as a test it fails when one takes longer than 20 us. Only what is built as it is installed can
# be held to that.
add_executable(sla_bench ${CMAKE_CURRENT_LIST_DIR}/sla_bench.cpp)
target_link_libraries(sla_bench PRIVATE tocsin::sla tocsin_warnings)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TOCSIN_SANITIZE)
  add_test(NAME sla_bench COMMAND sla_bench)
  set_tests_properties(sla_bench PROPERTIES LABELS bench TIMEOUT 60)
endif()
