# What a deadline costs; as a test it fails when one takes longer than 20 us.
add_executable(sla_bench ${CMAKE_CURRENT_LIST_DIR}/sla_bench.cpp)
target_link_libraries(sla_bench PRIVATE tocsin::sla tocsin_warnings)
add_test(NAME sla_bench COMMAND sla_bench)
set_tests_properties(sla_bench PROPERTIES LABELS bench TIMEOUT 60)
