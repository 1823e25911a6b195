# SPDX-License-Identifier: MIT
# An overlay port: it takes the checkout that it stands in. For a registry, the first line becomes
# a vcpkg_from_github() of a release.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release)  # headers are the same in both

set(json_option json)
set(store_option sqlite)
set(options -Dnode=disabled -Dtests=disabled -Dbench=disabled)
foreach(feature IN ITEMS json store)
  if(feature IN_LIST FEATURES)
    list(APPEND options -D${${feature}_option}=enabled)
  else()
    list(APPEND options -D${${feature}_option}=disabled)
  endif()
endforeach()

vcpkg_configure_meson(SOURCE_PATH "${SOURCE_PATH}" OPTIONS ${options})
vcpkg_install_meson()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/crdt)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
