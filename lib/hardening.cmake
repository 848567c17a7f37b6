# Warnings, sanitizers and hardening: the same for every target of the project.
add_library(tocsin_warnings INTERFACE)
target_compile_options(tocsin_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror=switch
  $<$<BOOL:${TOCSIN_WERROR}>:-Werror>
  # GCC 12 sees overlaps in std::string that cannot be (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # So is this one of an optional or an expected of a string, once it is optimized.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
  # In a unity build every .cpp is an included file, for which this one is always given.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>)

if(TOCSIN_SANITIZE)
  add_compile_options(-fsanitize=${TOCSIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOCSIN_SANITIZE})
else()
  add_compile_options($<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
endif()
add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
add_compile_options($<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)
add_link_options(-pie -Wl,-z,relro,-z,now)
