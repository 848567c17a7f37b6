# What 300 rules cost over 8 KB of text; as a test it fails above 200 us of CPU.
add_executable(rules_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/rules_bench.cpp)
target_link_libraries(rules_bench PRIVATE tocsin::intake tocsin_warnings)
target_compile_definitions(rules_bench PRIVATE TOCSIN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TOCSIN_SANITIZE)  # an unoptimized one measures nothing
  set_target_properties(rules_bench PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME rules_bench COMMAND rules_bench)
  set_tests_properties(rules_bench PROPERTIES LABELS bench TIMEOUT 60)
endif()
