# Install rules. Component `runtime`: the model and runtime libraries with their headers and the package
# `find_package(trispike COMPONENTS runtime)`. Component `program`: the command line.
include(CMakePackageConfigHelpers)

set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/trispike)

foreach(_library model runtime runtime_shared)
  set_target_properties(trispike_${_library} PROPERTIES EXPORT_NAME ${_library})
endforeach()
install(TARGETS trispike_model trispike_runtime trispike_runtime_shared
  EXPORT trispikeTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT runtime
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/model/include/ ${PROJECT_SOURCE_DIR}/runtime/include/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT runtime FILES_MATCHING PATTERN "*.h")
install(EXPORT trispikeTargets NAMESPACE trispike::
  DESTINATION ${_package_dir} COMPONENT runtime)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/trispikeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/trispikeConfig.cmake INSTALL_DESTINATION ${_package_dir})
# Before 1.0 a new minor version may break.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/trispikeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
# Relative, so that `cmake --install --prefix` may put it elsewhere.
file(RELATIVE_PATH _prefix_from_pc
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/trispike-runtime.pc.in
  ${PROJECT_BINARY_DIR}/trispike-runtime.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/trispikeConfig.cmake
  ${PROJECT_BINARY_DIR}/trispikeConfigVersion.cmake
  DESTINATION ${_package_dir} COMPONENT runtime)
install(FILES ${PROJECT_BINARY_DIR}/trispike-runtime.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)

if(TARGET trispike)
  file(RELATIVE_PATH _lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(trispike PROPERTIES INSTALL_RPATH "$ORIGIN/${_lib_from_bin}")
  install(TARGETS trispike RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
if(TARGET trispike_train_shared)
  # Training finds LibTorch where it was built against.
  set_target_properties(trispike_train_shared PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS trispike_train_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program)
endif()
if(TARGET trispike_cuda)  # where training looks for it
  set_target_properties(trispike_cuda PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS trispike_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT program)
endif()
