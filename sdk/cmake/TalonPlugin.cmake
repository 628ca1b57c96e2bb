# talon_add_plugin(NAME name [USES lib...]): builds a plugin folder.
#
# All *.cpp and *.c of the current folder become build/plugins/NAME/libNAME.so, with plugin.yaml beside it: the folder
# that the host loads. The library sees only the sdk, exports one symbol (talon_plugin_v1) and must resolve
# everything else at link time. OUTPUT (or the variable TALON_PLUGIN_OUTPUT) names another folder. USES takes libraries from the allow-list below.
set(TALON_PLUGIN_LIST ${CMAKE_CURRENT_LIST_DIR}/talon_plugin.map CACHE INTERNAL "version script of plugins")
set(TALON_PLUGIN_USES sodium crypto odbc poco_net simdjson zxcvbn cjose ldap CACHE INTERNAL "libraries that a plugin may use")

add_custom_target(plugins)  # all of them: what the daemon loads

function(talon_add_plugin)
  cmake_parse_arguments(PLUGIN "" "NAME;OUTPUT" "USES;SOURCES" ${ARGN})
  if(NOT PLUGIN_OUTPUT AND TALON_PLUGIN_OUTPUT)
    set(PLUGIN_OUTPUT ${TALON_PLUGIN_OUTPUT})
  endif()
  if(NOT PLUGIN_OUTPUT)
    set(PLUGIN_OUTPUT ${CMAKE_BINARY_DIR}/plugins/${PLUGIN_NAME})
  endif()
  if(NOT PLUGIN_SOURCES)
    file(GLOB PLUGIN_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  endif()
  # The objects stand alone so that the plugin's tests link them too and run the same code in their own process.
  set(objects plugin_objects_${PLUGIN_NAME})
  add_library(${objects} OBJECT ${PLUGIN_SOURCES})
  target_link_libraries(${objects} PRIVATE talon_flags PUBLIC talon::sdk)
  set(target plugin_${PLUGIN_NAME})
  add_library(${target} MODULE $<TARGET_OBJECTS:${objects}>)
  add_dependencies(plugins ${target})
  set_target_properties(${target} PROPERTIES PREFIX lib OUTPUT_NAME ${PLUGIN_NAME}
    LIBRARY_OUTPUT_DIRECTORY ${PLUGIN_OUTPUT})
  target_link_libraries(${target} PRIVATE talon_flags talon::sdk)
  target_link_options(${target} PRIVATE -Wl,--version-script=${TALON_PLUGIN_LIST})
  if(NOT TALON_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  foreach(use IN LISTS PLUGIN_USES)
    if(NOT use IN_LIST TALON_PLUGIN_USES)
      message(FATAL_ERROR "plugin ${PLUGIN_NAME} USES ${use}, which is not on the list in TalonPlugin.cmake")
    endif()
    target_link_libraries(${objects} PUBLIC talon_use_${use})
    target_link_libraries(${target} PRIVATE talon_use_${use})
  endforeach()
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/plugin.yaml)
    configure_file(${CMAKE_CURRENT_SOURCE_DIR}/plugin.yaml ${PLUGIN_OUTPUT}/plugin.yaml COPYONLY)
  endif()
endfunction()
