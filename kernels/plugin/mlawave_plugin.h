/* mlawave's plugin ABI, version 1: an MLA decode kernel of your own in a shared library, listed,
 * verified and timed like the built-in ones. Copy this one file; C99 or C++, nothing to link.
 *
 *   cc -O3 -shared -fPIC my_kernel.c -o my_kernel.so              (nvcc -shared -Xcompiler -fPIC for CUDA)
 *   mlawave sweep --plugin ./my_kernel.so --kernel my_kernel,tile_reuse --n-kv 4096 --out out/mine
 *
 * The library exports one function, mlawave_plugin_entry(). kernels/plugin/README.md has the rules in full,
 * example_cpu.c and example_cuda.cu beside it are complete plugins.
 *
 * How the ABI grows. Every struct begins with `size`, the sizeof of whoever filled it in. New fields come
 * at the end, behind any padding, so a plugin built with an older header sees the front of each struct, and one built with a
 * newer header asks MLAWAVE_HAS(s, field) before it reads one. A kernel is never sent a problem that needs
 * something new and not in its `features`. Only a change that breaks this raises
 * MLAWAVE_PLUGIN_ABI_VERSION; a plugin of another version is refused, with both numbers.
 */
#ifndef MLAWAVE_PLUGIN_H
#define MLAWAVE_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define MLAWAVE_PLUGIN_ABI_VERSION 1u

/* True when the struct that *s points to is long enough to hold the field. */
#define MLAWAVE_HAS(s, field) \
  ((s)->size >= (size_t)((const char*)(&(s)->field + 1) - (const char*)(s)))

#ifdef _WIN32
#define MLAWAVE_EXPORT __declspec(dllexport)
#else
#define MLAWAVE_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The problem, absorbed ("MQA") form, one KV head; columns of a cache row are K, 512 of them are V too:
 *   S = Q K^T scale,  P = softmax(S),  O = P V,  lse = log sum exp(S)
 * Query token j (0 .. s_q-1) of request r sees its first n_kv[r] - (s_q - 1 - j) tokens, at least 0. */
enum { MLAWAVE_D_QK = 576, MLAWAVE_D_ROPE = 64, MLAWAVE_D_V = 512 };

/* Refuse a value that you do not know in supports(): later headers may have more. */
enum { MLAWAVE_BACKEND_CPU = 0, MLAWAVE_BACKEND_CUDA = 1 };
enum { MLAWAVE_F16 = 0, MLAWAVE_BF16 = 1 };                      /* of q, kv, v, out; sums are f32 */
enum { MLAWAVE_ROPE_NOPE = 0, MLAWAVE_NOPE_ROPE = 1 };           /* V: columns 64..575 or 0..511 */
enum { MLAWAVE_STREAM_K = 0, MLAWAVE_WAVE = 1, MLAWAVE_SPLIT_KV = 2, MLAWAVE_BALANCED = 3 };
enum { MLAWAVE_FEATURE_PAGES = 1 };                              /* bits of mlawave_kernel.features */
enum { MLAWAVE_PHASE_WHOLE = 0, MLAWAVE_PHASE_MAIN = 1 };        /* main: without the combine */

typedef struct mlawave_problem {
  uint32_t size;
  int32_t batch;           /* requests, 1 or more */
  int32_t heads;           /* 1..128 */
  int32_t s_q;             /* query tokens per request, 1..8 */
  const int64_t* n_kv;     /* [batch] cached tokens, the new ones included; 0 is allowed */
  const int64_t* kv_begin; /* [batch] token i of request r is cache row kv_begin[r] + i; NULL with pages */
  int64_t kv_rows;         /* rows of the cache; those that no request owns hold NaN */
  uint32_t dtype;
  uint32_t layout;
  float scale;
  uint32_t reserved; /* padding of the first header: a new field here could not be told from it */
  /* With MLAWAVE_FEATURE_PAGES: a cache of pages, [kv_rows / page_size, page_size, 576]; token i of request r is
   * row i % page_size of page block_table[r][i / page_size] (mlawave_tensors). Entries that no token needs are
   * no pages. */
  int64_t max_pages; /* entries in a row of the block table */
  int32_t page_size; /* tokens in a page, a power of two, 1..1024; 0: a contiguous cache */
  uint32_t reserved2;
} mlawave_problem;

