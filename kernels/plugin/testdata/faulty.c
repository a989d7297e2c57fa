/* A plugin that does everything wrong, one kernel for each way; built several times with other macros
 * for what is wrong with a whole library. */
#include "../mlawave_plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ABI_VERSION
#define ABI_VERSION MLAWAVE_PLUGIN_ABI_VERSION
#endif
#ifndef NAME_PREFIX
#define NAME_PREFIX ""
#endif

#ifdef CRASH_ON_LOAD
__attribute__((constructor)) static void on_load(void) { raise(SIGSEGV); }
#endif

static int is(const char* name, const char* what) { return strcmp(name, what) == 0; }

static int supports(const mlawave_kernel* self, const mlawave_request* request, char* reason,
                    size_t size) {
  (void)request;
  if (!is(self->name, "refuses")) return 1;
  snprintf(reason, size, "not on a\nThursday");
  return 0;
}

/* The name is the plan. */
static int plan_create(const mlawave_kernel* self, const mlawave_request* request, void** plan,
                       char* error, size_t size) {
  (void)request;
  if (is(self->name, "crashes_in_plan")) raise(SIGSEGV);
  if (is(self->name, "fails_in_plan")) return snprintf(error, size, "no luck"), 7;
  *plan = (void*)self->name;
  return 0;
}

static void plan_info(void* plan, mlawave_plan_info* info) {
  if (is(plan, "has_negative_info")) info->units = -1;
}

static int launch(void* plan, const mlawave_tensors* tensors, uint32_t phase, void* stream,
                  char* error, size_t size) {
  (void)tensors, (void)phase, (void)stream, (void)error, (void)size;
  if (is(plan, "crashes")) raise(SIGSEGV);
  if (is(plan, "aborts")) abort();
  if (is(plan, "is_killed")) raise(SIGKILL);
  if (is(plan, "exits")) exit(0);
  if (is(plan, "fails")) return 5;
  return 0; /* and nothing was written */
}

static void plan_destroy(void* plan) {
  if (is(plan, "crashes_at_end")) raise(SIGSEGV);
}

#ifdef NO_LAUNCH
#define LAUNCH NULL
static const void* const unused = (const void*)&launch;
#else
#define LAUNCH launch
#endif

#define KERNEL(name)                                                                              \
  {sizeof(mlawave_kernel), MLAWAVE_BACKEND_CPU, NAME_PREFIX name, "does it wrong", 0, 0, supports, \
   plan_create, plan_info, LAUNCH, plan_destroy}

#ifdef ONE_NAME
static const mlawave_kernel table[] = {KERNEL(ONE_NAME)};
#else
static const mlawave_kernel table[] = {
    KERNEL("wrong"),           KERNEL("crashes"),   KERNEL("crashes_in_plan"), KERNEL("crashes_at_end"),
    KERNEL("aborts"),          KERNEL("is_killed"), KERNEL("exits"),           KERNEL("fails"),
    KERNEL("fails_in_plan"),   KERNEL("refuses"),   KERNEL("has_negative_info")};
#endif
enum { COUNT = sizeof(table) / sizeof(table[0]) };

const mlawave_plugin* mlawave_plugin_entry(void) {
  static const mlawave_kernel* kernels[COUNT];
  static const mlawave_plugin plugin = {
      sizeof(mlawave_plugin), ABI_VERSION, "faulty", "0.1", COUNT, kernels};
#ifdef NO_LAUNCH
  (void)unused;
#endif
  for (int i = 0; i < COUNT; ++i) kernels[i] = &table[i];
  return &plugin;
}
