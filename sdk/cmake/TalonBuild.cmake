# What every target of the tree is compiled with, and how a room or a test binary is declared.

add_library(talon_flags INTERFACE)
target_compile_options(talon_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -g1 -fno-omit-frame-pointer
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  # Designated initialisers leave members at their defaults on purpose; gcc 12 warns even so.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-missing-field-initializers>
  # gcc 12 sees uninitialised members in every moved std::variant (bug 80635 and kin), talon::Json's among them.
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>
  # gcc's unique symbols would tie two versions of one plugin together (decision 0001).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
if(TALON_SANITIZE)
  target_compile_options(talon_flags INTERFACE -fsanitize=${TALON_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(talon_flags INTERFACE -fsanitize=${TALON_SANITIZE})
  if(TALON_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(talon_flags INTERFACE -Wno-tsan)  # Asio's fences; gcc warns, TSan copes
  endif()
endif()

# talon_room(NAME [LINK target...]): a static library `talon_host_NAME` of all sources below host/NAME.
function(talon_room name)
  cmake_parse_arguments(ROOM "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(talon_host_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(talon_host_${name} PRIVATE talon_flags)
  else()
    add_library(talon_host_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(talon_host_${name} ${scope} ${CMAKE_SOURCE_DIR})
  target_link_libraries(talon_host_${name} ${scope} talon::sdk ${ROOM_LINK})
endfunction()

# talon_test(NAME DIR [OPTIMIZED] [LINK target...]): one GoogleTest binary of all sources in DIR, run by ctest.
# OPTIMIZED: its own code does millions of steps.
function(talon_test name dir)
  cmake_parse_arguments(TEST "OPTIMIZED" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE
    talon_flags talon_sdk_testing talon::sdk ${TEST_LINK} GTest::gmock GTest::gtest_main)
  if(NOT TALON_SANITIZE AND NOT TEST_OPTIMIZED)
    target_compile_options(${name} PRIVATE -O0 -g0)  # compiled twice as fast; what they test is optimized
  endif()
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE
    TALON_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TALON_BUILD_DIR="${CMAKE_BINARY_DIR}")
  talon_register_test(${name})
endfunction()

# talon_register_test(TARGET): ctest and `./run test` (by the list in build/PRESET/tests.txt) run it.
function(talon_register_test target)
  add_test(NAME ${target} COMMAND ${target})
  set_property(GLOBAL APPEND PROPERTY TALON_TEST_LIST "${target} $<TARGET_FILE:${target}>")
endfunction()

# talon_unhurried(TARGET...): code that runs once a command, a sign-in or a document: optimized less, it is compiled a
# third faster.
function(talon_unhurried)
  if(TALON_SANITIZE)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE -O1)
  endforeach()
endfunction()
