# cmake -DSOURCE=… -DHEADER=… -DGIVEN=… -P: writes the header when the revision changed.
set(revision "${GIVEN}")
if(NOT revision)
  execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed OR NOT revision)
    set(revision unknown)
  endif()
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define MLAWAVE_GIT_REVISION \"${revision}\"\n")
