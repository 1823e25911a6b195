# SPDX-License-Identifier: MIT
# Runs a portfile with stand-ins for what vcpkg offers it:
#     cmake -DPORTFILE=... -DPORT=... -DFEATURES=... -DCURRENT_PACKAGES_DIR=... -P vcpkg.cmake
cmake_policy(SET CMP0057 NEW)  # IN_LIST

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${status}")
  endif()
endfunction()

function(vcpkg_configure_meson)
  cmake_parse_arguments(arg "" SOURCE_PATH OPTIONS ${ARGN})
  run(meson setup vcpkg-build "${arg_SOURCE_PATH}" --prefix=${CURRENT_PACKAGES_DIR} --libdir=lib ${arg_OPTIONS})
endfunction()

function(vcpkg_install_meson)
  run(${CMAKE_COMMAND} -E env --unset=DESTDIR meson install -C vcpkg-build)
endfunction()

# Moves the files, and corrects the one line that depends on where they stand.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(arg "" CONFIG_PATH "" ${ARGN})
  file(COPY "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
  file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}")
  set(config "${CURRENT_PACKAGES_DIR}/share/${PORT}/${PORT}-config.cmake")
  file(READ "${config}" text)
  string(REGEX REPLACE
    [[(get_filename_component\(PACKAGE_PREFIX_DIR "\${CMAKE_CURRENT_LIST_DIR}/\.\./)(\.\./)*" ABSOLUTE\)]]
    [[\1../" ABSOLUTE)]] text "${text}")
  file(WRITE "${config}" "${text}")
endfunction()

function(vcpkg_fixup_pkgconfig)
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(arg "" "" FILE_LIST ${ARGN})
  configure_file("${arg_FILE_LIST}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright" COPYONLY)
endfunction()

include("${PORTFILE}")
