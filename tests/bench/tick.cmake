# What a look at the clocks costs; as a test it fails when ten due ones among 100,000 take longer than 5 ms.
add_executable(tick_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/tick_bench.cpp)
target_link_libraries(tick_bench PRIVATE tocsin::intake tocsin_warnings)
target_compile_definitions(tick_bench PRIVATE TOCSIN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
if(CMAKE_BUILD_TYPE STREQUAL "Release")  # an unoptimized one measures nothing
  set_target_properties(tick_bench PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME tick_bench COMMAND tick_bench)
  set_tests_properties(tick_bench PROPERTIES LABELS bench TIMEOUT 120)
endif()