typedef struct mlawave_policy { /* how work is to be dealt; a kernel may have rules of its own */
  uint32_t size;
  uint32_t schedule;
  int32_t chunk;  /* KV tokens in a unit of work: a multiple of 32, 32..4096; 8 for balanced */
  int32_t splits; /* split_kv only */
} mlawave_policy;

typedef struct mlawave_request { /* pointers in it are on the host and live until the call returns */
  uint32_t size;
  int32_t sms; /* SMs (CPU: worker threads) that the kernel may use */
  const mlawave_problem* problem;
  const mlawave_policy* policy;
} mlawave_request;

typedef struct mlawave_tensors { /* device pointers for CUDA, host pointers for CPU */
  uint32_t size;
  const void* q;  /* [batch, s_q, heads, 576] */
  const void* kv; /* [kv_rows, 576] */
  const void* v;  /* [kv_rows, 512], equal to the V columns of kv; NULL unless needs_separate_v */
  void* out;      /* [batch, s_q, heads, 512]; 0 where a row sees no token */
  float* lse;     /* [batch, s_q, heads], natural log; -inf where a row sees no token */
  const int32_t* block_table; /* [batch, max_pages]; NULL: a contiguous cache */
} mlawave_tensors;

/* For the record and for the prediction of steps; what you leave at 0 is not known. */
typedef struct mlawave_plan_info {
  uint32_t size;
  int32_t rows_per_tile; /* query rows (heads x s_q) that one CTA processes together */
  int32_t n_tiles;       /* head tiles per request */
  int32_t sms;
  int32_t ctas_per_sm;
  int32_t ctas_per_tile; /* more than one: a cluster shares a tile and is one slot */
  int32_t slots;         /* places where a CTA can be resident; 0: the record has no plan */
  int64_t units;         /* (request, head tile, chunk) */
  int64_t max_load;      /* units on the busiest slot */
  int64_t partials;      /* partial results to combine */
  int64_t workspace_bytes;
  int64_t shared_bytes_per_cta;
  int32_t registers_per_thread;
  int32_t threads_per_cta;
} mlawave_plan_info;

/* Texts (`reason`, `error`): the host gives a buffer with its size and an empty string in it; write with
 * snprintf(error, error_size, ...). UTF-8, one line. */
typedef struct mlawave_kernel mlawave_kernel;
struct mlawave_kernel {
  uint32_t size;           /* sizeof(mlawave_kernel) */
  uint32_t backend;
  const char* name;        /* letters, digits and _, not the name of a built-in kernel */
  const char* description; /* one line */
  uint32_t needs_separate_v;
  uint32_t features;       /* what it can do besides: MLAWAVE_FEATURE_…; later headers have more bits */

  /* 1: yes. 0: no, with the reason. May be NULL: yes to everything. */
  int (*supports)(const mlawave_kernel* self, const mlawave_request*, char* reason, size_t reason_size);
  /* 0: *plan is yours, whatever it is. Else: an error. Allocate and upload here: it is not timed. */
  int (*plan_create)(const mlawave_kernel* self, const mlawave_request*, void** plan, char* error,
                     size_t error_size);
  /* Fills in what it knows; *info is zeros but for size. May be NULL. */
  void (*plan_info)(void* plan, mlawave_plan_info* info);
  /* CUDA: enqueues on `stream` (a cudaStream_t) and returns; no allocation, no synchronisation, so that
   * it can be captured into a graph. CPU: runs to completion, stream is NULL. 0, or an error. */
  int (*launch)(void* plan, const mlawave_tensors*, uint32_t phase, void* stream, char* error,
                size_t error_size);
  void (*plan_destroy)(void* plan); /* may be NULL */
};

typedef struct mlawave_plugin { /* these two stay where they are in all versions */
  uint32_t size;                /* sizeof(mlawave_plugin) */
  uint32_t abi_version;         /* MLAWAVE_PLUGIN_ABI_VERSION */
  const char* name;
  const char* version; /* yours, as text; it goes into every run file */
  uint32_t kernel_count;
  const mlawave_kernel* const* kernels; /* [kernel_count]; all of it lives as long as the process */
} mlawave_plugin;

/* The one symbol that is looked up. Called once, from the main thread. */
MLAWAVE_EXPORT const mlawave_plugin* mlawave_plugin_entry(void);

#ifdef __cplusplus
}
#endif
#endif
