# A layer is one static library made of all .cpp files of its folder and of those below it. It sees the headers of the layers that
# it names and no others' link interface; the libraries that it wraps stay private to it.
find_package(PkgConfig REQUIRED)

find_program(TOCSIN_CCACHE ccache)
if(TOCSIN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TOCSIN_CCACHE})
  if(TOCSIN_PRECOMPILE)  # or ccache keeps nothing that was compiled with them
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TOCSIN_CCACHE})
  endif()
endif()

function(tocsin_layer name)
  cmake_parse_arguments(arg "" "" "ON;WRAPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    add_library(tocsin_${name} INTERFACE)
    add_library(tocsin::${name} ALIAS tocsin_${name})
    target_include_directories(tocsin_${name} INTERFACE ${CMAKE_SOURCE_DIR}/lib)
    return()
  endif()
  add_library(tocsin_${name} STATIC ${sources})
  add_library(tocsin::${name} ALIAS tocsin_${name})
  target_include_directories(tocsin_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
  list(TRANSFORM arg_ON PREPEND tocsin::)
  target_link_libraries(tocsin_${name} PUBLIC ${arg_ON} PRIVATE ${arg_WRAPS} tocsin_warnings)
endfunction()

# Libraries that have no CMake package of their own; each becomes PkgConfig::NAME.
function(tocsin_pkg name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET GLOBAL ${module})
endfunction()
