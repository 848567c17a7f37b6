# mail_bench: lib/mail beside GMime. `mail_bench --benchmark_filter=-killer` leaves the killers out.
find_package(benchmark QUIET)
pkg_check_modules(gmime_bench IMPORTED_TARGET gmime-3.0)
if(benchmark_FOUND AND TARGET PkgConfig::gmime_bench)
  add_executable(mail_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/mail_bench.cpp ${CMAKE_CURRENT_LIST_DIR}/../mail/killers.cpp)
  set_target_properties(mail_bench PROPERTIES UNITY_BUILD OFF)  # both files have names of their own
  target_link_libraries(mail_bench PRIVATE tocsin::mail PkgConfig::gmime_bench benchmark::benchmark)
endif()
