# crypto_bench: opening and verifying beside two GPGME threads, and what a plain mail pays for a process of its own. As
# a test it fails below 90 % of the threads, or above 1 ms.
add_executable(crypto_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/crypto_bench.cpp)
target_link_libraries(crypto_bench PRIVATE tocsin_daemon tocsin::crypto PkgConfig::gpgme tocsin_warnings)
target_compile_definitions(crypto_bench PRIVATE TOCSIN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
add_dependencies(crypto_bench tocsin-examine)
if(CMAKE_BUILD_TYPE STREQUAL "Release")  # an unoptimized one measures nothing
  set_target_properties(crypto_bench PROPERTIES EXCLUDE_FROM_ALL OFF)
  add_test(NAME crypto_bench COMMAND crypto_bench)
  set_tests_properties(crypto_bench PROPERTIES LABELS bench TIMEOUT 300 RUN_SERIAL ON)
endif()
