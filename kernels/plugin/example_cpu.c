/* A complete plugin: MLA decode on one CPU thread, slow and right. See README.md.
 *   cc -O3 -shared -fPIC example_cpu.c -o example_cpu.so -lm */
#include "mlawave_plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  mlawave_problem p;
  int64_t numbers[]; /* n_kv, kv_begin */
} Plan;

static float load(const void* base, int64_t i, uint32_t dtype) {
  if (dtype == MLAWAVE_F16) return (float)((const _Float16*)base)[i];
  const uint32_t bits = (uint32_t)((const uint16_t*)base)[i] << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

static void store(void* base, int64_t i, uint32_t dtype, float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  if (dtype == MLAWAVE_F16) ((_Float16*)base)[i] = (_Float16)f;
  else ((uint16_t*)base)[i] = (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static int supports(const mlawave_kernel* self, const mlawave_request* r, char* reason, size_t n) {
  (void)self;
  if (r->problem->dtype <= MLAWAVE_BF16 && r->problem->layout <= MLAWAVE_NOPE_ROPE) return 1;
  snprintf(reason, n, "dtype %u, layout %u: not known here", r->problem->dtype, r->problem->layout);
  return 0;
}

static int plan_create(const mlawave_kernel* self, const mlawave_request* r, void** plan, char* error,
                       size_t n) {
  const size_t batch = (size_t)r->problem->batch;
  Plan* p = calloc(1, sizeof(Plan) + 2 * batch * sizeof(int64_t));
  (void)self;
  if (!p) return snprintf(error, n, "out of memory"), 1;
  /* An older program's struct ends earlier: what it lacks stays 0, here a contiguous cache. */
  memcpy(&p->p, r->problem, r->problem->size < sizeof(p->p) ? r->problem->size : sizeof(p->p));
  memcpy(p->numbers, r->problem->n_kv, batch * sizeof(int64_t));
  if (p->p.page_size == 0) memcpy(p->numbers + batch, r->problem->kv_begin, batch * sizeof(int64_t));
  *plan = p;
  return 0;
}

/* Cache row of a token. */
static int64_t cache_row(const Plan* plan, const mlawave_tensors* t, int request, int64_t token) {
  const mlawave_problem* p = &plan->p;
  if (p->page_size == 0) return plan->numbers[p->batch + request] + token;
  const int64_t page = t->block_table[request * p->max_pages + token / p->page_size];
  return page * p->page_size + token % p->page_size;
}

/* One query row: scores as they come, O and the sum rescaled when the maximum grows. */
static void one_row(const Plan* plan, const mlawave_tensors* t, int request, int64_t row, int64_t tokens) {
  const mlawave_problem* p = &plan->p;
  const int v = p->layout == MLAWAVE_ROPE_NOPE ? MLAWAVE_D_ROPE : 0;
  float o[MLAWAVE_D_V] = {0}, m = -INFINITY, sum = 0;
  for (int64_t i = 0; i < tokens; ++i) {
    const int64_t k = cache_row(plan, t, request, i) * MLAWAVE_D_QK;
    float s = 0;
    for (int d = 0; d < MLAWAVE_D_QK; ++d)
      s += load(t->q, row * MLAWAVE_D_QK + d, p->dtype) * load(t->kv, k + d, p->dtype);
    s *= p->scale;
    const float m_new = fmaxf(m, s), shrink = expf(m - m_new), weight = expf(s - m_new);
    for (int d = 0; d < MLAWAVE_D_V; ++d)
      o[d] = o[d] * shrink + weight * load(t->kv, k + v + d, p->dtype);
    sum = sum * shrink + weight;
    m = m_new;
  }
  for (int d = 0; d < MLAWAVE_D_V; ++d)
    store(t->out, row * MLAWAVE_D_V + d, p->dtype, tokens > 0 ? o[d] / sum : 0);
  t->lse[row] = tokens > 0 ? m + logf(sum) : -INFINITY;
}

static int launch(void* plan, const mlawave_tensors* t, uint32_t phase, void* stream, char* error,
                  size_t error_size) {
  const mlawave_problem* p = &((const Plan*)plan)->p;
  const int rows = p->heads * p->s_q;
  (void)phase, (void)stream, (void)error, (void)error_size;
  for (int r = 0; r < p->batch; ++r)
    for (int i = 0; i < rows; ++i) { /* query token i / heads sees all but the newer ones */
      const int64_t tokens = ((const Plan*)plan)->numbers[r] - (p->s_q - 1 - i / p->heads);
      one_row(plan, t, r, (int64_t)r * rows + i, tokens > 0 ? tokens : 0);
    }
  return 0;
}

static const mlawave_kernel kernel = {
    .size = sizeof(mlawave_kernel), .backend = MLAWAVE_BACKEND_CPU,
    .name = "example_cpu", .description = "one row at a time on one thread (example plugin)",
    .features = MLAWAVE_FEATURE_PAGES, .supports = supports, .plan_create = plan_create, .launch = launch, .plan_destroy = free};

const mlawave_plugin* mlawave_plugin_entry(void) {
  static const mlawave_kernel* const kernels[] = {&kernel};
  static const mlawave_plugin plugin = {sizeof(mlawave_plugin), MLAWAVE_PLUGIN_ABI_VERSION,
                                        "example_cpu", "1.0", 1, kernels};
  return &plugin;
}
